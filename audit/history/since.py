"""Since when a finding is there, told by the record of the run before.

A finding's date is that of the first run of the unbroken row of runs that found it. A run that could not
assess its subject neither breaks that row nor begins one: what was found before is carried over in the
record, so that the last record alone is enough.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit import checks
from audit.checks import FOUND, UNASSESSED, CheckResult, Status
from audit.config import moment, rfc3339
from audit.frames import RESULTS, STORED_FINDINGS
from audit.history.tables import among
from audit.snapshot import Snapshot


def dated(results: Sequence[CheckResult], before: pd.DataFrame | None, as_of: datetime) -> list[CheckResult]:
    """The results with `since` for what failed; `before`: the STORED_FINDINGS of the last run."""
    known = {} if before is None else _dates(before, as_of)
    return [_dated(result, known, rfc3339(as_of)) for result in results]


def with_carried(
    found: pd.DataFrame, before: pd.DataFrame, results: Sequence[CheckResult], snapshot: Snapshot
) -> pd.DataFrame:
    """What was found, and those of `before` that were not and may still be there; all STORED_FINDINGS."""
    judged = {result.check.id: result for result in results}
    missed = before[~among(before["id"], found["id"])]
    kept = [
        rows[_may_be_there(judged.get(str(check)), rows, snapshot)]
        for check, rows in missed.groupby("check", observed=True, sort=True)
    ]
    carried = [rows.assign(status=Status.NOT_ASSESSED.value) for rows in kept if len(rows)]
    return STORED_FINDINGS.conform(pd.concat([found, *carried], ignore_index=True)) if carried else found


def _dates(before: pd.DataFrame, as_of: datetime) -> dict[str, str]:
    """The date by id; one that is after `as_of`, of a run on an older snapshot, does not count."""
    since = before["since"].astype("category")
    past = [text for text in since.cat.categories if _is_past(text, as_of)]
    rows = before[since.isin(past)]
    return dict(zip(rows["id"].tolist(), rows["since"].tolist(), strict=True))


def _is_past(text: str, as_of: datetime) -> bool:
    try:
        return moment(text) <= as_of
    except ValueError:  # a store is a place that others may write to
        return False


def _dated(result: CheckResult, known: dict[str, str], date: str) -> CheckResult:
    rows = result.subjects
    found = rows["status"].isin(FOUND).to_numpy()
    if not found.any():
        return result
    since = np.full(len(rows), "", dtype=object)
    since[found] = [known.get(each, date) for each in rows.loc[found, "id"].tolist()]
    return replace(result, subjects=RESULTS.conform(rows.assign(since=since)))


def _may_be_there(result: CheckResult | None, missed: pd.DataFrame, snapshot: Snapshot) -> NDArray[np.bool_]:
    """Which findings of one check its result says nothing of."""
    if result is None or (result.subjects["status"] == Status.ERROR.value).any():
        return np.ones(len(missed), np.bool_)
    rows = result.subjects
    unassessed = rows[rows["status"].isin(UNASSESSED)]
    keys = _keys(missed)
    unseen = checks.unseen(result, checks.places(missed), snapshot)
    return among(keys, _keys(unassessed)) | (unseen & ~among(keys, _keys(rows)))


def _keys(rows: pd.DataFrame) -> pd.Series:
    """Kind, namespace and name of each subject as one text."""
    return rows["kind"].astype("str") + " " + rows["namespace"].astype("str") + " " + rows["name"]
