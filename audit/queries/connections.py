"""Every allowed connection, of pods, workloads or namespaces, and of ranges of outside addresses."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.facts import Facts
from audit.frames import CONNECTIONS
from audit.policy.identities import Ints
from audit.policy.pairs import Pairs
from audit.policy.sets import NONE_NUMBER, ConnectionSets, Numbers
from audit.queries.groups import Groups, each_alone, of_pods, row

LEVELS: Final = ("pod", "workload", "namespace")
_ROWS: Final = 50_000
"""Rows of a chunk, about: the rows of one source are not divided."""


class _Named(NamedTuple):
    """What stands in a row, by number: first pods, workloads or namespaces, then ranges of addresses.

    The first range is `outside`.
    """

    names: NDArray[np.object_]
    groups: Groups
    outside: int

    @property
    def inside(self) -> Groups:
        """The groups of pods alone."""
        bounds = self.groups.bounds[: self.outside + 1]
        return Groups(self.groups.ends[: bounds[-1]], self.groups.pods[: bounds[-1]], bounds)


class _Rows(NamedTuple):
    """Rows that are to be written: groups, numbers of connection sets, whether all pairs have them."""

    sources: Ints
    destinations: Ints
    connections: Numbers
    same: NDArray[np.bool_]


def connections(facts: Facts, level: str, namespaces: frozenset[str] | None = None) -> Iterator[pd.DataFrame]:
    """The rows of `frames.CONNECTIONS` at a level of LEVELS, in chunks, by source and destination.

    `namespaces` narrows them to those with an end in one of these. By policy alone: the exemptions of a pod's
    own node, and of a pod to itself, add no rows.
    """
    if not len(facts.pods):
        return
    engine = facts.cluster.engine
    named, chosen = _named(facts, level, namespaces)
    pairs = Pairs(engine)
    waiting: list[_Rows] = []
    count = 0
    for source in range(len(named.names)):
        rows = _rows(named, source, pairs, engine.sets, chosen)
        waiting.append(rows)
        count += len(rows.sources)
        if count >= _ROWS:
            yield _frame(named, engine.sets, waiting)
            waiting, count = [], 0
    if count:
        yield _frame(named, engine.sets, waiting)


def _named(facts: Facts, level: str, namespaces: frozenset[str] | None) -> tuple[_Named, NDArray[np.bool_]]:
    """The groups of a level, and which of them lie in `namespaces`; ranges of addresses lie in none."""
    ends = facts.cluster.engine.ends
    inside, keys = of_pods(facts, level)
    cells = np.arange(len(ends.cells))
    texts = [*keys.agg("/".join, axis=1), *(str(ends.cells.range(cell)) for cell in cells.tolist())]
    groups = inside.and_then(each_alone(ends.cell_end(0) + cells))
    chosen = np.ones(len(texts), np.bool_)
    if namespaces is not None:
        chosen[: len(keys)] = keys["namespace"].isin(namespaces)
        chosen[len(keys) :] = False
    return _Named(np.array(texts, dtype=object), groups, len(keys)), chosen


def _rows(named: _Named, source: int, pairs: Pairs, sets: ConnectionSets, chosen: NDArray[np.bool_]) -> _Rows:
    """The rows of one source; outside with outside has none, nor has a pod with itself."""
    is_pods = source < named.outside
    to = named.groups if is_pods else named.inside
    found = row(pairs, sets, named.groups, source, to, source if is_pods else None)
    wanted = found.connections != NONE_NUMBER
    if not chosen[source]:
        wanted &= chosen[: len(wanted)]
    there = np.flatnonzero(wanted)
    return _Rows(np.full(len(there), source), there, found.connections[there], found.same[there])


def _frame(named: _Named, sets: ConnectionSets, rows: Sequence[_Rows]) -> pd.DataFrame:
    """The rows of several sources in words."""
    sources, destinations, connected, same = map(np.concatenate, zip(*rows, strict=True))
    numbers, where = np.unique(connected, return_inverse=True)
    texts = np.array([str(sets[number]) for number in numbers.tolist()], dtype=object)
    return CONNECTIONS.frame(
        {
            "source": named.names[sources],
            "destination": named.names[destinations],
            "connections": texts[where],
            "scope": np.where(same, "all", "some"),
        }
    )
