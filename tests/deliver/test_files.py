"""The rules of `--out`."""

import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from audit import manifest
from audit.deliver.files import STAGE, Folder, write_file
from audit.errors import DeliveryError, UsageError

FIRST = {
    "report.html": b"<html>1",
    "csv/pods.csv": b"1",
    "csv/old.csv": b"1",
    "calico-csv/inventory/services.csv": b"1",
    "calico-csv/inventory/old.csv": b"1",
    "snapshot.zip": b"PK1",
}
SECOND = {
    "report.html": b"<html>2",
    "csv/pods.csv": b"2",
    "calico-csv/inventory/services.csv": b"2",
    "report.pdf": b"%PDF2",
    "snapshot.zip": b"PK2",
}


class Target:
    """Writes folders as a run does, and tells what is in them."""

    def __init__(self, record):
        self.record = record

    def write(self, out: Path, data: dict[str, bytes]) -> None:
        Folder(out).write(data, self.record(data))

    def whole(self, data: dict[str, bytes]) -> dict[str, bytes]:
        """What a folder holds after that."""
        return {**data, "manifest.json": self.record(data).encode()}

    def content(self, folder: Path) -> dict[str, bytes]:
        """Every file in a folder, hidden ones too."""
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }


@pytest.fixture
def at(record):
    return Target(record)


class Killed(BaseException):
    """As if by SIGKILL: nothing handles it."""


def disk_full(monkeypatch, after: int) -> None:
    """As on a disk that is full after so many files."""
    real, written = os.fsync, []

    def fsync(descriptor):
        if len(written) == after:
            raise OSError(28, "No space left on device")
        written.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


def killed(monkeypatch, after: int) -> None:
    """Ends a run after so many moves."""
    real, done = Path.replace, []

    def replace(self, target):
        if len(done) == after:
            raise Killed
        done.append(target)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


# -- absent -----------------------------------------------------------------------------------------


def test_an_absent_folder_is_made_with_all_that_leads_to_it(tmp_path, at):
    at.write(tmp_path / "a" / "b" / "out", FIRST)
    assert at.content(tmp_path / "a" / "b" / "out") == at.whole(FIRST)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["out"]


def test_files_are_for_the_owner_only(tmp_path, at):
    at.write(tmp_path / "out", FIRST)
    for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("after", range(5))
def test_a_full_disk_leaves_nothing_half(tmp_path, at, monkeypatch, after):
    disk_full(monkeypatch, after)
    with pytest.raises(DeliveryError, match=r"cannot write to .*out: No space left on device"):
        at.write(tmp_path / "a" / "out", FIRST)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_appeared_meanwhile_is_left_alone(tmp_path, record, at):
    folder = Folder(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "theirs").write_bytes(b"!")
    with pytest.raises(DeliveryError):
        folder.write(FIRST, record(FIRST))
    assert at.content(tmp_path) == {"out/theirs": b"!"}


# -- there, and ours --------------------------------------------------------------------------------


def test_an_empty_folder_is_filled_and_keeps_its_mode(tmp_path, at):
    out = tmp_path / "out"
    out.mkdir(mode=0o750)
    at.write(out, FIRST)
    assert at.content(out) == at.whole(FIRST)
    assert stat.S_IMODE(out.stat().st_mode) == 0o750
    assert not (out / STAGE).exists()


def test_only_files_that_the_manifest_lists_are_replaced(tmp_path, at):
    out = tmp_path / "out"
    at.write(out, FIRST)
    (out / "notes.txt").write_bytes(b"mine")
    at.write(out, SECOND)
    assert at.content(out) == {**at.whole(SECOND), "notes.txt": b"mine"}


def test_a_folder_goes_with_its_last_file(tmp_path, at):
    out = tmp_path / "out"
    at.write(out, FIRST)
    at.write(out, {"report.html": b"3"})
    assert at.content(out) == at.whole({"report.html": b"3"})
    assert not (out / "csv").exists()
    assert not (out / "calico-csv").exists()


def test_a_link_to_our_folder_is_followed(tmp_path, at):
    at.write(tmp_path / "real", FIRST)
    (tmp_path / "out").symlink_to("real")
    at.write(tmp_path / "out", SECOND)
    assert at.content(tmp_path / "real") == at.whole(SECOND)
    assert (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("after", range(5))
def test_a_full_disk_leaves_what_was_there(tmp_path, at, monkeypatch, after):
    out = tmp_path / "out"
    at.write(out, FIRST)
    disk_full(monkeypatch, after)
    with pytest.raises(DeliveryError, match="No space left"):
        at.write(out, SECOND)
    assert at.content(out) == at.whole(FIRST)


# -- there, and not ours ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["theirs", "lost+found", ".hidden", "manifest.json", "report.html"], ids=lambda name: name
)
def test_any_other_folder_is_refused_and_not_touched(tmp_path, at, name):
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(UsageError, match=r"is not empty and has no manifest\.json of segaudit"):
        Folder(tmp_path)
    assert at.content(tmp_path) == {name: b"{}"}


def test_a_linked_manifest_makes_no_folder_ours(tmp_path, at):
    at.write(tmp_path / "real", FIRST)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").symlink_to(tmp_path / "real" / "manifest.json")
    with pytest.raises(UsageError, match="not empty"):
        Folder(tmp_path / "out")


def test_a_file_of_somebody_else_in_our_folder_is_not_replaced(tmp_path, at):
    out = tmp_path / "out"
    at.write(out, FIRST)
    (out / "report.pdf").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"report\.pdf in it is not of segaudit"):
        at.write(out, SECOND)
    assert at.content(out) == {**at.whole(FIRST), "report.pdf": b"mine"}


def test_nothing_is_written_through_a_linked_folder(tmp_path, at):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    at.write(out, {"report.html": b""})
    elsewhere.mkdir()
    (out / "csv").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="csv in it is not a folder"):
        at.write(out, FIRST)
    assert at.content(elsewhere) == {}


def test_a_linked_file_is_replaced_not_followed(tmp_path, at):
    out, theirs = tmp_path / "out", tmp_path / "theirs"
    at.write(out, FIRST)
    theirs.write_bytes(b"mine")
    (out / "report.html").unlink()
    (out / "report.html").symlink_to(theirs)
    at.write(out, SECOND)
    assert theirs.read_bytes() == b"mine"
    assert (out / "report.html").read_bytes() == SECOND["report.html"]


def test_a_folder_in_the_place_of_our_file_is_refused(tmp_path, at):
    out = tmp_path / "out"
    at.write(out, {"csv/pods.csv": b""})
    (out / "report.html").mkdir()
    with pytest.raises(UsageError, match=r"report\.html in it"):
        at.write(out, FIRST)


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_is_no_folder(tmp_path, below):
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(UsageError, match="is not a folder"):
        Folder(tmp_path / "out" / below)


@pytest.mark.parametrize("name", ["x" * 300, "loop"])
def test_a_name_that_cannot_be_is_a_usage_error(tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises((UsageError, DeliveryError)):
        Folder(tmp_path / name).write({}, None)


def test_another_run_is_not_disturbed(tmp_path, at):
    out = tmp_path / "out"
    at.write(out, FIRST)
    descriptor = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(DeliveryError, match="another run"):
            at.write(out, SECOND)
    finally:
        os.close(descriptor)
    assert at.content(out) == at.whole(FIRST)


# -- cut short --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [{}, FIRST], ids=["empty", "ours"])
@pytest.mark.parametrize("moves", range(7))
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(tmp_path, at, monkeypatch, before, moves):
    """Killed after so many moves: without manifest.json, or whole; never the old one beside new files."""
    out = tmp_path / "out"
    out.mkdir()
    if before:
        at.write(out, before)
    with monkeypatch.context() as patched:
        killed(patched, moves)
        with suppress(Killed):
            at.write(out, SECOND)
    seen = at.content(out)
    if "manifest.json" in seen:
        listed = manifest.decode(seen["manifest.json"]).files
        assert {path: manifest.Digest.of(seen[path]) for path in listed} == listed
    at.write(out, FIRST)
    assert at.content(out) == at.whole(FIRST)


def test_a_stage_that_was_never_whole_is_thrown_away(tmp_path, at):
    out = tmp_path / "out"
    (out / STAGE / "csv").mkdir(parents=True)
    (out / STAGE / "csv" / "pods.csv").write_bytes(b"ha")
    at.write(out, FIRST)
    assert at.content(out) == at.whole(FIRST)


def test_a_linked_stage_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / STAGE).symlink_to(tmp_path)
    with pytest.raises(UsageError, match="is a link"):
        Folder(tmp_path / "out")


# -- mount points -----------------------------------------------------------------------------------


def test_what_a_fresh_volume_holds_does_not_count(tmp_path, at, monkeypatch):
    (tmp_path / "lost+found").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self == tmp_path)
    at.write(tmp_path, FIRST)
    assert at.content(tmp_path) == at.whole(FIRST)
    at.write(tmp_path, SECOND)
    assert at.content(tmp_path) == at.whole(SECOND)
    assert (tmp_path / "lost+found").is_dir()


def test_staging_stays_within_the_folder(tmp_path, at):
    """What is beside a mount point may be read-only, and is another file system."""
    out = tmp_path / "out"
    out.mkdir()
    before = tmp_path.stat().st_mtime_ns
    at.write(out, FIRST)
    assert tmp_path.stat().st_mtime_ns == before


# -- one file ---------------------------------------------------------------------------------------


def test_one_file_replaces_what_was_there(tmp_path):
    path = tmp_path / "snapshot.zip"
    path.write_bytes(b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_one_file_is_written_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["", "pipe", "link"])
def test_what_is_no_file_is_not_replaced(tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(UsageError, match="it is not a file"):
        write_file(tmp_path / name, b"new")
    assert (tmp_path / "pipe").is_fifo()


def test_one_file_cannot_be_written_where_there_is_no_folder(tmp_path):
    with pytest.raises(DeliveryError, match="No such file or directory"):
        write_file(tmp_path / "absent" / "snapshot.zip", b"new")
