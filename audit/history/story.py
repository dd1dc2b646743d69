"""What the runs of a store tell together, up to the newest: its report has it, as whole tables."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from audit.errors import CollectError
from audit.frames import STORED_FINDINGS, STORED_TABLES
from audit.history.changes import changes
from audit.history.past import Past
from audit.history.period import Period, period
from audit.history.record import Record
from audit.history.sampling import sampled
from audit.history.tables import among
from audit.history.trend import trend


@dataclass(frozen=True)
class Story:
    """The frames of a period that ends with a run, and what of its runs could not be read."""

    trend: pd.DataFrame
    """TREND: a row a snapshot."""
    period: Period
    changes: pd.DataFrame
    """POLICY_CHANGES."""
    new: pd.DataFrame
    """STORED_FINDINGS that are open, and that the run before did not have."""
    gone: pd.DataFrame
    """STORED_FINDINGS of the run before that are there no more."""
    unreadable: Mapping[str, str]
    """Runs that are left out, each with the reason."""


def story(past: Past) -> Story:
    """Told by the records of a run's past; one that turns out to be damaged is left out."""
    whole, damaged = list(past.records), dict(past.unreadable)
    while True:
        try:
            told, changed = period(whole), changes(whole)
            break
        except CollectError:
            found = {record.name: reason for record in whole[:-1] if (reason := _damage(record))}
            if not found:
                raise
            damaged |= found
            whole = [record for record in whole if record.name not in found]
    new, gone = _moved(past)
    return Story(trend(sampled(whole)[0]), told, changed, new, gone, damaged)


def _damage(record: Record) -> str:
    try:
        for name, schema in STORED_TABLES.items():
            record.arrow(name, schema.names)
    except CollectError as error:
        return str(error)
    return ""


def _moved(past: Past) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The findings that are new and those that are gone, since the run before; none if there is none."""
    if past.before is None:
        return STORED_FINDINGS.empty(), STORED_FINDINGS.empty()
    was, now = past.before.table("findings"), past.own.table("findings")
    opened = now[now["status"] == "failed"]
    return _others(opened, was), _others(was, now)


def _others(rows: pd.DataFrame, than: pd.DataFrame) -> pd.DataFrame:
    others: pd.DataFrame = rows[~among(rows["id"], than["id"])].reset_index(drop=True)
    return others
