"""Which runs are kept: by number and by age. Nothing is removed unless that is asked for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from audit import manifest
from audit.errors import AuditError
from audit.settings import Retention
from audit.store import commits, outbox
from audit.store.chain import unnamed
from audit.store.store import STUB, Run, Store

_CUT_SHORT: Final = timedelta(days=7)
"""Folders without manifest.json that were not written to for so long are of no run that still writes."""


def retain(store: Store, keep: Retention, as_of: datetime) -> list[str]:
    """Remove runs beyond `keep`, as of that time; the folders of what was removed.

    The newest run is never removed, nor the newest complete one, nor one that no manifest names yet. What an
    earlier removal left is removed too, and what was cut short a week ago.
    """
    if keep.runs is None and keep.days is None:
        return []
    listing = store.listing()
    open_ends = unnamed(listing.whole)
    beyond = [run for run in _beyond(listing.whole, keep, as_of) if run.name not in open_ends]
    for run in beyond:
        store.place.create(f"{run.name}/{STUB}", run.manifest_bytes())
        # The commit goes first: from then on the run is a removed one, whatever is left in its folder
        store.place.remove([f"{run.name}/{manifest.NAME}"])
    touched = [*beyond, *(run for run in listing.runs if run.removed and len(run.files) > 1)]
    for run in touched:
        _empty(store, run.name, run.files.keys() - {STUB, manifest.NAME})
    removed = (run.name for run in (*beyond, *(run for run in listing.runs if run.removed)))
    store.place.remove(outbox.settled(listing.mail, removed))
    for name, files in listing.unfinished.items():
        if commit := commits.pending(store.place, name, listing.commits):
            store.finish(commit)
        # By when it was written: its name tells when its snapshot was taken, which may be long ago
        elif all(entry.changed and as_of - entry.changed > _CUT_SHORT for entry in files.values()):
            _empty(store, name, files)
    store.place.tidy(as_of - _CUT_SHORT)
    return [run.name for run in touched]


def _empty(store: Store, folder: str, files: Iterable[str]) -> None:
    store.place.remove([f"{folder}/{path}" for path in sorted(files)])


def _beyond(stored: Sequence[Run], keep: Retention, as_of: datetime) -> list[Run]:
    """The runs to remove."""
    kept = {run.name for run in stored[-max(1, keep.runs or 0) :]}
    if keep.days is not None:
        kept |= {run.name for run in stored if as_of - run.moment <= timedelta(days=keep.days)}
    good = next((run for run in reversed(stored) if _is_complete(run)), None)
    return [run for run in stored if run.name not in kept and run is not good]


def _is_complete(run: Run) -> bool:
    try:
        return run.manifest().complete
    except AuditError:  # `verify` says what is wrong with it
        return False
