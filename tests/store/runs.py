"""Runs to store, every file of which tells whose it is; and a program that stores them, to be killed."""

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from audit import manifest
from audit.config import rfc3339
from audit.errors import AuditError
from audit.manifest import Digest, Manifest
from audit.store import Begun, Run, Store, open_place

MONDAY: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
NAMES: Final = (
    *("report.html", "csv/pods.csv", "csv/findings.csv", "history.zip", "snapshot.zip"),
    *(manifest.CONFIGURATION, manifest.WAIVERS, manifest.CATALOGUE),
)


def files_of(mark: str, size: int = 1000) -> dict[str, bytes]:
    """The files of a run; each begins with `mark`."""
    return {name: mark.encode() + b"\n" + name.encode() * (size // len(name)) for name in NAMES}


def record_of(
    files: Mapping[str, bytes],
    begun: Begun,
    taken: datetime,
    started: datetime | None = None,
    *,
    complete: bool = True,
) -> Manifest:
    """The manifest of a run that `begun` tells of; it started when its snapshot was taken, or else then."""
    digests = {path: Digest.of(data) for path, data in files.items()}
    return Manifest(
        version="0",
        cluster="test",
        cluster_uid="",
        source="manifests",
        taken=rfc3339(taken),
        as_of=rfc3339(taken),
        run=begun.name,
        started=rfc3339(started or taken),
        durations={"collect": 0.1},
        complete=complete,
        configuration=digests[manifest.CONFIGURATION],
        waivers=digests[manifest.WAIVERS],
        catalogue=digests[manifest.CATALOGUE],
        previous=begun.previous,
        beside=dict(begun.beside),
        not_rendered={},
        files=digests,
    )


def stored(
    store: Store,
    taken: datetime = MONDAY,
    job: str = "",
    started: datetime | None = None,
    *,
    complete: bool = True,
) -> Run:
    """A run of that time, stored as the pipeline does it."""
    begun = store.begin(job, taken)
    if begun.stored is not None:
        return begun.stored
    files = files_of(begun.name)
    return store.put(begun, job, files, record_of(files, begun, taken, started, complete=complete))


def whose(run: Run) -> set[str]:
    """The marks of all files of a run: of one that is whole its own name, and no other."""
    read = msgspec.json.decode(run.manifest_bytes(), type=Manifest)
    return {run.read(path).split(b"\n", 1)[0].decode() for path in read.files}


def main() -> None:
    """Store runs one after the other, and say of each that it is stored, or why not."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--job", default="")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--at-once", action="store_true", help="begin when standard input has a line")
    options = parser.parse_args()
    store = Store(open_place(options.url))
    _say("ready")
    if options.at_once:
        sys.stdin.readline()
    for _ in range(options.runs):
        try:
            _say(f"stored {stored(store, datetime.now(UTC), options.job).name}")
        except AuditError as error:
            _say(f"failed {error}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
