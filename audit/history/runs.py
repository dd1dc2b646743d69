"""The runs of a store as a table: which there are, and at which times there should be one and is none."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import pandas as pd

from audit.background import each
from audit.config import rfc3339
from audit.durations import written
from audit.errors import AuditError, UsageError
from audit.frames import RUNS
from audit.history.read import AT_ONCE
from audit.history.sampling import missed, spacing
from audit.store import Listing, Run
from audit.store.names import parsed

MOST_MISSING: Final = 10_000
"""Expected times without a run that are told one by one."""
_REMOVED: Final = "removed; its hashes alone are kept"

_Row = tuple[str, str, str, str, str]


def listed(listing: Listing) -> pd.DataFrame:
    """The frame RUNS by listing alone: no file of a run is read."""
    return _frame([*map(_row, listing.runs), *_unfinished(listing)])


def looked_into(listing: Listing, every: timedelta | None, until: datetime) -> pd.DataFrame:
    """The frame RUNS with what each run's manifest says, and the expected times up to `until` without one.

    One is expected `every` so long, by default the median of the times between runs. UsageError where too
    many are missing to tell each.
    """
    runs = listing.runs
    told = each(runs, _state, AT_ONCE)
    rows = [_row(run, *state) for run, state in zip(runs, told, strict=True)]
    rows += _unfinished(listing)
    moments = [run.moment for run in runs]
    expected = every or spacing(moments)
    if expected:
        source = "as was asked for" if every else "the median of the times between runs"
        reason = f"no run came; one is expected every {written(expected)} ({source})"
        missing = list(islice(missed(moments, expected, until), MOST_MISSING + 1))
        if len(missing) > MOST_MISSING:
            raise UsageError(
                f"over {MOST_MISSING:,} times without a run, expected every {written(expected)}; "
                "name a longer spacing with --every"
            )
        rows += [(rfc3339(moment), "", "", "missing", reason) for moment in missing]
    return _frame(rows)


def _row(run: Run, state: str = "", reason: str = "") -> _Row:
    if not state:
        state, reason = ("removed", _REMOVED) if run.removed else ("stored", "")
    return rfc3339(run.moment), run.name, run.id, state, reason


def _unfinished(listing: Listing) -> list[_Row]:
    found = {folder: parsed(folder) for folder in listing.unfinished}
    return [
        (rfc3339(name.moment), folder, name.id, "unfinished", "it was cut short, or is being written")
        for folder, name in found.items()
        if name
    ]


def _state(run: Run) -> tuple[str, str]:
    if run.removed:
        return "removed", _REMOVED
    try:
        complete = run.manifest().complete
    except AuditError as error:
        return "damaged", str(error)
    return ("stored", "") if complete else ("incomplete", "not everything could be read")


def _frame(rows: Iterable[_Row]) -> pd.DataFrame:
    """The frame, by time; where times are equal a run stands before what is missing."""
    ordered = sorted(rows, key=lambda row: (row[0], row[1] == "", row[1]))
    return RUNS.frame({name: [row[place] for row in ordered] for place, name in enumerate(RUNS.names)})
