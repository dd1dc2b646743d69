"""The folder of `--out`, which holds one run: what verify says of it."""

from audit.deliver.files import Folder
from audit.store import open_place
from audit.store.verify import verify
from tests.store.runs import files_of


def test_an_output_folder_with_what_was_left_unfinished(tmp_path, record):
    files = files_of("mine")
    Folder(tmp_path / "out").write(files, record(files))
    (tmp_path / "out" / ".segaudit-unfinished" / "csv").mkdir(parents=True)
    (tmp_path / "out" / ".segaudit-unfinished" / "csv" / "pods.csv").write_bytes(b"x")
    (found,) = verify(open_place(str(tmp_path / "out"))).found
    assert (found.where, found.broken) == (".segaudit-unfinished", False)
    assert found.what == "holds what a run did not end to write, or is writing: 1 file"


def test_an_output_folder_that_was_not_replaced_to_the_end(tmp_path, record):
    files = files_of("mine")
    out = tmp_path / "out"
    Folder(out).write(files, record(files))
    (out / ".segaudit-unfinished").mkdir()
    (out / "manifest.json").rename(out / ".segaudit-unfinished" / "manifest.json")
    (found,) = verify(open_place(str(out))).found
    assert (found.where, found.broken) == (".segaudit-unfinished", False)
    assert "the next run there ends that" in found.what


def test_an_output_folder(tmp_path, record):
    files = files_of("mine")
    Folder(tmp_path / "out").write(files, record(files))
    place = open_place(str(tmp_path / "out"))
    assert verify(place).found == []
    (tmp_path / "out" / "report.html").write_bytes(b"x")
    (tmp_path / "out" / ".hidden").write_bytes(b"x")
    assert [one.where for one in verify(place).found] == ["report.html", ".hidden"]
