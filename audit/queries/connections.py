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

LEVELS: Final = ("pod", "workload", "namespace")
_ROWS: Final = 50_000
"""Rows of a chunk, about: the rows of one source are not divided."""


class _Groups(NamedTuple):
    """What stands in a row, by number: first pods, workloads or namespaces, then ranges of addresses.

    Group g has the ends `ends[bounds[g]:bounds[g + 1]]`, `pods` pods in each. The first range is `outside`.
    """

    names: NDArray[np.object_]
    ends: Ints
    pods: Ints
    bounds: Ints
    outside: int


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
    engine = facts.cluster.engine
    groups, chosen = _groups(facts, level, namespaces)
    pairs = Pairs(engine)
    waiting: list[_Rows] = []
    count = 0
    for source in range(len(groups.names)):
        rows = _rows(groups, source, pairs, engine.sets, chosen)
        waiting.append(rows)
        count += len(rows.sources)
        if count >= _ROWS:
            yield _frame(groups, engine.sets, waiting)
            waiting, count = [], 0
    if count:
        yield _frame(groups, engine.sets, waiting)


def _groups(facts: Facts, level: str, namespaces: frozenset[str] | None) -> tuple[_Groups, NDArray[np.bool_]]:
    """The groups of a level, and which of them lie in `namespaces`; ranges of addresses lie in none."""
    ends = facts.cluster.engine.ends
    pods = facts.pods[["namespace", "pod", "workload"]].astype("str")
    key = {"pod": ["namespace", "pod"], "workload": ["namespace", "workload"], "namespace": ["namespace"]}[
        level
    ]
    grouped = pods.groupby(key, sort=True)
    of_pod = grouped.ngroup().to_numpy()
    named = grouped[key].first()
    inside = len(named)
    counted = pd.DataFrame({"group": of_pod, "end": facts.cluster.identity_of_pod}).value_counts(sort=False)
    counted = counted.sort_index()
    cells = np.arange(len(ends.cells))
    group = np.concatenate([counted.index.get_level_values("group").to_numpy(), inside + cells])
    texts = [*named.agg("/".join, axis=1), *(str(ends.cells.range(cell)) for cell in cells.tolist())]
    groups = _Groups(
        names=np.array(texts, dtype=object),
        ends=np.concatenate([counted.index.get_level_values("end").to_numpy(), ends.cell_end(0) + cells]),
        pods=np.concatenate([counted.to_numpy(), np.ones(len(cells), np.int64)]),
        bounds=np.searchsorted(group, np.arange(inside + len(cells) + 1)),
        outside=inside,
    )
    chosen = np.ones(len(texts), np.bool_)
    if namespaces is not None:
        chosen[:inside] = named["namespace"].isin(namespaces)
        chosen[inside:] = False
    return groups, chosen


def _rows(
    groups: _Groups, source: int, pairs: Pairs, sets: ConnectionSets, chosen: NDArray[np.bool_]
) -> _Rows:
    """The rows of one source; outside with outside has none, nor has a pod with itself."""
    members = slice(groups.bounds[source], groups.bounds[source + 1])
    last = len(groups.names) if source < groups.outside else groups.outside
    table = np.stack([pairs.row(int(end)) for end in groups.ends[members]])[:, groups.ends]
    least = np.minimum.reduceat(table.min(axis=0), groups.bounds[:-1])[:last]
    most = np.maximum.reduceat(table.max(axis=0), groups.bounds[:-1])[:last]
    numbers, same = most.copy(), least == most
    for group in np.flatnonzero(~same).tolist():
        numbers[group] = _union(table[:, groups.bounds[group] : groups.bounds[group + 1]], sets)
    if source < groups.outside:
        among = _among_themselves(table[:, members], groups.pods[members])
        numbers[source] = _union(among, sets)
        same[source] = len(np.unique(among)) == 1
    wanted = numbers != NONE_NUMBER
    if not chosen[source]:
        wanted &= chosen[:last]
    there = np.flatnonzero(wanted)
    return _Rows(np.full(len(there), source), there, numbers[there], same[there])


def _frame(groups: _Groups, sets: ConnectionSets, rows: Sequence[_Rows]) -> pd.DataFrame:
    """The rows of several sources in words."""
    sources, destinations, connected, same = map(np.concatenate, zip(*rows, strict=True))
    numbers, where = np.unique(connected, return_inverse=True)
    texts = np.array([str(sets[number]) for number in numbers.tolist()], dtype=object)
    return CONNECTIONS.frame(
        {
            "source": groups.names[sources],
            "destination": groups.names[destinations],
            "connections": texts[where],
            "scope": np.where(same, "all", "some"),
        }
    )


def _among_themselves(table: Numbers, pods: Ints) -> Numbers:
    """The pairs of a group with itself: all but those of an end of one pod with itself."""
    pairs = np.ones(table.shape, np.bool_)
    np.fill_diagonal(pairs, pods > 1)
    return table[pairs]


def _union(numbers: Numbers, sets: ConnectionSets) -> int:
    """All that any of the pairs has; NONE if there is no pair."""
    union = np.array([NONE_NUMBER], np.int32)
    for number in np.unique(numbers).tolist():
        union = sets.union(union, number)
    return int(union[0])
