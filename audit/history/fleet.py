"""Many clusters in one table: the newest run of each store, the worst first.

A store of which no run could be read comes before all others: nothing is known of its cluster. The rest
is in the order of: critical findings, high findings, the share of pods not isolated for ingress, the same
for egress (not assessed counts as none isolated), medium findings, low findings, most first; then name and
store. Nothing is weighed against anything else, so that whoever has the table can put it in order again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from audit.background import each
from audit.durations import written
from audit.errors import AuditError
from audit.frames import FLEET
from audit.headline import Share
from audit.history.read import AT_ONCE, record_of
from audit.history.record import Head, Record
from audit.history.trend import figures
from audit.listing import listed
from audit.store import open_store

TRIES: Final = 5
"""Runs of a store that are tried, from the newest on, until a record can be read."""
_UNREADABLE: Final = "unreadable"
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Newest:
    """The newest record of a store."""

    store: str
    """Its address, as it was given."""
    record: Record | None
    reason: str
    """Why there is none, or why it is not that of the newest run; empty if it is."""


def newest(stores: Sequence[str]) -> list[Newest]:
    """The newest record of each store, several read at once."""
    return each(stores, _newest, AT_ONCE)


def fleet(found: Sequence[Newest], as_of: datetime, oldest: timedelta) -> pd.DataFrame:
    """The frame FLEET; a cluster whose snapshot was taken longer ago than `oldest` at `as_of` is too old."""
    ordered = sorted(found, key=_rank)
    shared = _shared(ordered)
    rows = [_row(one, as_of, oldest, shared.get(one.store, "")) for one in ordered]
    return FLEET.frame({name: [row.get(name) for row in rows] for name in FLEET.names})


def cluster_key(name: str, uid: str) -> tuple[str, str]:
    """Equal for rows of one cluster: by uid, or where none is known by name."""
    return ("", uid) if uid else (name, "")


def _newest(address: str) -> Newest:
    try:
        runs = [run for run in open_store(address).runs() if not run.removed]
    except AuditError as error:
        return Newest(address, None, str(error))
    problem = ""
    for run in reversed(runs[-TRIES:]):
        record = record_of(run)
        if isinstance(record, Record):
            return Newest(address, record, problem and f"of an older run, for of the newest {problem}")
        problem = problem or record
    return Newest(address, None, problem or "no run is stored there")


def _shared(found: Sequence[Newest]) -> dict[str, str]:
    """Of the stores that hold runs of one cluster, what there is to say of each: they are counted twice."""
    same: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.record is not None:
            key = cluster_key(one.record.head.cluster, one.record.head.cluster_uid)
            same.setdefault(key, []).append(one.store)
    return {
        store: f"the same cluster{', by its name,' if name else ''} is in "
        f"{listed([each for each in stores if each != store], _MOST_NAMED)}"
        for (name, _), stores in same.items()
        if len(stores) > 1
        for store in stores
    }


def _row(one: Newest, as_of: datetime, oldest: timedelta, shared: str) -> dict[str, object]:
    if one.record is None:
        texts = dict.fromkeys(("cluster", "cluster_uid", "run", "taken", "unassessed"), "")
        return {**texts, "store": one.store, "state": _UNREADABLE, "reason": one.reason}
    head, age = one.record.head, as_of - one.record.taken
    late = f"the last snapshot is {written(age)} old, over {written(oldest)}" if age > oldest else ""
    return {
        "cluster": head.cluster,
        "cluster_uid": head.cluster_uid,
        "store": one.store,
        "state": "too_old" if late else "current",
        "reason": "; ".join(filter(None, (late, one.reason, shared, *_reserved(head)))),
        "run": one.record.name,
        "taken": head.taken,
        "age_hours": age // timedelta(hours=1),
        "complete": head.complete,
        **figures(head),
    }


def _reserved(head: Head) -> Iterator[str]:
    """Why its figures say less than they seem to."""
    if not head.complete:
        yield "not everything could be read"
    if head.unassessed:
        yield f"not assessed in whole: {listed(head.unassessed, _MOST_NAMED)}"


def _rank(one: Newest) -> tuple[object, ...]:
    """What comes first is worse; see above."""
    if one.record is None:
        return (0, one.store)
    head = one.record.head
    counts = {word: -head.open_findings.get(word, 0) for word in ("critical", "high", "medium", "low")}
    shares = [_lacking(share) for share in (head.figures.ingress_isolated, head.figures.egress_isolated)]
    return (
        1,
        counts["critical"],
        counts["high"],
        *(-share for share in shares),
        counts["medium"],
        counts["low"],
        head.cluster,
        one.store,
    )


def _lacking(share: Share) -> float:
    """The part that is not isolated, from 0 to 1; without any pods there is none."""
    if not share.of:
        return 0.0 if share.whole else 1.0
    return 1 - (share.count or 0) / share.of
