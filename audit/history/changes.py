"""Which policies were created, changed or deleted between two snapshots of a period.

A change is between the last snapshot that showed the policies of its kind without it and the first that
shows it: when it was, and who made it, no snapshot knows. Field managers are programs. A policy that is
there again under the same name with another uid was deleted and created.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import POLICY_CHANGES, STORED_POLICIES, arrow
from audit.history.record import Record
from audit.history.sampling import sampled
from audit.policy.kinds import KINDS, find, group_of

_KEY: Final = ["before", "after", "group", "kind", "namespace", "name"]
_TOLD: Final = ("api_version", "uid", "created", "managers")
_CREATED, _CHANGED, _DELETED = "created", "changed", "deleted"

_PLURALS: Final = frozenset(("", *(kind.plural for kind in KINDS.values())))

Mask = NDArray[np.bool_]


def changes(
    records: Sequence[Record], since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """The frame POLICY_CHANGES of a period, in the order of its snapshots; `sampled` says which those are.

    Where the policies of a kind could not all be read, or were not asked for, nothing is told of it until
    they are again. Files answer for NetworkPolicies always, for other kinds only while they hold some.
    """
    kept, _ = sampled(records, since, until)
    known = _Known()
    steps = [step for step in map(known.next, kept) if step is not None]
    gone, come = (_frame([step[side] for step in steps]) for side in (0, 1))
    if not len(gone) and not len(come):
        return POLICY_CHANGES.empty()
    rows = _compared(gone, come)
    order = ["before", "namespace", "kind", "name", "change"]
    return POLICY_CHANGES.conform(rows[rows["after"] != ""].sort_values(order, kind="stable"))


class _Known:
    """The policies as they were last seen, those of each kind when it could last be read."""

    def __init__(self) -> None:
        """Nothing has been seen."""
        self._table: pa.Table = STORED_POLICIES.table({name: [] for name in STORED_POLICIES.names})
        self._times: dict[tuple[str, str | None], str] = {}
        """When the policies of a kind could last be read, in all namespaces (None) or in one."""

    def next(self, record: Record) -> tuple[pa.Table, pa.Table] | None:
        """The policies that a further record shows no more as they were, and as they are now, if any."""
        step = None
        if not np.array_equal(_digests(record.arrow("policies", ["digest"])), _digests(self._table)):
            before, self._table = self._table, self._seen(record)
            was, now = _digests(before), _digests(self._table)
            sides = ((before, was, now), (self._table, now, was))
            gone, come = (
                self._dated(table.filter(pa.array(_absent(these, those))), record)
                for table, these, those in sides
            )
            step = gone, come
        self._note(record)
        return step

    def _seen(self, record: Record) -> pa.Table:
        """The policies of the record; in place of those that it could not read, as they were before."""
        table, unread = record.arrow("policies", STORED_POLICIES.names), record.head.unread
        if (_plurals(table) | _plurals(self._table)).isdisjoint(unread):
            return table
        seen, carried = ~_hidden(table, unread), _hidden(self._table, unread)
        return pa.concat_tables(
            [_plain(table.filter(pa.array(seen))), _plain(self._table.filter(pa.array(carried)))]
        )

    def _dated(self, table: pa.Table, record: Record) -> pa.Table:
        """The policies with the record's time, and when their kind could last be read, or nothing."""
        columns = (table[name].to_pylist() for name in ("api_version", "kind", "namespace"))
        after = []
        for api_version, kind, namespace in zip(*columns, strict=True) if self._times else ():
            times = [self._times.get((_plural(api_version, kind), place), "") for place in (None, namespace)]
            after.append(max(times))
        return (
            _plain(table if self._times else table.slice(0, 0))
            .append_column("after", arrow.texts(after))
            .append_column("before", arrow.texts([record.head.taken] * len(after)))
        )

    def _note(self, record: Record) -> None:
        taken, unread = record.head.taken, record.head.unread
        for plural in _PLURALS:
            if plural not in unread:
                self._times[plural, None] = taken
            self._times |= {(plural, namespace): taken for namespace in unread.get(plural, ())}


def _frame(tables: Sequence[pa.Table]) -> pd.DataFrame:
    """All of their rows, with the group beside them; the columns of STORED_POLICIES, `after` and `before`."""
    empty = _plain(STORED_POLICIES.table({name: [] for name in STORED_POLICIES.names}))
    blank = arrow.texts([])
    whole = pa.concat_tables([empty.append_column("after", blank).append_column("before", blank), *tables])
    rows: pd.DataFrame = whole.to_pandas()
    groups = [group_of(each) for each in rows["api_version"].tolist()]
    return rows.assign(group=pd.Series(groups, dtype="str"))


def _compared(gone: pd.DataFrame, come: pd.DataFrame) -> pd.DataFrame:
    """What became of the policies that are not as they were: the rows before and after."""
    both = gone.merge(come, on=_KEY, how="outer", suffixes=("_before", "_after"), indicator=True)
    uids = both["uid_before"].fillna(""), both["uid_after"].fillna("")
    other = (uids[0] != uids[1]) & (uids[0] != "") & (uids[1] != "")
    was, now = both["_merge"] != "right_only", both["_merge"] != "left_only"
    same = was & now & ~other
    return pd.concat(
        [
            _told(both[was & ~same], "before", _DELETED),
            _told(both[now & ~same], "after", _CREATED),
            _told(both[same], "after", _CHANGED),
        ],
        ignore_index=True,
    )


def _told(both: pd.DataFrame, side: str, change: str) -> pd.DataFrame:
    """The rows of one kind of change; `side` is the one that has what is told of the policy."""
    columns: dict[str, pd.Series] = {name: both[f"{name}_{side}"].astype("str") for name in _TOLD}
    ends = {"before": change != _CREATED, "after": change != _DELETED}
    for end, known in ends.items():
        generation = both[f"generation_{end}"].astype("Int64")
        columns[f"generation_{end}"] = generation.mask((generation == 0) | (not known))
    return both[["before", "after", "kind", "namespace", "name"]].assign(change=change, **columns)


def _plural(api_version: str, kind: str) -> str:
    """The name under which `Head.unread` has a kind; empty for one that this version does not know."""
    found = find(api_version, kind)
    return found.plural if found else ""


def _plurals(table: pa.Table) -> set[str]:
    """The kinds that may be in it: of all its apiVersions with all its kinds."""
    versions, kinds = (arrow.whole(table[name]).unique().to_pylist() for name in ("api_version", "kind"))
    return {_plural(version, kind) for version in versions for kind in kinds}


def _hidden(table: pa.Table, unread: Mapping[str, Collection[str]]) -> Mask:
    """Which policies are of a kind that could not be read where they are."""
    rows = table.select(["api_version", "kind", "namespace"]).to_pandas().astype("str")
    plurals = [_plural(*pair) for pair in zip(rows["api_version"], rows["kind"], strict=True)]
    places = zip(plurals, rows["namespace"].tolist(), strict=True)
    return np.array([p in unread and namespace not in unread[p] for p, namespace in places], np.bool_)


def _digests(table: pa.Table) -> NDArray[np.uint64]:
    digests: NDArray[np.uint64] = arrow.values(arrow.whole(table["digest"]))
    return digests


def _absent(these: NDArray[np.uint64], those: NDArray[np.uint64]) -> Mask:
    """Which of these are not among those; `np.isin` sorts more, and takes twice as long."""
    ordered = np.append(np.sort(those), np.uint64(0))  # for places beyond the last
    beyond = np.searchsorted(ordered[:-1], these)
    absent: Mask = (ordered[beyond] != these) | (beyond == len(those))
    return absent


def _plain(table: pa.Table) -> pa.Table:
    """The same with texts in place of dictionaries, which differ from record to record."""
    columns = {c.name: table[c.name] for c in STORED_POLICIES.columns}
    return pa.table(
        {
            name: column.cast(pa.large_string()) if pa.types.is_dictionary(column.type) else column
            for name, column in columns.items()
        }
    )
