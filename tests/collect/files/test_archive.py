"""Archives, which are not trusted."""

import gzip
import io
import json
import random
import tarfile

import pytest

from audit.collect.files import archive
from audit.errors import CollectError
from tests.collect.inputs import pod, rows, snapshot_of


def packed(tmp_path, members, compress=gzip.compress):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for member in members:
            name, content = member if isinstance(member, tuple) else (member, b"")
            if isinstance(name, tarfile.TarInfo):
                tar.addfile(name)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(compress(buffer.getvalue()))
    return path


def text(name, **more):
    return json.dumps(pod(name, **more)).encode()


def gaps(snapshot):
    return dict(rows(snapshot, "gaps", "subject", "reason"))


def test_its_files_count_in_path_order(tmp_path):
    members = [
        ("./b/p.json", text("p", labels={"n": "b"})),
        ("a.json", text("p", labels={"n": "a"})),
        ("x.log", b"x"),
    ]
    snapshot = snapshot_of(packed(tmp_path, members))
    assert rows(snapshot, "pods", "source") == ["b/p.json:1"]
    assert snapshot.provenance.ignored == 1
    assert len(snapshot["defects"]) == 1


def test_links_and_other_things_are_not_followed(tmp_path):
    link = tarfile.TarInfo("l.yaml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("d.json")
    device.type = tarfile.FIFOTYPE
    folder = tarfile.TarInfo("f")
    folder.type = tarfile.DIRTYPE
    members = [link, device, folder, ("../up.json", text("up")), ("p.json", text("p"))]
    snapshot = snapshot_of(packed(tmp_path, members))
    assert rows(snapshot, "pods", "name") == ["p"]
    assert set(gaps(snapshot)) == {"l.yaml", "d.json", "../up.json"}


def test_a_damaged_archive_counts_as_far_as_it_can_be_read(tmp_path):
    noise = random.Random(1).randbytes(100_000).hex().encode()  # noqa: S311  # noise, no secret
    path = packed(tmp_path, [("p.json", text("p")), ("q.log", noise), ("r.json", text("r"))])
    path.write_bytes(path.read_bytes()[:-1000])
    snapshot = snapshot_of(path)
    assert rows(snapshot, "pods", "name") == ["p"]
    assert "damaged" in gaps(snapshot)["bundle.tar.gz"]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_RATIO_FREE", 1 << 20)
    path = packed(tmp_path, [("p.json", text("p")), ("b.log", bytes(8 << 20)), ("q.json", text("q"))])
    snapshot = snapshot_of(path)
    assert rows(snapshot, "pods", "name") == ["p"]
    assert "unpacks to" in gaps(snapshot)["bundle.tar.gz"]


def test_too_many_and_too_large_files(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MEMBERS_MAX", 2)
    monkeypatch.setattr(archive, "MEMBER_BYTES_MAX", 500)
    members = [("p.json", text("p")), ("q.json", text("q") + b" " * 500), ("r.json", text("r"))]
    snapshot = snapshot_of(packed(tmp_path, members))
    assert rows(snapshot, "pods", "name") == ["p"]
    assert set(gaps(snapshot)) == {"q.json", "bundle.tar.gz"}


@pytest.mark.parametrize(
    "content", [gzip.compress(b"no archive", mtime=0), b"\x1f\x8bgarbage", gzip.compress(b"", mtime=0)]
)
def test_what_is_no_archive_says_so(tmp_path, content):
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(CollectError, match=r"nothing readable in x\.tar\.gz"):
        snapshot_of(tmp_path / "x.tar.gz")
