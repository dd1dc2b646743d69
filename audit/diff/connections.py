"""Which connections between workloads, and with ranges of addresses, were opened and closed.

Only pairs with a workload that may be affected (`affected`) are worked out, in both snapshots, and compared:
its row of all destinations, and its column of all sources. Never the matrix.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.diff.affected import affected
from audit.diff.universe import Half, Universe
from audit.policy.identities import Ints
from audit.policy.model import Direction
from audit.policy.pairs import Pairs
from audit.policy.ports import Connections
from audit.policy.sets import NONE_NUMBER, ConnectionSets, Numbers
from audit.queries.groups import each_alone, row

Mask = NDArray[np.bool_]

_CELLS: Final = 1 << 26
"""Pairs of sources that are not affected with destinations that are, which are held at a time."""
_SAME: Final = -1
"""The kind of a pair that does not differ."""


class Change(NamedTuple):
    """What pairs have in the old and in the new snapshot, by number; and whether all their pods have it."""

    before: int
    before_all: bool
    after: int
    after_all: bool


class Changes(NamedTuple):
    """The pairs of one source that differ."""

    source: int
    """A workload or range, by its number in the Universe; ..."""
    destinations: Ints
    """... as are these."""
    kinds: Ints
    """What became of each, a number of `Comparison.kinds`."""


def _ignore(_: int) -> None:
    """Where nobody watches."""


@dataclass
class Comparison:
    """All pairs of two snapshots."""

    both: Universe
    kinds: list[Change] = field(default_factory=list)
    """The distinct changes, in the order in which they were met."""

    def __post_init__(self) -> None:
        """Prepare the translation of connection sets."""
        self._sets = self.both.old.engine.sets
        self._translated: list[int] = []
        self._numbers: dict[Change, int] = {}

    @cached_property
    def _marked(self) -> Mask:
        """Which workloads and ranges may be affected."""
        return np.append(affected(self.both), np.zeros(len(self.both.ranges), np.bool_))

    @property
    def _block(self) -> int:
        """How many sources are told together."""
        return max(1, _CELLS // max(1, int(self._marked.sum())))

    @property
    def steps(self) -> int:
        """How many rows and columns `rows` works out."""
        return int(self._marked.sum()) * (1 + -(-len(self.both) // self._block))

    def connections(self, number: int) -> Connections:
        """The connection set of a Change."""
        return self._sets[number]

    def rows(self, tick: Callable[[int], None] = _ignore) -> Iterator[Changes]:
        """The differences of each source that has any, by its number; `tick` is called at each step."""
        marked = self._marked
        to_all = self._halves(np.arange(len(self.both)), Direction.EGRESS)
        for begin in range(0, len(self.both), self._block):
            block = np.arange(begin, min(begin + self._block, len(self.both)))
            by_source = self._inward(block[~marked[block]], tick)
            for source in block.tolist():
                if marked[source]:
                    changes = Changes(source, *self._compared(source, to_all, own=source))
                    tick(1)
                else:
                    changes = next(by_source)
                if len(changes.destinations):
                    yield changes

    def _inward(self, sources: Ints, tick: Callable[[int], None]) -> Iterator[Changes]:
        """What differs from each of some sources that are not affected: from none but to those that are."""
        destinations = np.flatnonzero(self._marked)
        from_them = self._halves(sources, Direction.INGRESS)
        kinds = np.full((len(sources), len(destinations)), _SAME, np.int32)
        for place, destination in enumerate(destinations.tolist()):
            differs, found = self._compared(destination, from_them)
            kinds[differs, place] = found
            tick(1)
        for source, mine in zip(sources.tolist(), kinds, strict=True):
            at = np.flatnonzero(mine != _SAME)
            yield Changes(source, destinations[at], mine[at].astype(np.int64))

    def _halves(self, far: Ints, direction: Direction) -> "tuple[_Half, _Half]":
        near, workloads = np.flatnonzero(self._marked), self.both.workloads
        old, new = (_Half(half, workloads, near, far, direction) for half in (self.both.old, self.both.new))
        return old, new

    def _compared(
        self, near: int, halves: "tuple[_Half, _Half]", own: int | None = None
    ) -> tuple[Ints, Ints]:
        """At which places of the far side `near` has other connections, and the kinds of change.

        `own` is its own place there, if any.
        """
        (was, was_all), (now, now_all) = (half.row(near, own) for half in halves)
        now = self._as_old(now, halves[1].sets)
        differs = (was != now) | (was_all != now_all)
        if own is not None and any(half.alone(near) for half in halves):
            # a workload of one pod has no pair with itself: that it has another now is no change of policy
            differs[own] = False
        at = np.flatnonzero(differs)
        kinds, where = np.unique(
            np.stack([column[at].astype(np.int64) for column in (was, was_all, now, now_all)]),
            axis=1,
            return_inverse=True,
        )
        changes = (Change(a, bool(b), c, bool(d)) for a, b, c, d in kinds.T.tolist())
        numbers = np.array([self._kind(change) for change in changes], np.int64)
        return at, numbers[where]

    def _kind(self, change: Change) -> int:
        number = self._numbers.setdefault(change, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(change)
        return number

    def _as_old(self, numbers: Numbers, sets: ConnectionSets) -> Numbers:
        """The numbers that the old snapshot's engine has for the same sets."""
        for number in range(len(self._translated), sets.count):
            self._translated.append(self._sets.number(sets[number]))
        return np.array(self._translated, np.int32)[numbers]


class _Half:
    """Some workloads, the near side, with some workloads and ranges, the far one, in one snapshot."""

    def __init__(self, half: Half, workloads: int, near: Ints, far: Ints, direction: Direction) -> None:
        """Numbers of the Universe, in order; `direction` is that in which near ones see the others."""
        self.sets = half.engine.sets
        self._groups = half.groups
        self._size = len(far)
        self._of_workload = np.full(workloads, -1)
        self._of_workload[half.workloads] = np.arange(len(half.workloads))
        inside = far[: far.searchsorted(workloads)]
        there = self._of_workload[inside] >= 0
        groups = half.groups.part(self._of_workload[inside[there]])
        ranges = half.cells[far[len(inside) :] - workloads]
        ends, places = np.unique(np.concatenate([groups.ends, ranges]), return_inverse=True)
        self._far = groups._replace(ends=places[: len(groups.ends)]).and_then(
            each_alone(places[len(groups.ends) :])
        )
        self._there = np.append(np.flatnonzero(there), np.arange(len(inside), len(far)))
        """Places of far ones that are in this snapshot."""
        self._place = np.cumsum(there) - 1
        mine = half.groups.part(self._of_workload[near][self._of_workload[near] >= 0])
        self._pairs = Pairs(half.engine, np.unique(mine.ends), ends, direction)

    def alone(self, near: int) -> bool:
        """Whether a workload has one pod here, or none."""
        group = self._of_workload[near]
        return group < 0 or self._groups.size(group) < 2

    def row(self, near: int, own: int | None) -> tuple[Numbers, Mask]:
        """What a near one and each far one may open, and whether all their pods may; NONE if not here.

        `own` is the place of the near one among the far ones, if any.
        """
        numbers, same = np.full(self._size, NONE_NUMBER, np.int32), np.ones(self._size, np.bool_)
        group = int(self._of_workload[near])
        if group < 0 or not len(self._there):
            return numbers, same
        place = None if own is None else int(self._place[own])
        found = row(self._pairs, self.sets, self._groups, group, self._far, place)
        numbers[self._there], same[self._there] = found.connections, found.same
        return numbers, same
