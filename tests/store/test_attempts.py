"""Several attempts of one Job, and several runs, at once; and killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from audit.errors import CollectError, DeliveryError
from audit.manifest import Digest
from audit.settings import Retention
from audit.signals import Terminated, sigterm_ends_it
from audit.store import Store, commits, open_place
from audit.store.chain import before
from audit.store.commits import Commit
from audit.store.retention import retain
from audit.store.verify import verify
from tests.store.runs import MONDAY, NAMES, files_of, record_of, stored, whose

JOB: Final = "nightly-29384"
KEEP_ALL: Final = Retention(runs=100_000)
WRITER: Final = (sys.executable, "-m", "tests.store.runs")


@contextmanager
def writers(url: str, number: int, *options: str) -> Iterator[list[subprocess.Popen[str]]]:
    """So many programs that store runs, begun as nearly at the same time as can be."""
    running = [
        subprocess.Popen(
            [*WRITER, url, "--at-once", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    try:
        for one in running:
            assert one.stdout.readline() == "ready\n"
        for one in running:
            one.stdin.write("\n")
            one.stdin.flush()
        yield running
    finally:
        for one in running:
            one.kill()
            one.communicate()


def said(running: Sequence[subprocess.Popen[str]]) -> list[str]:
    """What they said of each run, when all are done."""
    return [line for one in running for line in one.communicate()[0].splitlines()]


def assert_sound(store: Store) -> None:
    """Every run is whole and of one writer, and every hash and link holds."""
    listing = store.listing()
    assert [run.name for run in (*listing.runs, *listing.again) if whose(run) != {run.name}] == []
    assert [one for one in verify(store.place).found if one.broken] == []


@pytest.mark.parametrize("number", [2, 8])
def test_attempts_at_once_agree_on_one_run(url, store, number):
    with writers(url, number, "--job", JOB) as running:
        told = said(running)
    (run,) = store.runs()
    assert told == [f"stored {run.name}"] * number
    assert store.listing().again == []
    assert store.unfinished() == []
    assert_sound(store)


@pytest.mark.parametrize("number", [2, 8])
def test_runs_at_once_are_all_kept_and_apart(url, store, number):
    with writers(url, number, "--runs", "3") as running:
        told = said(running)
    assert sorted(told) == [f"stored {run.name}" for run in store.runs()]
    assert len(told) == 3 * number
    assert_sound(store)
    last = stored(store, datetime.now(UTC))
    assert_sound(store)
    named = {digest.sha256 for run in store.runs() for _, digest in before(run.manifest())}
    digests = {run.name: Digest.of(run.manifest_bytes()).sha256 for run in store.runs()}
    assert [name for name, sha256 in digests.items() if sha256 not in named] == [last.name]


def killed(url: str, within: float, *options: str) -> list[str]:
    """What a writer said until it was killed, within so many seconds after it began."""
    with writers(url, 1, *options) as running:
        time.sleep(random.uniform(0, within))  # noqa: S311  # any moment will do
        for one in running:
            one.kill()
        return said(running)


def test_killed_at_any_moment_nothing_that_was_said_is_lost(url, store):
    told, begun, within = [], 0, 0.4
    for _ in range(15):
        told += killed(url, within, "--runs", "1000")
        within *= 1 if told else 1.3  # a machine with much to do says nothing for longer
        names = {run.name for run in store.runs()}
        assert {line.removeprefix("stored ") for line in told} <= names
        begun = len(names) + len(store.unfinished())
    assert told
    assert begun > len(told)  # some were cut short, or just not said
    assert_sound(store)
    in_a_week = datetime.now(UTC) + timedelta(days=8)
    retain(store, KEEP_ALL, in_a_week)
    assert store.unfinished() == []
    assert_sound(store)


def test_attempts_that_are_killed_are_continued_by_the_next(url, store):
    for n in range(5):
        job = f"nightly-{n}"
        for _ in range(4):
            killed(url, 0.15, "--job", job)
        (line,) = said_by_one(url, "--job", job)
        (run,) = [run for run in store.runs() if run.id == job]
        assert line == f"stored {run.name}"
    assert store.listing().again == []
    assert_sound(store)


def said_by_one(url: str, *options: str) -> list[str]:
    with writers(url, 1, *options) as running:
        return said(running)


def begun_with_files(store: Store, taken: datetime = MONDAY):
    """An attempt that has written its files, and nothing else."""
    begun = store.begin(JOB, taken)
    files = files_of(begun.name)
    for path, data in files.items():
        store.place.create(f"{begun.name}/{path}", data)
    return begun, files, Commit(begun.name, record_of(files, begun, taken).encode().decode())


def test_a_job_that_is_done_writes_nothing_again(store):
    run = stored(store, MONDAY, JOB)
    before = store.place.files()
    assert store.begin(JOB, MONDAY + timedelta(hours=1)).stored == run
    assert stored(store, MONDAY + timedelta(hours=1), JOB) == run
    assert store.place.files() == before


def test_what_a_failed_attempt_left_is_not_among_the_files_of_the_next(store):
    first, _, _ = begun_with_files(store)
    run = stored(store, MONDAY + timedelta(minutes=5), JOB)
    assert whose(run) == {run.name} != {first.name}
    assert store.runs() == [run]
    assert store.unfinished() == [first.name]


def test_killed_between_record_and_manifest_it_is_ended_by_the_next(store):
    first, files, commit = begun_with_files(store)
    commits.decide(store.place, JOB, commit)
    assert store.runs() == []
    found = store.begin(JOB, MONDAY + timedelta(minutes=5)).stored
    assert found is not None
    assert found.name == first.name
    assert found.manifest_bytes().decode() == commit.manifest
    assert {path: found.read(path) for path in files} == files
    assert store.runs() == [found]
    assert_sound(store)


def test_killed_between_record_and_manifest_it_is_ended_by_retention(store):
    first, _, commit = begun_with_files(store, MONDAY - timedelta(days=300))
    commits.decide(store.place, JOB, commit)
    (note,) = verify(store.place).found
    assert (note.where, note.broken) == (first.name, False)
    retain(store, KEEP_ALL, datetime.now(UTC) + timedelta(days=30))
    assert [run.name for run in store.runs()] == [first.name]
    assert_sound(store)


def test_an_attempt_that_was_thought_dead_does_not_commit_too(store):
    begun = store.begin(JOB, MONDAY)
    second = stored(store, MONDAY + timedelta(minutes=5), JOB)
    files = files_of(begun.name)
    assert store.put(begun, JOB, files, record_of(files, begun, MONDAY)) == second
    assert store.runs() == [second]
    assert store.unfinished() == []


def test_who_may_not_remove_stores_all_the_same(store):
    begun = store.begin(JOB, MONDAY)
    second = stored(store, MONDAY + timedelta(minutes=5), JOB)

    def refuse(_: Sequence[str]) -> None:
        raise DeliveryError

    store.place.remove = refuse
    files = files_of(begun.name)
    assert store.put(begun, JOB, files, record_of(files, begun, MONDAY)) == second
    assert store.unfinished() == [begun.name]


def test_an_attempt_whose_files_were_tidied_away_does_not_commit(store):
    begun = store.begin(JOB, MONDAY)
    files = files_of(begun.name)
    store.place.create(f"{begun.name}/report.html", files["report.html"])
    create = store.place.create

    def tidied(path: str, data: bytes) -> None:
        create(path, data)
        if path.endswith("snapshot.zip"):
            store.place.remove([f"{begun.name}/report.html"])

    store.place.create = tidied
    with pytest.raises(DeliveryError, match="its files were changed while it was written; run it again"):
        store.put(begun, JOB, files, record_of(files, begun, MONDAY))
    assert store.runs() == []


def test_a_run_that_is_recorded_and_gone_is_not_made_up(store):
    commits.decide(store.place, JOB, Commit("20261123T020000Z-nightly-29384_00000000", "{}"))
    with pytest.raises(
        DeliveryError, match=r"is recorded as stored and is not in the store .*segaudit verify"
    ):
        store.begin(JOB, MONDAY)
    assert store.runs() == []


def test_a_damaged_record_is_named(store):
    store.place.create(commits.path_of(JOB), b"{")
    with pytest.raises(CollectError, match=rf"jobs/{JOB}\.json is damaged; run segaudit verify"):
        store.begin(JOB, MONDAY)


def test_an_old_snapshot_is_not_tidied_away_while_it_is_written(store):
    long_ago = MONDAY - timedelta(days=300)
    begun = store.begin("", long_ago)
    store.place.create(f"{begun.name}/report.html", b"")
    retain(store, KEEP_ALL, datetime.now(UTC))
    assert store.unfinished() == [begun.name]


def test_retention_and_writers_at_once(url, store):
    with writers(url, 3, "--runs", "6") as running:
        while any(one.poll() is None for one in running):
            retain(Store(open_place(url)), Retention(runs=3), datetime.now(UTC))
        told = said(running)
    assert all(line.startswith("stored ") for line in told), told
    runs = store.runs()
    assert sorted(line.removeprefix("stored ") for line in told) == [run.name for run in runs]
    assert [whose(run) for run in runs if not run.removed] == [{run.name} for run in runs if not run.removed]
    assert [one for one in verify(store.place).found if one.broken] == []


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize("ended", [Terminated, KeyboardInterrupt])
def test_what_was_written_is_taken_back_when_it_is_ended(store, path, ended):
    begun = store.begin(JOB, MONDAY)
    create = store.place.create

    def interrupted(name: str, data: bytes) -> None:
        create(name, data)
        if name.endswith(path):
            raise ended

    store.place.create = interrupted
    files = files_of(begun.name)
    with pytest.raises(ended):
        store.put(begun, JOB, files, record_of(files, begun, MONDAY))
    store.place.create = create
    assert store.place.files() == {}
    assert stored(store, MONDAY, JOB).id == JOB


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_commit_is_not_cut_short(store, number):
    """Once there is a record the run is whole, whatever comes between that and its manifest.json."""
    begun = store.begin(JOB, MONDAY)
    create = store.place.create

    def interrupted(name: str, data: bytes) -> None:
        create(name, data)
        if name == commits.path_of(JOB):
            os.kill(os.getpid(), number)

    store.place.create = interrupted
    files = files_of(begun.name)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises((Terminated, KeyboardInterrupt)), sigterm_ends_it():
            store.put(begun, JOB, files, record_of(files, begun, MONDAY))
    finally:
        signal.signal(signal.SIGINT, before)
    assert [run.name for run in store.runs()] == [begun.name]
    assert_sound(store)
