"""Stores in which something is planted, and what is said of it."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from audit import manifest
from audit.deliver.files import Folder
from audit.settings import Retention
from audit.store import STUB, Store, open_place
from audit.store.retention import retain
from audit.store.verify import verify
from tests.store.runs import MONDAY, files_of, record_of, stored

DAY = timedelta(days=1)


@pytest.fixture
def folder(url, request) -> Path:
    """The store's files, where they can be damaged behind its back."""
    if url.startswith("s3://"):
        return request.getfixturevalue("gateway").buckets / url.removeprefix("s3://")
    return Path(url)


@pytest.fixture
def runs(store):
    """Five nightly runs."""
    return [stored(store, MONDAY + n * DAY, f"nightly-{n}") for n in range(5)]


def told(store):
    """Breaks and notes, each with where it is."""
    verdict = verify(store.place)
    return (
        [(one.where, one.what) for one in verdict.found if one.broken],
        [(one.where, one.what) for one in verdict.found if not one.broken],
    )


def changed(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    write(path, data.replace(old, new, 1))


def write(path: Path, data: bytes) -> None:
    """As somebody does who writes through the server, so that it has no older checksum."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


@pytest.mark.usefixtures("runs")
def test_what_nobody_touched_is_whole(store):
    verdict = verify(store.place)
    assert (verdict.found, verdict.runs, verdict.files) == ([], 5, 40)


def test_an_empty_store_has_nothing_to_say(store):
    verdict = verify(store.place)
    assert (verdict.found, verdict.runs, verdict.files) == ([], 0, 0)


@pytest.mark.parametrize("path", ["report.html", "csv/pods.csv", "snapshot.zip", "waivers.yaml"])
def test_a_file_of_other_bytes(store, runs, folder, path):
    changed(folder / runs[2].name / path, b"nightly-2", b"nightly-3")
    assert told(store) == (
        [(f"{runs[2].name}/{path}", "is not what was written: its hash is another")],
        [],
    )


def test_a_file_of_another_size(store, runs, folder):
    size = (folder / runs[2].name / "report.html").stat().st_size
    with (folder / runs[2].name / "report.html").open("ab") as file:
        file.write(b" ")
    said = f"has {size + 1:,} bytes where its manifest says {size:,}"
    assert told(store) == ([(f"{runs[2].name}/report.html", said)], [])


@pytest.mark.parametrize("url", [pytest.param("s3", marks=pytest.mark.objectstore)], indirect=True)
def test_a_file_that_decayed_in_the_server(store, runs, folder):
    path = folder / runs[2].name / "report.html"
    path.write_bytes(path.read_bytes().replace(b"nightly", b"nightlY", 1))
    breaks, _ = told(store)
    assert breaks[0][0] == f"{runs[2].name}/report.html"
    assert breaks[0][1].endswith(": its bytes are not those that the store took a checksum of")


def test_a_file_that_is_missing(store, runs, folder):
    (folder / runs[0].name / "csv" / "pods.csv").unlink()
    assert told(store) == ([(f"{runs[0].name}/csv/pods.csv", "is missing")], [])


@pytest.mark.parametrize("path", ["evil.html", "csv/more.csv", "deep/er/x", ".hidden", "csv/.hidden"])
def test_a_file_that_no_manifest_lists(store, runs, folder, path):
    place = folder / runs[1].name / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    assert told(store) == (
        [(f"{runs[1].name}/{path}", "is alien: the manifest of its run does not list it")],
        [],
    )


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    "path", ["note.txt", "else/where.txt", "jobs/deep/x.json", "jobs/x.txt", "manifest.txt"]
)
def test_a_file_in_no_run(store, folder, path):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(b"x")
    assert told(store) == ([(path, "is alien: it is in no run's folder")], [])


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("url", ["folder"], indirect=True)
def test_what_was_left_unfinished(store, folder):
    (folder / ".segaudit-unfinished" / "0123456789abcdef").write_bytes(b"half")
    (folder / ".segaudit-unfinished" / "evil.html").write_bytes(b"x")
    said = "is of no run: it was not written to its end, or is being written"
    assert told(store) == (
        [],
        [(f".segaudit-unfinished/{name}", said) for name in ("0123456789abcdef", "evil.html")],
    )


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("url", ["folder"], indirect=True)
def test_no_file_stands_in_for_a_store_that_is_looked_at(store, runs, folder):
    (folder / ".segaudit-unfinished" / manifest.NAME).write_bytes(b"{}")
    (folder / runs[1].name / "report.html").unlink()
    assert told(store)[0] == [(f"{runs[1].name}/report.html", "is missing")]


@pytest.mark.parametrize("url", ["folder"], indirect=True)
def test_a_link_or_a_pipe_in_place_of_a_file(store, runs, folder, tmp_path):
    inside = folder / runs[1].name
    shutil.move(inside / "report.html", tmp_path / "elsewhere")
    (inside / "report.html").symlink_to(tmp_path / "elsewhere")
    (inside / "snapshot.zip").unlink()
    os.mkfifo(inside / "snapshot.zip")
    assert told(store)[0] == [
        (f"{runs[1].name}/report.html", "is no plain file"),
        (f"{runs[1].name}/snapshot.zip", "is no plain file"),
    ]


@pytest.mark.parametrize("url", ["folder"], indirect=True)
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(store, runs, folder):
    (folder / runs[1].name / "report.html").chmod(0)
    assert "Permission denied" in told(store)[0][0][1]


class TestManifest:
    def test_changed_in_a_run_that_a_later_one_names(self, store, runs, folder):
        changed(folder / runs[2].name / manifest.NAME, b'"complete": true', b'"complete": false')
        breaks, notes = told(store)
        assert ("jobs/nightly-2.json", f"tells of another manifest than {runs[2].name} has") in breaks
        assert (runs[3].name, f"gap: {runs[2].name} is not there, or its manifest was changed") in breaks
        assert notes == []

    def test_changed_in_the_newest_run(self, store, runs, folder):
        changed(folder / runs[4].name / manifest.NAME, b'"complete": true', b'"complete": false')
        assert told(store) == (
            [("jobs/nightly-4.json", f"tells of another manifest than {runs[4].name} has")],
            [],
        )

    def test_changed_together_with_a_file(self, store, folder):
        """Without a Job nothing but the chain tells."""
        runs = [stored(store, MONDAY + n * DAY) for n in range(3)]
        old = runs[1].manifest().files["report.html"].sha256.encode()
        data = runs[1].read("report.html").replace(b"report", b"REPORT")
        write(folder / runs[1].name / "report.html", data)
        changed(folder / runs[1].name / manifest.NAME, old, manifest.Digest.of(data).sha256.encode())
        sha256 = runs[2].manifest().previous.sha256[:16]
        unnamed = "no later run names its manifest: it was changed or put there, or that run was taken away"
        before = f"the run before it, whose manifest is {sha256}...,"
        gap = f"gap: {before} is not there, or its manifest was changed"
        assert told(store)[0] == [(runs[1].name, unnamed), (runs[2].name, gap)]

    def test_damaged(self, store, runs, folder):
        write(folder / runs[4].name / manifest.NAME, b"{")
        assert told(store)[0] == [(f"{runs[4].name}/manifest.json", "is damaged, or of a newer version")]

    def test_missing_in_a_run_that_a_later_one_names(self, store, runs, folder):
        (folder / runs[2].name / manifest.NAME).unlink()
        breaks, notes = told(store)
        assert (f"{runs[2].name}/manifest.json", "is missing") in breaks
        assert (runs[3].name, f"gap: {runs[2].name} is not there, or its manifest was changed") in breaks
        assert notes == []

    def test_of_another_folder(self, store, runs, folder):
        renamed = runs[4].name.replace("20261127", "20261128")
        (folder / runs[4].name).rename(folder / renamed)
        assert (f"{renamed}/manifest.json", f"is the manifest of {runs[4].name}") in told(store)[0]


class TestWhatItWasMadeWith:
    @pytest.mark.parametrize("path", ["configuration.json", "waivers.yaml", "catalogue.json"])
    def test_missing(self, store, runs, folder, path):
        (folder / runs[1].name / path).unlink()
        assert told(store) == ([(f"{runs[1].name}/{path}", "is missing")], [])

    @pytest.mark.parametrize("path", ["configuration.json", "waivers.yaml", "catalogue.json"])
    def test_exchanged_together_with_its_line_in_the_manifest(self, tmp_path, record, path):
        files = files_of("mine")
        made = record(files)
        digests = made.files | {path: manifest.Digest.of(b"other")}
        Folder(tmp_path / "out").write(files | {path: b"other"}, msgspec.structs.replace(made, files=digests))
        found = verify(open_place(str(tmp_path / "out"))).found
        told = "is not what the run was made with, by its manifest"
        assert [(one.where, one.what, one.broken) for one in found] == [(path, told, True)]

    @pytest.mark.parametrize("path", ["configuration.json", "waivers.yaml", "catalogue.json"])
    def test_taken_out_of_folder_and_manifest(self, tmp_path, record, path):
        files = files_of("mine")
        made = record(files)
        del files[path]
        listed = {name: digest for name, digest in made.files.items() if name != path}
        Folder(tmp_path / "out").write(files, msgspec.structs.replace(made, files=listed))
        found = verify(open_place(str(tmp_path / "out"))).found
        assert [(one.where, one.broken) for one in found] == [(path, True)]

    def test_waivers_where_the_manifest_names_none(self, tmp_path, record):
        files = files_of("mine")
        Folder(tmp_path / "out").write(files, msgspec.structs.replace(record(files), waivers=None))
        found = verify(open_place(str(tmp_path / "out"))).found
        assert [(one.where, one.broken) for one in found] == [("waivers.yaml", True)]

    def test_of_a_run_before_it_was_kept(self, tmp_path, record):
        files = {"report.html": b"<html>"}
        Folder(tmp_path / "out").write(files, record(files))
        found = verify(open_place(str(tmp_path / "out"))).found
        assert [(one.where, one.broken) for one in found] == [("manifest.json", False)]
        assert "were not kept" in found[0].what


class TestChain:
    def test_a_run_that_was_taken_away(self, store, runs, folder):
        shutil.rmtree(folder / runs[2].name)
        assert told(store) == (
            [
                (runs[3].name, f"gap: {runs[2].name} is not there, or its manifest was changed"),
                ("jobs/nightly-2.json", f"tells of a run that is not there: {runs[2].name}"),
            ],
            [],
        )

    def test_the_newest_run_that_was_taken_away(self, store, runs, folder):
        shutil.rmtree(folder / runs[4].name)
        assert told(store)[0] == [
            ("jobs/nightly-4.json", f"tells of a run that is not there: {runs[4].name}")
        ]

    def test_one_of_those_at_the_same_time(self, store, folder):
        begun = [store.begin("", MONDAY + timedelta(seconds=n)) for n in range(2)]
        for one in begun:
            files = files_of(one.name)
            store.put(one, "", files, record_of(files, one, MONDAY))
        after = stored(store, MONDAY + DAY)
        assert told(store) == ([], [])
        shutil.rmtree(folder / begun[0].name)
        assert told(store)[0] == [
            (after.name, f"gap: {begun[0].name} is not there, or its manifest was changed")
        ]

    @pytest.mark.usefixtures("runs")
    def test_a_run_that_was_put_there_afterwards(self, store, folder, tmp_path):
        other = Store(open_place(str(tmp_path / "other")))
        forged = stored(other, MONDAY + 2 * DAY + timedelta(hours=1))
        shutil.copytree(tmp_path / "other" / forged.name, folder / forged.name)
        assert told(store)[0] == [
            (
                forged.name,
                "no later run names its manifest: it was changed or put there, or that run was taken away",
            ),
            (forged.name, "says that it is the first run, though there was one before it"),
        ]

    def test_runs_from_the_start_that_were_taken_away_and_written_anew(self, store, runs, folder):
        for run in runs:
            shutil.rmtree(folder / run.name)
        shutil.rmtree(folder / "jobs")
        for n in range(5):
            stored(store, MONDAY + n * DAY, f"nightly-{n}")
        assert told(store) == ([], [])  # what the README says that nothing in a store can prove


class TestCommitRecords:
    @pytest.mark.usefixtures("runs")
    def test_damaged(self, store, folder):
        write(folder / "jobs" / "nightly-1.json", b"\xff")
        assert told(store) == ([("jobs/nightly-1.json", "is damaged, or of a newer version")], [])

    def test_of_another_run(self, store, runs, folder):
        shutil.copy(folder / "jobs" / "nightly-1.json", folder / "jobs" / "nightly-9.json")
        assert told(store) == ([("jobs/nightly-9.json", f"is of another Job: {runs[1].name}")], [])

    def test_that_is_missing(self, store, runs, folder):
        (folder / "jobs" / "nightly-1.json").unlink()
        assert told(store) == ([(runs[1].name, "has no commit record: jobs/nightly-1.json is missing")], [])


class TestNotes:
    @pytest.mark.usefixtures("runs")
    def test_a_folder_without_manifest(self, store):
        store.place.create("20261124T020000Z-abc/report.html", b"x")
        assert told(store) == (
            [],
            [("20261124T020000Z-abc", "has no manifest.json: it was cut short, or is being written")],
        )

    def test_removed_runs(self, store, runs):
        retain(store, Retention(runs=3), MONDAY + 5 * DAY)
        assert told(store) == (
            [],
            [(run.name, "its files were removed; its manifest is kept") for run in runs[:2]],
        )

    def test_a_removed_run_with_files_left(self, store, runs, folder):
        data = (folder / runs[0].name / "report.html").read_bytes()
        retain(store, Retention(runs=3), MONDAY + 5 * DAY)
        (folder / runs[0].name / "report.html").write_bytes(data)
        assert (f"{runs[0].name}/report.html", "is still there, though its run was removed") in told(store)[1]

    def test_a_removal_that_was_begun(self, store, runs):
        store.place.create(f"{runs[0].name}/{STUB}", runs[0].manifest_bytes())
        assert told(store) == (
            [],
            [(f"{runs[0].name}/removed.json", "its removal was begun: retention will end that")],
        )

    def test_a_stub_that_is_none(self, store, runs):
        store.place.create(f"{runs[0].name}/{STUB}", b"{}")
        assert told(store) == (
            [(f"{runs[0].name}/removed.json", "is not what manifest.json beside it is")],
            [],
        )

    def test_a_changed_stub(self, store, runs, folder):
        retain(store, Retention(runs=3), MONDAY + 5 * DAY)
        changed(folder / runs[0].name / STUB, b'"complete": true', b'"complete": false')
        assert ("jobs/nightly-0.json", f"tells of another manifest than {runs[0].name} has") in told(store)[0]

    def test_a_second_run_of_a_job(self, store, runs):
        """As a store may have it that cannot write exclusively."""
        begun = store.begin("", runs[4].moment + timedelta(hours=1))
        name = str(begun.name).rpartition("-")[0] + "-nightly-4_0a0b0c0d"
        files = files_of(name)
        record = record_of(files, begun, MONDAY + 4 * DAY)
        for path, data in (
            files | {manifest.NAME: record.encode().replace(begun.name.encode(), name.encode())}
        ).items():
            store.place.create(f"{name}/{path}", data)
        assert told(store) == ([], [(name, "is a second run of the Job nightly-4; it does not count")])


class TestOneFolder:
    def test_a_run(self, store, runs):
        place = open_place(f"{store.place.url}/{runs[1].name}")
        assert verify(place).found == []
        assert (verify(place).runs, verify(place).files) == (1, 8)

    def test_a_run_that_was_damaged(self, store, runs, folder):
        changed(folder / runs[1].name / "report.html", b"nightly-1", b"nightly-2")
        (folder / runs[1].name / "evil").write_bytes(b"")
        place = open_place(f"{store.place.url}/{runs[1].name}")
        assert [one.where for one in verify(place).found] == ["report.html", "evil"]

    def test_a_removed_run(self, store, runs):
        retain(store, Retention(runs=3), MONDAY + 5 * DAY)
        verdict = verify(open_place(f"{store.place.url}/{runs[0].name}"))
        assert (verdict.found, verdict.runs, verdict.files) == ([], 1, 0)


def test_a_large_file_is_not_held_in_memory(tmp_path):
    import tracemalloc

    store = Store(open_place(str(tmp_path)))
    begun = store.begin("", MONDAY)
    files = files_of(begun.name) | {"snapshot.zip": bytes(200 << 20)}
    store.put(begun, "", files, record_of(files, begun, MONDAY))
    del files
    tracemalloc.start()
    assert verify(store.place).found == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
