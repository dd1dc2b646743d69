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
from audit.queries.groups import Groups, row

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
        self._translated = np.empty(0, np.int32)
        self._numbers: dict[Change, int] = {}

    def connections(self, number: int) -> Connections:
        """The connection set of a Change."""
        return self._sets[number]

    def sources(self) -> int:
        """How many sources `rows` works out."""
        return len(self.both)

    def rows(self) -> Iterator[Changes | None]:
        """The differences of each source that has any, None for each other; by its number."""
        marked = affected(self.both)
        everyone = np.ones(self.both.workloads, np.bool_)
        halves = (self.both.old, self.both.new)
        whole = [_Asked(self.both, half, marked, everyone, ranges=True) for half in halves]
        some = [_Asked(self.both, half, ~marked, marked, ranges=False) for half in halves]
        for source in range(len(self.both)):
            is_marked = source < self.both.workloads and marked[source]
            yield self._compared(source, *(whole if is_marked else some))

    def _compared(self, source: int, old: "_Asked", new: "_Asked") -> Changes | None:
        (was, was_all), (now, now_all) = old.row(source), new.row(source)
        now = self._as_old(now, new.sets)
        differs = (was != now) | (was_all != now_all)
        if old.alone(source) or new.alone(source):
            # a workload of one pod has no pair with itself: that it has another now is no change of policy
            differs[source] = False
        at = np.flatnonzero(differs)
        if not len(at):
            return None
        columns = (c[at].tolist() for c in (was, was_all, now, now_all))
        changes = [Change(*values) for values in zip(*columns, strict=True)]
        return Changes(source, at, np.array([self._kind(change) for change in changes], np.int64))

    def _kind(self, change: Change) -> int:
        number = self._numbers.get(change)
        if number is None:
            number = self._numbers[change] = len(self.kinds)
            self.kinds.append(change)
        return number

    def _as_old(self, numbers: Numbers, sets: ConnectionSets) -> Numbers:
        """The numbers that the old snapshot's engine has for the same sets."""
        known = len(self._translated)
        if len(numbers) and int(numbers.max()) >= known:
            more = [self._sets.number(sets[i]) for i in range(known, int(numbers.max()) + 1)]
            self._translated = np.append(self._translated, np.array(more, np.int32))
        return self._translated[numbers] if len(numbers) else numbers


class _Asked:
    """Rows of one snapshot, in the numbers of the Universe, from and to some of the workloads."""

    def __init__(
        self, both: Universe, half: Half, sources: Mask, destinations: Mask, *, ranges: bool
    ) -> None:
        """`sources` and `destinations` say which workloads; `ranges` whether they are destinations, too."""
        self._size, self._workloads = len(both), both.workloads
        self._half = half
        self._of_workload = np.full(both.workloads, -1)
        self._of_workload[half.workloads] = np.arange(len(half.workloads))
        self.sets = half.engine.sets
        chosen = np.flatnonzero(destinations[half.workloads])
        to = _part(half.groups, chosen)
        self._to_workloads = half.workloads[chosen]
        self._to = np.concatenate(
            [self._to_workloads, np.arange(both.workloads, len(both) if ranges else both.workloads)]
        )
        ends = np.concatenate([to.ends, half.cells]) if ranges else to.ends
        others, places = np.unique(ends, return_inverse=True)
        pods = np.concatenate([to.pods, np.ones(len(ends) - len(to.ends), np.int64)])
        bounds = np.concatenate([to.bounds, to.bounds[-1] + 1 + np.arange(len(ends) - len(to.ends))])
        self._groups = Groups(places, pods, bounds)
        self._inside = Groups(places[: len(to.ends)], to.pods, to.bounds)
        mine = _part(half.groups, np.flatnonzero(sources[half.workloads]))
        start = [mine.ends] if ranges else [mine.ends, half.cells]
        self._pairs = Pairs(half.engine, np.unique(np.concatenate(start)), others)
        self._own = np.full(both.workloads, -1)
        self._own[self._to_workloads] = np.arange(len(chosen))
        self._range_sources = Groups(
            half.cells, np.ones(len(half.cells), np.int64), np.arange(len(half.cells) + 1)
        )

    def alone(self, source: int) -> bool:
        """Whether the source is a workload of one pod here, or of none."""
        if source >= self._workloads:
            return False
        group = self._of_workload[source]
        if group < 0:
            return True
        bounds = self._half.groups.bounds
        return int(self._half.groups.pods[bounds[group] : bounds[group + 1]].sum()) < 2

    def row(self, source: int) -> tuple[Numbers, Mask]:
        """What the source may open to each workload and range; NONE to those that are not asked about."""
        numbers, same = np.full(self._size, NONE_NUMBER, np.int32), np.ones(self._size, np.bool_)
        outside = source >= self._workloads
        group = source - self._workloads if outside else int(self._of_workload[source])
        to, at = (self._inside, self._to_workloads) if outside else (self._groups, self._to)
        if group < 0 or not len(at):
            return numbers, same
        own = -1 if outside else int(self._own[source])
        sources = self._range_sources if outside else self._half.groups
        found = row(self._pairs, self.sets, sources, group, to, own if own >= 0 else None)
        numbers[at], same[at] = found.connections, found.same
        return numbers, same


def _part(groups: Groups, chosen: Ints) -> Groups:
    """Some of the groups."""
    first, size = groups.bounds[chosen], np.diff(groups.bounds)[chosen]
    bounds = np.concatenate([[0], np.cumsum(size)])
    at = np.repeat(first - bounds[:-1], size) + np.arange(bounds[-1])
    return Groups(groups.ends[at], groups.pods[at], bounds)
