"""Pairs whose connections changed in the same way: sources with equal rows, destinations with equal columns.

A policy that is lost opens its pods to thousands of others: that is one change, and is told as one.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from audit.diff.connections import Change, Changes, Comparison
from audit.policy.identities import Ints, number_sets

MOST: Final = 20_000_000
"""Pairs, each of one row of many equal ones, that are held in memory."""


class Group(NamedTuple):
    """Each of the sources with each of the destinations: the same change."""

    change: Change
    sources: Ints
    """Numbers of the Universe, in order; ..."""
    destinations: Ints
    """... as are these."""

    @property
    def pairs(self) -> int:
        """How many there are."""
        return len(self.sources) * len(self.destinations)


class Grouped(NamedTuple):
    """All changes."""

    groups: list[Group]
    """The largest first."""
    pairs: int
    """All that differ."""
    left_out: int
    """Of these, how many are in no group, as there were too many different ones."""


def grouped(comparison: Comparison, rows: Iterable[Changes], most: int = MOST) -> Grouped:
    """Put the changes together."""
    alike: dict[bytes, list[int]] = {}
    kept: list[Changes] = []
    held = pairs = left_out = 0
    for changes in rows:
        pairs += len(changes.destinations)
        key = changes.destinations.tobytes() + changes.kinds.tobytes()
        if key in alike:
            alike[key].append(changes.source)
        elif held + len(changes.destinations) > most:
            left_out += len(changes.destinations)
        else:
            held += len(changes.destinations)
            alike[key] = [changes.source]
            kept.append(changes)
    sources = [np.array(each, np.int64) for each in alike.values()]
    groups = _by_columns(comparison, kept, sources) if kept else []
    return Grouped(groups, pairs, left_out)


def _by_columns(comparison: Comparison, rows: list[Changes], sources: list[Ints]) -> list[Group]:
    """The groups of rows, of which each stands for some sources."""
    number = np.repeat(np.arange(len(rows)), [len(each.destinations) for each in rows])
    kinds = np.concatenate([each.kinds for each in rows])
    destinations, column = np.unique(
        np.concatenate([each.destinations for each in rows]), return_inverse=True
    )
    item = number * len(comparison.kinds) + kinds
    like = number_sets(column, item, len(destinations))
    together: dict[tuple[int, bytes], list[Ints]] = {}
    order = np.argsort(column, kind="stable")
    bounds = np.searchsorted(column[order], np.arange(len(destinations) + 1))
    members = np.split(np.argsort(like, kind="stable"), np.flatnonzero(np.diff(np.sort(like))) + 1)
    for same in members:
        entries = order[bounds[same[0]] : bounds[same[0] + 1]]
        for kind in np.unique(kinds[entries]).tolist():
            of_rows = number[entries[kinds[entries] == kind]]
            from_ = np.sort(np.concatenate([sources[row] for row in of_rows.tolist()]))
            together.setdefault((kind, from_.tobytes()), []).append(destinations[same])
    groups = [
        Group(comparison.kinds[kind], np.frombuffer(data, np.int64), np.sort(np.concatenate(to)))
        for (kind, data), to in together.items()
    ]
    return sorted(groups, key=lambda g: (-g.pairs, int(g.sources[0]), int(g.destinations[0])))
