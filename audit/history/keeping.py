"""How a run continues what is stored: it is dated by it, told beside it, and stored behind it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from audit.checks import CheckResult
from audit.config import Config, moment
from audit.errors import AuditError, DeliveryError
from audit.facts import Facts
from audit.history import record, since
from audit.history.past import Past
from audit.history.read import read, record_of
from audit.history.record import Record
from audit.manifest import Digest, Manifest
from audit.snapshot import Snapshot
from audit.store import Begun, Run, Store, open_store, retain

MOST_RUNS: Final = 90
"""Runs that a report tells of, itself among them: a quarter of nights."""
_MOST_BYTES: Final = 32 << 20
"""Of the records that are read for it: 90 runs of 50,000 pods, 25 of 150,000. More would make a run late."""
_OWN: Final = "this run"
_log = logging.getLogger(__name__)


class Keeping:
    """The store of one run, or none. What goes wrong with it is its `problem`: the run itself goes on."""

    def __init__(self, config: Config) -> None:
        """UsageError if the store cannot be one."""
        self.problem: DeliveryError | None = None
        self.stored: Run | None = None
        """The run, as soon as it is stored."""
        self._config = config
        self._store = open_store(config.store, new=True) if config.store else None
        self._begun: Begun | None = None
        self._before: Record | None = None
        self._unread = ""
        self._packed = b""

    def dated(
        self, results: Sequence[CheckResult], snapshot: Snapshot, as_of: datetime
    ) -> Sequence[CheckResult]:
        """The results, with since when each finding is there; without a store as they are."""
        if self._store is None:
            return results
        try:
            self._begun = self._store.begin(self._config.job, moment(snapshot.provenance.taken))
            self._before = self._last_record(self._begun)
            return since.dated(results, record.findings_before(self._before, snapshot), as_of)
        except AuditError as error:
            self._failed(error)
            self._unread = f"the store could not be read ({error})"
            return results

    def _last_record(self, begun: Begun) -> Record | None:
        if begun.last is None:
            return None
        found = _with_findings(record_of(begun.last))
        if isinstance(found, Record):
            return found
        _log.warning("since when findings are there is not known: %s", found)
        self._unread = f"the last run could not be read ({found})"
        return None

    def past(self, facts: Facts, results: Sequence[CheckResult], as_of: datetime) -> Past | None:
        """What the store tells of the runs up to this one; None without a store.

        `results` have their dates. What cannot be read is told as such, and costs nothing else.
        """
        if self._store is None:
            return None
        self._packed = record.pack(facts, results, as_of, self._before)
        own = record.load(self._packed, _OWN)
        if self._begun is None:
            return Past(own, problem=self._unread, records=(own,))
        runs = [run for run in self._begun.runs if not run.removed]
        told = _newest(runs)
        reading = read(told)
        return Past(
            own,
            last=self._before,
            problem=self._unread,
            records=(*reading.records, own),
            unreadable=reading.unreadable,
            older=len(runs) - len(told),
            removed=len(self._begun.runs) - len(runs),
        )

    def files(self) -> dict[str, bytes]:
        """What the run stores of itself, by name; it was made when its past was asked for."""
        return {} if self._begun is None else {record.FILE: self._packed}

    @property
    def previous(self) -> Digest | None:
        """The manifest of the run before this one; None if there is none, or no store."""
        return None if self._begun is None else self._begun.previous

    def linked(self, manifest: Manifest) -> Manifest:
        """The manifest as a link in the chain of the store."""
        if self._begun is None:
            return manifest
        begun = self._begun
        return msgspec.structs.replace(
            manifest, run=begun.name, previous=begun.previous, beside=dict(begun.beside)
        )

    def put(self, files: Mapping[str, bytes], manifest: Manifest, as_of: datetime) -> list[str]:
        """Store the run, and remove those that are not to be kept; what there is to say of it."""
        if self._store is None or self._begun is None:
            return []
        url = self._store.place.url
        try:
            stored = self._store.put(self._begun, self._config.job, files, manifest)
        except AuditError as error:
            self._failed(error)
            return []
        self.stored = stored
        if stored.name != self._begun.name:
            return [f"The run of the Job {stored.id} was stored before, as {stored.name} in {url}."]
        return [f"Stored as {stored.name} in {url}.", *self._removed(self._store, as_of)]

    def _removed(self, store: Store, as_of: datetime) -> list[str]:
        try:
            removed = retain(store, self._config.settings.retention, as_of)
        except AuditError as error:
            self.problem = DeliveryError(f"old runs were not removed: {error}")
            return []
        return [f"Removed, as retention has it: {', '.join(removed)}."] if removed else []

    def _failed(self, error: AuditError) -> None:
        self.problem = DeliveryError(f"the run was not stored: {error}; it is in {self._config.out}")


def _newest(runs: Sequence[Run]) -> list[Run]:
    """The newest of them whose records may be read, the oldest first."""
    told: list[Run] = []
    left = _MOST_BYTES
    for run in reversed(runs[-(MOST_RUNS - 1) :]):
        left -= run.files[record.FILE].size if record.FILE in run.files else 0
        if left < 0:
            break
        told.append(run)
    return told[::-1]


def _with_findings(found: Record | str) -> Record | str:
    """The record, or why its findings cannot be read: a damaged one must not stop the run."""
    if isinstance(found, Record):
        try:
            found.table("findings")
        except AuditError as error:
            return str(error)
    return found
