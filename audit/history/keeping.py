"""How a run continues what is stored: its findings get their dates from it, and it is stored behind it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from audit.checks import CheckResult
from audit.config import Config, moment
from audit.errors import AuditError, DeliveryError
from audit.facts import Facts
from audit.history import record, since
from audit.history.read import record_of
from audit.history.record import Record
from audit.manifest import Manifest
from audit.snapshot import Snapshot
from audit.store import Begun, Run, Store, open_store, retain

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
            return results

    def _last_record(self, begun: Begun) -> Record | None:
        if begun.last is None:
            return None
        found = record_of(begun.last)
        if isinstance(found, Record):
            return found
        _log.warning("since when findings are there is not known: %s", found)
        return None

    def files(self, facts: Facts, results: Sequence[CheckResult], as_of: datetime) -> dict[str, bytes]:
        """What the run stores of itself, by name."""
        if self._begun is None:
            return {}
        return {record.FILE: record.pack(facts, results, as_of, self._before)}

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
