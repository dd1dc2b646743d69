"""The runs of a store: which there are, what is in them, and a new one."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from audit import manifest
from audit.config import moment
from audit.errors import CollectError, DeliveryError, UsageError
from audit.manifest import Digest, Manifest
from audit.signals import Terminated, held_back
from audit.store import commits, names, outbox
from audit.store.chain import unnamed
from audit.store.commits import Commit
from audit.store.places import Entry, Place, open_place

STUB: Final = "removed.json"
"""The manifest of a run whose files were removed: its very bytes."""
_SHOWN: Final = 5
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Run:
    """A run that is stored, or what is left of it."""

    store: "Store"
    name: str
    """Of its folder; runs sort by it."""
    moment: datetime
    """UTC: of its snapshot."""
    id: str
    removed: bool
    """Of its files only the manifest is left."""
    files: Mapping[str, Entry]
    """What is in its folder, by path within it."""

    def read(self, path: str) -> bytes:
        """A file of it; CollectError if it is not there."""
        if path not in self.files:
            raise CollectError(f"{self.name} has no {path}; run segaudit verify {self.store.place.url}")
        return self.store.place.read(f"{self.name}/{path}")

    def proved(self, path: str) -> bytes:
        """A file of it, if it is what manifest.json says; else CollectError."""
        return manifest.proved(self.read(path), self.manifest(), path, self.name)

    def manifest_bytes(self) -> bytes:
        """The file manifest.json, as it was written."""
        return self.read(STUB if self.removed else manifest.NAME)

    def manifest(self) -> Manifest:
        """What manifest.json says; CollectError if it is damaged."""
        found = manifest.decode(self.manifest_bytes())
        if found is None:
            raise CollectError(
                f"{self.name}: its manifest.json is damaged, or of a newer version; run segaudit verify "
                f"{self.store.place.url}"
            )
        return found


@dataclass(frozen=True)
class Listing:
    """What is in a store, without anything being opened; all by name."""

    runs: Sequence[Run]
    """Whole runs, and stubs."""
    again: Sequence[Run]
    """Whole runs of a Job of which another counts; none, unless the store cannot write exclusively."""
    unfinished: Mapping[str, Mapping[str, Entry]]
    """Folders of runs that were not committed, with their files."""
    commits: Sequence[str]
    """Paths of the commit records of Jobs."""
    mail: Sequence[str]
    """Paths of the records of what was sent (`outbox`)."""
    alien: Sequence[str]
    """Paths of other files that are in no run's folder."""

    @property
    def whole(self) -> Sequence[Run]:
        """All that have a manifest.json."""
        return sorted((run for run in (*self.runs, *self.again) if not run.removed), key=lambda run: run.name)


class Store:
    """A place with runs in it."""

    def __init__(self, place: Place) -> None:
        """Nothing is read yet."""
        self.place = place

    def listing(self, files: Mapping[str, Entry] | None = None) -> Listing:
        """What is there, or was when `files` were listed."""
        folders: dict[str, dict[str, Entry]] = {}
        records: list[str] = []
        mail: list[str] = []
        alien: list[str] = []
        for path, entry in (self.place.files() if files is None else files).items():
            folder, _, rest = path.partition("/")
            if rest and names.parsed(folder):
                folders.setdefault(folder, {})[rest] = entry
            elif outbox.path_of(path):
                mail.append(path)
            else:
                (alien if commits.job_of(path) is None else records).append(path)
        runs, again, unfinished = [], [], {}
        jobs = set()
        for name, found in sorted(folders.items()):
            run = self._run(name, found)
            if run is None:
                unfinished[name] = found
            elif run.id in jobs:
                again.append(run)
            else:
                runs.append(run)
                jobs.add(run.id)
        return Listing(runs, again, unfinished, sorted(records), sorted(mail), sorted(alien))

    def _run(self, name: str, files: Mapping[str, Entry]) -> Run | None:
        told = names.parsed(name)
        whole = manifest.NAME in files
        if told is None or not (whole or STUB in files):
            return None
        return Run(self, name, told.moment, told.id, not whole, files)

    def runs(self) -> list[Run]:
        """Whole runs and stubs, the oldest first. Of a Job whose run was committed twice, the first."""
        return list(self.listing().runs)

    def unfinished(self) -> list[str]:
        """Folders of runs that were not committed, perhaps not yet."""
        return list(self.listing().unfinished)

    def find(self, word: str) -> Run:
        """The run of that folder or id, `last`, `previous`, or the newest one not after a date or time.

        UsageError names what there is.
        """
        runs = [run for run in self.runs() if not run.removed]
        places = {"last": 1, "previous": 2}
        if word in places and len(runs) >= places[word]:
            return runs[-places[word]]
        named = [run for run in runs if word in (run.name, run.id)]
        if not named and (until := _until(word)):
            named = [run for run in runs if run.moment <= until]
        if named:
            return named[-1]
        if not runs:
            raise UsageError(
                f"the store {self.place.url} has no run {word}: nothing is stored there; "
                f"segaudit run --store {self.place.url} stores one"
            )
        known = ", ".join(run.name for run in runs[-_SHOWN:])
        raise UsageError(
            f"the store {self.place.url} has no run {word}; the newest of its {len(runs):,} are {known}"
        )

    def begin(self, job: str, taken: datetime) -> "Begun":
        """A folder for a new run, and what it has to know of those that are there; `job` may be empty."""
        listing = self.listing()
        whole = listing.whole
        open_ends = unnamed(whole)
        last = whole[-1] if whole else None
        commit = commits.decided(self.place, job, listing.commits)
        return Begun(
            name=str(names.fresh(taken, job)),
            stored=self._committed(commit) if commit else _of_job(listing, job),
            runs=tuple(listing.runs),
            previous=None if last is None else open_ends.get(last.name) or Digest.of(last.manifest_bytes()),
            beside={name: digest for name, digest in open_ends.items() if last and name != last.name},
        )

    def put(self, begun: "Begun", job: str, files: Mapping[str, bytes], record: Manifest) -> Run:
        """Store a run; if that of its job is stored already, nothing, and that one is returned.

        `record` is its manifest, with `run`, `previous` and `beside` as `begun` has them; it lists `files`.
        """
        if begun.stored:
            return begun.stored
        mine = Commit(begun.name, record.encode().decode())
        try:
            self._write(begun.name, files)
        except (KeyboardInterrupt, Terminated):
            self._take_back(begun.name, files)
            raise
        with held_back():
            commit = commits.decide(self.place, job, mine) if job else mine
            run = self._committed(commit)
        if commit.run != begun.name:
            self._take_back(begun.name, files)
        return run

    def _write(self, folder: str, files: Mapping[str, bytes]) -> None:
        for path, data in files.items():
            self.place.create(f"{folder}/{path}", data)
        sizes = {path: entry.size for path, entry in self._files(folder).items()}
        if sizes != {path: len(data) for path, data in files.items()}:
            raise DeliveryError(
                f"{folder} in the store {self.place.url}: its files were changed while it was written; "
                "run it again"
            )

    def _take_back(self, folder: str, files: Mapping[str, bytes]) -> None:
        with suppress(DeliveryError):  # who may not remove leaves a folder that was not committed
            self.place.remove([f"{folder}/{path}" for path in files])

    def finish(self, commit: Commit) -> None:
        """Write the manifest.json of a run that was committed, if its attempt had no time for it."""
        files = self._files(commit.run)
        if files and STUB not in files:
            self.place.create(f"{commit.run}/{manifest.NAME}", commit.manifest.encode())

    def _committed(self, commit: Commit) -> Run:
        self.finish(commit)
        run = self._run(commit.run, self._files(commit.run))
        if run is None:
            raise DeliveryError(
                f"{commit.run} is recorded as stored and is not in the store {self.place.url}; "
                f"run segaudit verify {self.place.url}"
            )
        return run

    def _files(self, folder: str) -> dict[str, Entry]:
        start = len(folder) + 1
        return {path[start:]: entry for path, entry in self.place.files(folder).items()}


@dataclass(frozen=True)
class Begun:
    """How a new run continues what is in a store."""

    name: str
    """Of its folder, which no other run has."""
    stored: Run | None
    """The run of its job, if that is stored already."""
    runs: Sequence[Run]
    """Whole runs and stubs, the oldest first."""
    previous: Digest | None
    """The manifest that is the newest."""
    beside: Mapping[str, Digest]
    """Manifests that none has named yet, by folder."""

    @property
    def last(self) -> Run | None:
        """The newest run whose files are there."""
        return next((run for run in reversed(self.runs) if not run.removed), None)


def open_store(url: str, *, new: bool = False) -> Store:
    """The store at a URL, or in a folder; UsageError if it cannot be one, or is none and not to be `new`."""
    place = open_place(url)
    if not (new or place.exists()):
        raise UsageError(f"there is no store {url}; segaudit run --store {url} makes one")
    return Store(place)


def _of_job(listing: Listing, job: str) -> Run | None:
    return next((run for run in listing.runs if job and run.id == job), None)


def _until(word: str) -> datetime | None:
    """The last moment that a date or time means; None if it is none."""
    try:
        found = moment(word)
    except ValueError:
        return None
    return found.replace(hour=23, minute=59, second=59) if _DATE.fullmatch(word) else found.astimezone(UTC)
