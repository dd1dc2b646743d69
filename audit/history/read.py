"""The records of stored runs, several read at once; what cannot be read is named, not left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.background import each
from audit.errors import AuditError, UsageError
from audit.history.record import FILE, Record, load
from audit.store import Run, Store, open_store

AT_ONCE: Final = 8
"""Files that are asked for at once: an object store takes its time for each."""


@dataclass(frozen=True)
class Reading:
    """What came of reading runs."""

    records: list[Record]
    """In the order of the runs."""
    unreadable: dict[str, str]
    """Runs without a record that could be read, by folder, each with the reason."""


def opened(url: str) -> Store:
    """The store at `url`; UsageError where none is named, or there is none."""
    if not url:
        raise UsageError("no store is named, and without one no run is stored; name it with --store URL")
    return open_store(url)


def read(runs: Sequence[Run]) -> Reading:
    """The records of runs."""
    found = each(runs, record_of, AT_ONCE)
    pairs = list(zip(runs, found, strict=True))
    return Reading(
        [record for _, record in pairs if isinstance(record, Record)],
        {run.name: reason for run, reason in pairs if isinstance(reason, str)},
    )


def record_of(run: Run) -> Record | str:
    """The record of a run, or why there is none."""
    if run.removed:
        return "removed; its hashes alone are kept"
    try:
        return load(run.read(FILE), run.name)
    except AuditError as error:
        return str(error)
