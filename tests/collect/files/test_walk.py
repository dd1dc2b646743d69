"""A directory, with links and other things in it."""

import os

import pytest

from audit.collect.files.walk import Walk
from tests.collect.inputs import pod, rows, snapshot_of, write

OUTSIDE = "a symbolic link that leads outside of the input"
CIRCLE = "a symbolic link that goes around in a circle"


@pytest.fixture
def root(tmp_path):
    write(tmp_path, {"secret/s.yaml": "kind: Pod\napiVersion: v1\nmetadata: {name: s}\n"})
    return write(
        tmp_path / "in",
        {"a/p.json": pod("p"), "plain.txt": "kind: Pod\napiVersion: v1\nmetadata: {name: t}\n"},
    )


def gaps(snapshot):
    return dict(rows(snapshot, "gaps", "subject", "reason"))


def test_suffixes(root):
    write(
        root,
        {
            "b.YML": "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\n",
            "c/d/e.yaml": "",
            ".d/r.json": pod("r"),
        },
    )
    snapshot = snapshot_of(root)
    assert rows(snapshot, "pods", "name") == ["p", "q", "r"]
    assert snapshot.provenance.ignored == 1


def test_links_out_of_the_input_are_not_followed(root):
    (root / "l.yaml").symlink_to("../secret/s.yaml")
    (root / "dir").symlink_to("../secret")
    (root / "l.txt").symlink_to("../secret/s.yaml")
    snapshot = snapshot_of(root)
    assert rows(snapshot, "pods", "name") == ["p"]
    assert gaps(snapshot) == {"l.yaml": OUTSIDE, "dir": OUTSIDE}


def test_a_folder_whose_name_begins_alike_is_outside(root, tmp_path):
    write(tmp_path, {"in-secret/s.yaml": "kind: Pod"})
    (root / "l.yaml").symlink_to("../in-secret/s.yaml")
    assert gaps(snapshot_of(root)) == {"l.yaml": OUTSIDE}


def test_links_in_a_circle_are_not_followed(root):
    (root / "a" / "up").symlink_to("..")
    (root / "a" / "here").symlink_to(".")
    (root / "x.yaml").symlink_to("y.yaml")
    (root / "y.yaml").symlink_to("x.yaml")
    (root / "gone.yaml").symlink_to("nowhere")
    found = gaps(snapshot_of(root))
    assert found["a/up"] == found["a/here"] == CIRCLE
    assert "circle" in found["x.yaml"]
    assert "circle" in found["y.yaml"]
    assert "nowhere" in found["gone.yaml"]


def test_links_within_the_input_make_no_copies(root):
    (root / "again.json").symlink_to("a/p.json")
    (root / "b").symlink_to("a")
    (root / "t.yaml").symlink_to("plain.txt")
    (root / "u.yaml").symlink_to("plain.txt")
    snapshot = snapshot_of(root)
    assert rows(snapshot, "pods", "name", "source") == [("p", "a/p.json:1"), ("t", "t.yaml:1")]
    assert not len(snapshot["defects"])
    assert snapshot.complete


def test_the_input_itself_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert rows(snapshot_of(tmp_path / "link"), "pods", "name") == ["p"]


def test_a_pipe_is_no_file(root):
    os.mkfifo(root / "pipe.yaml")
    (root / "linked.yaml").symlink_to("pipe.yaml")
    assert gaps(snapshot_of(root)) == {"pipe.yaml": "is no regular file", "linked.yaml": "is no regular file"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(root):
    (root / "a").chmod(0)
    (root / "b.yaml").touch(0)
    try:
        assert set(gaps(snapshot_of(root))) == {"a", "b.yaml"}
    finally:
        (root / "a").chmod(0o700)


def test_results_of_an_earlier_run_are_no_input(tmp_path):
    (tmp_path / "pod.yaml").write_text("")
    for name, record in (
        ("out", '{"tool": "segaudit", "files": {}}'),
        ("web", '{"tool": "npm"}'),
        ("bad", "{"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(record)
        (tmp_path / name / "report.json").write_text("{}")
    found = ["/".join(each.parts) for each in Walk(tmp_path, lambda *_: None).files()]
    assert found == [
        "bad/manifest.json",
        "bad/report.json",
        "pod.yaml",
        "web/manifest.json",
        "web/report.json",
    ]
