"""Which connections between workloads, and with ranges of addresses, were opened and closed.

A row of one source is worked out in both snapshots and compared; never the matrix. Only rows and columns of
workloads that may be affected are (`affected`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.diff.affected import affected
from audit.diff.universe import Half, Universe
from audit.policy.identities import Ints
from audit.policy.pairs import Pairs
from audit.policy.ports import Connections
from audit.policy.sets import NONE_NUMBER, ConnectionSets, Numbers
from audit.queries.groups import each_alone, row

Mask = NDArray[np.bool_]


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


@dataclass
class Comparison:
    """All pairs of two snapshots, a source at a time."""

    both: Universe
    kinds: list[Change] = field(default_factory=list)
    """The distinct changes, in the order in which they were met."""

    def __post_init__(self) -> None:
        """Prepare the translation of connection sets."""
        self._sets = self.both.old.engine.sets
        self._translated: list[int] = []
        self._numbers: dict[Change, int] = {}

    def connections(self, number: int) -> Connections:
        """The connection set of a Change."""
        return self._sets[number]

    def sources(self) -> int:
        """How many sources `rows` works out."""
        return len(self.both)

    def rows(self) -> Iterator[Changes | None]:
        """The differences of each source that has any, None for each other; by its number."""
        both = self.both
        marked = affected(both)
        whole = _Rows(both, marked, np.arange(len(both)))
        some = _Rows(both, ~marked, np.flatnonzero(marked))
        for source in range(len(both)):
            is_marked = source < both.workloads and marked[source]
            yield self._compared(source, whole if is_marked else some)

    def _compared(self, source: int, rows: "_Rows") -> Changes | None:
        (was, was_all), (now, now_all) = rows.old.row(source), rows.new.row(source)
        now = self._as_old(now, rows.new.sets)
        differs = (was != now) | (was_all != now_all)
        if rows.own[source] >= 0 and (rows.old.alone(source) or rows.new.alone(source)):
            # a workload of one pod has no pair with itself: that it has another now is no change of policy
            differs[rows.own[source]] = False
        at = np.flatnonzero(differs)
        if not len(at):
            return None
        kinds, where = np.unique(
            np.stack([column[at].astype(np.int64) for column in (was, was_all, now, now_all)]),
            axis=1,
            return_inverse=True,
        )
        changes = (Change(a, bool(b), c, bool(d)) for a, b, c, d in kinds.T.tolist())
        numbers = np.array([self._kind(change) for change in changes], np.int64)
        return Changes(source, rows.destinations[: len(differs)][at], numbers[where])

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


class _Rows:
    """Rows of both snapshots, from some of the workloads and all ranges to some destinations."""

    def __init__(self, both: Universe, sources: Mask, destinations: Ints) -> None:
        """`sources` says which workloads; `destinations` are numbers of the Universe, in order."""
        self.destinations = destinations
        """Workloads, then ranges; of a range as a source the workloads alone."""
        self.own = np.full(len(both), -1)
        """The place of each source among the workloads that are destinations."""
        inside = destinations[: destinations.searchsorted(both.workloads)]
        self.own[inside] = np.arange(len(inside))
        self.old, self.new = (
            _Asked(half, both.workloads, sources, destinations, self.own) for half in (both.old, both.new)
        )


class _Asked:
    """What the rows are in one snapshot."""

    def __init__(self, half: Half, workloads: int, sources: Mask, destinations: Ints, own: Ints) -> None:
        """`own` has the place of each workload among the destinations."""
        self.sets = half.engine.sets
        self._workloads, self._own = workloads, own
        self._sources = half.groups
        self._of_workload = np.full(workloads, -1)
        self._of_workload[half.workloads] = np.arange(len(half.workloads))
        self._ranges = each_alone(half.cells)
        inside = destinations[: destinations.searchsorted(workloads)]
        there = self._of_workload[inside] >= 0
        self._sizes = len(inside), len(destinations)
        to = half.groups.part(self._of_workload[inside[there]])
        ranges = half.cells[destinations[len(inside) :] - workloads]
        ends, places = np.unique(np.concatenate([to.ends, ranges]), return_inverse=True)
        self._inside = to._replace(ends=places[: len(to.ends)])
        self._all = self._inside.and_then(each_alone(places[len(to.ends) :]))
        self._there = np.flatnonzero(there)
        self._there_all = np.concatenate([self._there, np.arange(len(inside), len(destinations))])
        """Places of destinations that are in this snapshot."""
        self._place = np.cumsum(there) - 1
        mine = half.groups.part(self._of_workload[np.flatnonzero(sources & (self._of_workload >= 0))])
        self._pairs = Pairs(half.engine, np.unique(np.concatenate([mine.ends, half.cells])), ends)

    def alone(self, source: int) -> bool:
        """Whether a workload has one pod here, or none."""
        group = self._of_workload[source]
        return group < 0 or self._sources.size(group) < 2

    def row(self, source: int) -> tuple[Numbers, Mask]:
        """What the source may open to each destination, a range to workloads only; NONE if it is not here."""
        outside = source >= self._workloads
        size = self._sizes[0 if outside else 1]
        numbers, same = np.full(size, NONE_NUMBER, np.int32), np.ones(size, np.bool_)
        group = source - self._workloads if outside else int(self._of_workload[source])
        to, at = (self._inside, self._there) if outside else (self._all, self._there_all)
        if group < 0 or not len(at):
            return numbers, same
        own = None if outside or self._own[source] < 0 else int(self._place[self._own[source]])
        found = row(self._pairs, self.sets, self._ranges if outside else self._sources, group, to, own)
        numbers[at], same[at] = found.connections, found.same
        return numbers, same
