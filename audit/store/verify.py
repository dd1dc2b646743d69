"""Whether what is stored is what was written: every hash is computed again, and the chain followed.

| what is found | it is |
|---|---|
| a file that is missing, or of other bytes or another size than its manifest says | a break |
| a file that its run's manifest does not list; a file in no run's folder | a break: alien |
| a configuration, waivers or catalogue of which the manifest of their run names another hash | a break |
| a manifest that cannot be read, of other bytes than segaudit writes, or of another folder | a break |
| a manifest that names one as the one before it which is not there | a break: a gap |
| a run that no run begun after it names; one that says it is the first, and is not | a break |
| a Job's commit record that is missing or damaged, of another manifest than its run's, or no run | a break |
| the same of other bytes than segaudit writes | a break |
| a record of mail that is damaged, of another letter, or of no run | a break |
| a record of mail that does not say whether it was sent | a note |
| a run whose files were removed, its manifest kept; files of it that are still there | a note |
| a run that kept no configuration and catalogue: it was written before runs did | a note |
| a file in `.segaudit-unfinished`, or an output folder whose files are still there | a note |
| a folder without a manifest, unless one names it; a second run of a Job | a note |

What a note tells is in order by itself: retention, a run that was cut short or is under way, a Job that
was tried twice. Whoever can write to the store can write all of it anew, with a chain that holds: what proves
that this was not done is a hash that was noted elsewhere, as every report has that of its snapshot.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Final, NamedTuple

from audit import manifest
from audit.background import each
from audit.config import moment
from audit.errors import AuditError
from audit.manifest import Digest, Manifest
from audit.store import commits, outbox
from audit.store.chain import before
from audit.store.commits import Commit
from audit.store.names import parsed
from audit.store.places import UNFINISHED, Entry, Place
from audit.store.store import STUB, Listing, Store

_AT_ONCE: Final = 8
"""Files that are read at once: an object store takes its time for each."""
_OTHER_BYTES: Final = "is not what was written: segaudit writes other bytes"
_AT_ONE_TIME: Final = timedelta(minutes=10)
"""Runs that are no further apart may not have known of each other, and clocks differ."""


@dataclass(frozen=True)
class Found:
    """Something that is not as it was written, or worth knowing."""

    where: str
    """Path within the place."""
    what: str
    """A sentence without the path."""
    broken: bool
    """A break; else a note."""


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    found: Sequence[Found]
    runs: int
    """Whose files were all looked at."""
    files: int
    """Whose hashes were computed."""
    unnamed: Mapping[str, str]
    """The manifests, by path, that neither a later run nor a Job's record names, with their SHA-256."""

    @property
    def broken(self) -> bool:
        """Something is not as it was written."""
        return any(one.broken for one in self.found)


def verify(place: Place, tick: Callable[[int], None] = lambda _: None) -> Verdict:
    """Of an output folder or a run's folder, which have a manifest.json; or else of a store.

    `tick` is called for each file.
    """
    files = place.files()
    if files.keys() & {manifest.NAME, STUB}:
        return _Verifier(place, tick).one(files)
    listing = Store(place).listing(files)
    stored = (listing.runs, listing.again, listing.unfinished, listing.commits, listing.mail)
    if f"{UNFINISHED}/{manifest.NAME}" in place.unfinished() and not any(stored):
        told = "holds a run that was not moved to its place, or is being moved: the next run there ends that"
        return Verdict([Found(UNFINISHED, told, broken=False)], 0, 0, {})
    return _Verifier(place, tick).store(listing)


class _Verifier:
    def __init__(self, place: Place, tick: Callable[[int], None]) -> None:
        self._place = place
        self._tick = tick
        self._found: list[Found] = []
        self._files = 0
        self._version = version("segaudit")

    def one(self, files: Mapping[str, Entry]) -> Verdict:
        """A folder with a manifest."""
        stored = self._record("", manifest.NAME if manifest.NAME in files else STUB)
        if stored is not None:
            self._look_at_files("", files, stored.record, removed=manifest.NAME not in files)
        if left := len(self._place.unfinished()):
            told = f"holds what a run did not end to write, or is writing: {left:,} file{'s' * (left > 1)}"
            self._note(UNFINISHED, told)
        return Verdict(self._found, 1, self._files, {manifest.NAME: stored.sha256} if stored else {})

    def store(self, listing: Listing) -> Verdict:
        """All runs of a store, and their chain."""
        records: list[_Stored] = []
        every = sorted((*listing.runs, *listing.again), key=lambda run: run.name)
        for run in every:
            prefix = f"{run.name}/"
            name = STUB if run.removed else manifest.NAME
            stored = self._record(prefix, name)
            if stored is None:
                continue
            record = stored.record
            records.append(stored)
            if STUB in run.files and not run.removed:
                self._look_at_stub(prefix, stored)
            if record.run != run.name:
                self._break(prefix + name, f"is the manifest of {record.run or 'a run that is not stored'}")
            if run.removed:
                self._note(run.name, "its files were removed; its manifest is kept")
            self._look_at_files(prefix, run.files, record, removed=run.removed)
        committed = self._commits(listing)
        self._follow(records, committed)
        told = self._look_at_commits(listing, records, committed)
        for run in listing.again:
            self._note(run.name, f"is a second run of the Job {run.id}; it does not count")
        for name in sorted(listing.unfinished.keys() - told):
            self._note(name, "has no manifest.json: it was cut short, or is being written")
        for where, what, broken in outbox.complaints(self._place, listing.mail, {run.name for run in every}):
            self._found.append(Found(where, what, broken))
        self._look_beside(listing)
        found = sorted(self._found, key=lambda one: (one.where, one.what))
        return Verdict(found, len(every), self._files, _unnamed(records, committed.values()))

    def _look_beside(self, listing: Listing) -> None:
        """Files in no run's folder."""
        for path in self._place.unfinished():
            self._note(path, "is of no run: it was not written to its end, or is being written")
        for path in listing.alien:
            self._break(path, "is alien: it is in no run's folder")

    def _record(self, prefix: str, name: str) -> "_Stored | None":
        try:
            data = self._place.read(prefix + name)
        except AuditError as error:
            self._break(prefix + name, str(error))
            return None
        record = manifest.decode(data)
        if record is None:
            self._break(prefix + name, "is damaged, or of a newer version")
            return None
        if record.version == self._version and record.encode() != data:
            self._break(prefix + name, _OTHER_BYTES)
        return _Stored(prefix.rstrip("/"), record, Digest.of(data).sha256)

    def _look_at_stub(self, prefix: str, stored: "_Stored") -> None:
        """Of a run whose removal was begun, its files being there."""
        try:
            same = Digest.of(self._place.read(prefix + STUB)).sha256 == stored.sha256
        except AuditError:
            same = False
        if same:
            self._note(prefix + STUB, "its removal was begun: retention will end that")
        else:
            self._break(prefix + STUB, "is not what manifest.json beside it is")

    def _look_at_files(
        self, prefix: str, files: Mapping[str, Entry], record: Manifest, *, removed: bool = False
    ) -> None:
        there = sorted(record.files.keys() & files.keys())
        problems = self._problems(prefix, {path: (files[path].size, record.files[path]) for path in there})
        for path in there:
            if problems[path]:
                self._break(prefix + path, problems[path])
            elif removed:
                self._note(prefix + path, "is still there, though its run was removed")
        if not removed:
            for path in sorted(record.files.keys() - files.keys()):
                self._break(prefix + path, "is missing")
        self._look_at_what_it_was_made_with(prefix, record, removed=removed)
        for path in sorted(files.keys() - record.files.keys() - {manifest.NAME, STUB}):
            self._break(prefix + path, "is alien: the manifest of its run does not list it")

    def _look_at_what_it_was_made_with(self, prefix: str, record: Manifest, *, removed: bool) -> None:
        """Whether the manifest has the same hash twice: by its name, and of the file that keeps it."""
        if record.made_with.keys() & record.files.keys():
            for path, digest in record.made_with.items():
                if record.files.get(path) != digest:
                    self._break(prefix + path, "is not what the run was made with, by its manifest")
        elif not removed:
            told = "configuration and catalogue that it names were not kept: their hashes are not proved"
            self._note(prefix + manifest.NAME, told)

    def _problems(self, prefix: str, files: Mapping[str, tuple[int, Digest]]) -> dict[str, str]:
        """What is wrong with each file, of so many bytes; empty if nothing is. Several are read at once."""

        def problem(path: str) -> str:
            found = self._problem(prefix + path, *files[path])
            self._tick(1)
            return found

        self._files += sum(size == digest.size for size, digest in files.values())
        return dict(zip(files, each(files, problem, _AT_ONCE), strict=True))

    def _problem(self, path: str, size: int, digest: Digest) -> str:
        if size < 0:
            return "is no plain file"
        if size != digest.size:
            return f"has {size:,} bytes where its manifest says {digest.size:,}"
        found = hashlib.sha256()
        try:
            for piece in self._place.pieces(path):
                found.update(piece)
        except AuditError as error:
            return str(error)
        return "" if found.hexdigest() == digest.sha256 else "is not what was written: its hash is another"

    def _commits(self, listing: Listing) -> dict[str, Commit]:
        """What Jobs recorded as they committed, by path."""
        found = {}
        for path in listing.commits:
            try:
                data = self._place.read(path)
            except AuditError as error:
                self._break(path, str(error))
                continue
            commit = commits.decoded(data)
            if commit is None:
                self._break(path, "is damaged, or of a newer version")
                continue
            record = manifest.decode(commit.manifest.encode())
            if record and record.version == self._version and commit.encode() != data:
                self._break(path, _OTHER_BYTES)
            found[path] = commit
        return found

    def _look_at_commits(
        self, listing: Listing, records: Sequence["_Stored"], committed: Mapping[str, Commit]
    ) -> set[str]:
        """The folders without manifest.json that are told of here."""
        sums = {one.run: one.sha256 for one in records}
        named = {digest.sha256 for one in records for _, digest in before(one.record)}
        whole = {run.name for run in (*listing.runs, *listing.again)}
        told = set()
        for name in sorted(sums):
            path = commits.path_of(run.id) if (run := parsed(name)) and run.attempt else None
            if path and path not in listing.commits:
                self._break(name, f"has no commit record: {path} is missing")
        for path, commit in committed.items():
            run = parsed(commit.run)
            if run is None or commits.path_of(run.id) != path:
                self._break(path, f"is of another Job: {commit.run}")
            elif commit.run in listing.unfinished:
                told.add(commit.run)
                if commit.sha256 in named:
                    self._break(f"{commit.run}/{manifest.NAME}", "is missing")
                else:
                    self._note(commit.run, "was cut short while it was committed: the next attempt ends that")
            elif commit.run not in whole:
                self._break(path, f"tells of a run that is not there: {commit.run}")
            elif sums.get(commit.run, commit.sha256) != commit.sha256:
                self._break(path, f"tells of another manifest than {commit.run} has")
        return told

    def _follow(self, records: Sequence["_Stored"], committed: Mapping[str, Commit]) -> None:
        """The chain."""
        there = {one.sha256 for one in records}
        runs = {commit.sha256: commit.run for commit in committed.values()}
        recorded = [manifest.decode(commit.manifest.encode()) for commit in committed.values()]
        written = [*(one.record for one in records), *filter(None, recorded)]
        named = {digest.sha256 for record in written for _, digest in before(record)}
        for one in records:
            for name, digest in before(one.record):
                if (sha256 := digest.sha256) not in there:
                    run = name or runs.get(sha256, f"the run before it, whose manifest is {sha256[:16]}...,")
                    self._break(one.run, f"gap: {run} is not there, or its manifest was changed")
            if one.record.previous is None and any(_knew(one.record, other.record) for other in records):
                self._break(one.run, "says that it is the first run, though there was one before it")
            if one.sha256 not in named and any(_knew(other.record, one.record) for other in records):
                told = (
                    "no later run names its manifest: it was changed or put there, or that run was taken away"
                )
                self._break(one.run, told)

    def _break(self, where: str, what: str) -> None:
        self._found.append(Found(where, what, broken=True))

    def _note(self, where: str, what: str) -> None:
        self._found.append(Found(where, what, broken=False))


class _Stored(NamedTuple):
    """A manifest, in which folder it is, and its hash."""

    run: str
    record: Manifest
    sha256: str


def _unnamed(records: Sequence[_Stored], committed: Iterable[Commit]) -> dict[str, str]:
    named = {digest.sha256 for one in records for _, digest in before(one.record)}
    named |= {commit.sha256 for commit in committed}
    return {f"{one.run}/{manifest.NAME}": one.sha256 for one in records if one.sha256 not in named}


def _knew(later: Manifest, earlier: Manifest) -> bool:
    """Whether a run began when the other had surely ended, so that it must have found it in the store."""
    try:
        ended = moment(earlier.started) + timedelta(seconds=sum(earlier.durations.values()))
        return moment(later.started) > ended + _AT_ONE_TIME
    except (ValueError, OverflowError):
        return False
