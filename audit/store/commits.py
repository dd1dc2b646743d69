"""Which attempt of a Job is its run. That is decided once, by who makes the Job's commit record first.

The record is made before manifest.json and holds its bytes, so that whoever finds it can do what its attempt
had no time for.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from audit.errors import AuditError, CollectError
from audit.manifest import Digest
from audit.store import names
from audit.store.places import Place, ThereAlreadyError

FOLDER: Final = "jobs"
"""The folder of the records, beside those of the runs."""
_END: Final = ".json"


class Commit(msgspec.Struct, frozen=True):
    """The attempt that is a Job's run."""

    run: str
    """Its folder."""
    manifest: str
    """What its manifest.json holds."""

    @property
    def sha256(self) -> str:
        """Of its manifest.json, in hex."""
        return Digest.of(self.manifest.encode()).sha256

    def encode(self) -> bytes:
        """The file's bytes."""
        return msgspec.json.encode(self)


def path_of(job: str) -> str:
    """Where the record of a Job is."""
    return f"{FOLDER}/{job}{_END}"


def job_of(path: str) -> str | None:
    """The Job whose record is at `path`; None if no record can be there."""
    job = path.removeprefix(f"{FOLDER}/").removesuffix(_END)
    return job if path == path_of(job) and "/" not in job else None


def decide(place: Place, job: str, mine: Commit) -> Commit:
    """Make the record `mine`, if the Job has none; return the one that it has."""
    try:
        place.create(path_of(job), mine.encode())
    except ThereAlreadyError:
        return read(place, path_of(job))
    return mine


def decided(place: Place, job: str, paths: Iterable[str]) -> Commit | None:
    """The record of a Job, if it is among `paths`, which are all that there are."""
    return read(place, path_of(job)) if job and path_of(job) in paths else None


def read(place: Place, path: str) -> Commit:
    """The record at `path`; CollectError if it is damaged."""
    found = decoded(place.read(path))
    if found is None:
        raise CollectError(f"{path} is damaged; run segaudit verify {place.url}")
    return found


def decoded(data: bytes) -> Commit | None:
    """The record in `data`; None if it is none."""
    try:
        return msgspec.json.decode(data, type=Commit)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def pending(place: Place, folder: str, paths: Iterable[str]) -> Commit | None:
    """The record that tells of `folder`, which has no manifest.json yet, if it is among `paths`."""
    name = names.parsed(folder)
    try:
        found = decided(place, name.id, paths) if name else None
    except AuditError:  # `verify` says what is wrong with it
        return None
    return found if found and found.run == folder else None
