"""The workloads and ranges of addresses of both snapshots, numbered together.

First the workloads by namespace and name, then ranges: the cells that the ipBlocks of both cut the address
space into. Each snapshot has some of the workloads, and each range lies in one of its cells.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audit.diff.side import Side
from audit.facts import Facts
from audit.policy.addresses import Address, Cells, Range
from audit.policy.engine import Engine
from audit.policy.identities import Ints, blocks
from audit.queries.groups import Groups, of_pods


@dataclass(frozen=True)
class Half:
    """One snapshot, seen from what both have."""

    facts: Facts
    groups: Groups
    """Its workloads, as ends of its engine."""
    workloads: Ints
    """The number of each of its workloads."""
    cells: Ints
    """The end of its engine in which each range lies."""

    @property
    def engine(self) -> Engine:
        """That judges it."""
        return self.facts.cluster.engine


@dataclass(frozen=True)
class Universe:
    """What both snapshots have."""

    names: NDArray[np.object_]
    """`namespace/Kind/name` of each workload, then the ranges as text."""
    namespaces: NDArray[np.object_]
    """Of each workload."""
    ranges: list[Range]
    old: Half
    new: Half

    @cached_property
    def sides(self) -> NDArray[np.str_]:
        """Which snapshots have each: both, old or new; ranges are in both."""
        sides = np.full(len(self), "both")
        every = np.arange(self.workloads)
        for half, other in ((self.old, "new"), (self.new, "old")):
            sides[np.setdiff1d(every, half.workloads)] = other
        return sides

    @property
    def workloads(self) -> int:
        """How many there are; the first range has this number."""
        return len(self.namespaces)

    def __len__(self) -> int:
        """Workloads and ranges."""
        return len(self.names)


def universe(old: Side, new: Side) -> Universe:
    """Number the workloads and ranges of two snapshots."""
    sides = (old.facts, new.facts)
    grouped = [of_pods(facts, "workload") for facts in sides]
    keys = [list(zip(k["namespace"].tolist(), k["workload"].tolist(), strict=True)) for _, k in grouped]
    every = sorted({*keys[0], *keys[1]})
    number = {key: place for place, key in enumerate(every)}
    cells = Cells({block for facts in sides for policy in facts.cluster.policies for block in blocks(policy)})
    ranges = [cells.range(cell) for cell in range(len(cells))]
    halves = [
        Half(facts, groups, np.array([number[key] for key in mine], np.int64), _cells(facts, ranges))
        for facts, (groups, _), mine in zip(sides, grouped, keys, strict=True)
    ]
    return Universe(
        names=np.array([*("/".join(key) for key in every), *map(str, ranges)], dtype=object),
        namespaces=np.array([namespace for namespace, _ in every], dtype=object),
        ranges=ranges,
        old=halves[0],
        new=halves[1],
    )


def _cells(facts: Facts, ranges: list[Range]) -> Ints:
    return facts.cluster.engine.ends.outside([Address(each.family, each.first) for each in ranges])
