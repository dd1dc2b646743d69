"""Was it isolated throughout a period, or open at some time of it: each workload and namespace.

What is known is known of the snapshots alone. `isolated_throughout` takes that every one of them shows the
thing, could tell, and found all its pods isolated; anything less is told as what it is, and `Sampling` tells
how many snapshots there are and how far apart. What is gone is kept, with the time of its last snapshot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from audit.exposure.isolation import spread
from audit.frames import PERIOD_NAMESPACES, PERIOD_WORKLOADS, STATES, Schema, arrow
from audit.history.record import Record
from audit.history.sampling import Sampling, sampled
from audit.history.tables import ISOLATED, NOT_ASSESSED, NOT_GOVERNED, OPEN
from audit.policy.identities import Ints
from audit.policy.model import Direction

VERDICTS: Final = ("isolated_throughout", "isolated_in_part", "open", "not_assessed", "not_governed")
_THROUGHOUT, _IN_PART, _OPEN, _NOT_ASSESSED, _NOT_GOVERNED = range(len(VERDICTS))
_NEVER: Final = -1


@dataclass(frozen=True)
class Period:
    """What the snapshots of a period say together."""

    sampling: Sampling
    workloads: pd.DataFrame
    """PERIOD_WORKLOADS, by namespace and workload."""
    namespaces: pd.DataFrame
    """PERIOD_NAMESPACES, by name."""


def period(records: Sequence[Record], since: datetime | None = None, until: datetime | None = None) -> Period:
    """What the records of a period say; see `sampled` for which those are."""
    kept, sampling = sampled(records, since, until)
    workloads, namespaces = _Seen(("namespace", "workload")), _Seen(("namespace",))
    for number, record in enumerate(kept):
        read = None if record.head.pods_read else _read(record)
        workloads.add(number, record.arrow("workloads", [*workloads.keys, *Direction]), read)
        namespaces.add(number, record.arrow("namespaces", [*namespaces.keys, *Direction]), read)
    times = [record.head.taken for record in kept]
    return Period(
        sampling, _frame(PERIOD_WORKLOADS, workloads, times), _frame(PERIOD_NAMESPACES, namespaces, times)
    )


def _read(record: Record) -> pd.Index:
    """The namespaces all of whose pods could be read."""
    rows = record.table("namespaces", ["namespace", "read"])
    names: pd.Index = pd.Index(rows["namespace"])[rows["read"].to_numpy()]
    return names


@dataclass
class _Seen:
    """What was seen of things with a key, a row each, in the order in which they were first seen."""

    keys: tuple[str, ...]
    """Columns that tell them apart; the first is the namespace."""
    rows: list[pa.Table] = field(default_factory=list)
    """The keys."""
    index: dict[str, int] = field(default_factory=dict)
    """The row of each key."""
    first: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """The number of the first snapshot that shows it; `last` is that of the last."""
    last: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    counts: Ints = field(default_factory=lambda: np.zeros((len(Direction), len(STATES), 0), np.int64))
    """By direction and state, in how many snapshots."""
    opened: Ints = field(default_factory=lambda: np.empty((len(Direction), 2, 0), np.int64))
    """By direction, the first and the last snapshot in which it was open."""
    partial: list[tuple[int, pd.Index, Ints]] = field(default_factory=list)
    """Snapshots of not all pods: the namespaces all of whose pods were read, and the rows that were seen."""
    _table: pa.Table | None = None
    _places: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, number: int, table: pa.Table, read: pd.Index | None) -> None:
        """A further snapshot; `read` as in `partial`, None if all pods were read."""
        places = self._placed(table.select(list(self.keys)), number)
        self.last[places] = number
        for i, direction in enumerate(Direction):
            states = _states(table[direction.value])
            self.counts[i, states, places] += 1
            wide = places[states == OPEN]
            self.opened[i, 1, wide] = number
            fresh = wide[self.opened[i, 0, wide] == _NEVER]
            self.opened[i, 0, fresh] = number
        if read is not None:
            self.partial.append((number, read, places))

    def _placed(self, keys: pa.Table, number: int) -> Ints:
        """The row of each key; what was not seen before gets one."""
        if self._table is not None and keys.equals(self._table):
            return self._places
        known, texts = len(self.index), _texts(keys)
        numbered = (self.index.setdefault(text, len(self.index)) for text in texts)
        places = np.fromiter(numbered, np.int64, len(texts))
        _, firsts = np.unique(places, return_index=True)
        new = firsts[places[firsts] >= known]
        self.rows.append(keys.take(pa.array(new)))
        self.first = np.append(self.first, np.full(len(new), number))
        self.last = np.append(self.last, np.full(len(new), number))
        grown = (len(Direction), len(STATES), len(new))
        self.counts = np.concatenate([self.counts, np.zeros(grown, np.int64)], axis=2)
        never = np.full((len(Direction), 2, len(new)), _NEVER)
        self.opened = np.concatenate([self.opened, never], axis=2)
        self._table, self._places = keys, places
        return places

    def unknown(self, snapshots: int) -> tuple[Ints, NDArray[np.bool_]]:
        """For each row in how many snapshots it may be unseen, and whether the last is one of them."""
        count, last = np.zeros(len(self.index), np.int64), np.zeros(len(self.index), np.bool_)
        home = pd.Index(_namespaces(self.rows), dtype="object")
        for number, read, places in self.partial:
            unseen = read.get_indexer(home) < 0
            unseen[places] = False
            count += unseen
            last |= unseen & (number == snapshots - 1)
        return count, last


def _frame(schema: Schema, seen: _Seen, times: Sequence[str]) -> pd.DataFrame:
    size, snapshots = len(seen.index), len(times)
    unknown, last_unknown = seen.unknown(snapshots)
    gone = pd.Series(seen.last < snapshots - 1, dtype="boolean").mask(pd.Series(last_unknown), pd.NA)
    columns: dict[str, object] = {
        **{key: _column(seen.rows, key) for key in seen.keys},
        "first_seen": spread(times, seen.first),
        "last_seen": spread(times, seen.last),
        "gone": gone,
        "snapshots": np.full(size, snapshots),
        "absent": snapshots - unknown - seen.counts[0].sum(axis=0),
    }
    for i, direction in enumerate(Direction):
        counts = seen.counts[i].copy()
        counts[NOT_ASSESSED] += unknown
        columns[direction] = spread(VERDICTS, _verdict(counts, snapshots))
        columns |= {f"{direction}_{state}": counts[place] for place, state in enumerate(STATES)}
        columns |= {
            f"{direction}_{end}_open": spread(times, seen.opened[i, place])
            for place, end in enumerate(("first", "last"))
        }
    frame = schema.frame(columns)  # type: ignore[arg-type]  # series, arrays and categories of one length
    return frame.sort_values(list(seen.keys), ignore_index=True)


def _verdict(counts: Ints, snapshots: int) -> Ints:
    """The place of each row's word in VERDICTS, given its number of snapshots by state."""
    conditions = [
        counts[OPEN] > 0,
        counts[ISOLATED] == snapshots,
        counts[ISOLATED] > 0,
        (counts[NOT_ASSESSED] > 0) & (counts[NOT_GOVERNED] == 0),
        counts[NOT_ASSESSED] > 0,
    ]
    return np.select(conditions, [_OPEN, _THROUGHOUT, _IN_PART, _NOT_ASSESSED, _NOT_ASSESSED], _NOT_GOVERNED)


def _states(column: pa.ChunkedArray) -> Ints:
    """The place of each row's word in STATES; a word that is not known could not be assessed."""
    whole = arrow.whole(column)
    places = pd.Index(STATES).get_indexer(pd.Index(whole.dictionary.to_pylist()))
    places[places < 0] = NOT_ASSESSED
    codes: Ints = arrow.values(whole.indices)
    return places[codes]


def _texts(keys: pa.Table) -> list[str]:
    """Each key as one text."""
    parts = [keys[name].cast(pa.large_string()) for name in keys.column_names]
    joined = compute.binary_join_element_wise(*parts, pa.scalar("/", pa.large_string()))
    texts: list[str] = joined.to_pylist()
    return texts


def _namespaces(rows: Sequence[pa.Table]) -> NDArray[np.object_]:
    return _column(rows, "namespace").to_numpy(dtype=object)


def _column(rows: Sequence[pa.Table], name: str) -> pd.Series:
    parts = [table[name].cast(pa.large_string()).to_pandas() for table in rows]
    return pd.concat(parts, ignore_index=True) if parts else pd.Series([], dtype="str")
