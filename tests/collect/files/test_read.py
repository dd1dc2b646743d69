"""Files of all forms to a snapshot."""

import io
import json
import os
from pathlib import Path

import pytest

from audit.collect.files import collect_files
from audit.errors import CollectError
from tests.collect.inputs import listed, pod, rows, snapshot_of, write

EXAMPLE = Path(__file__).parents[3] / "examples" / "sock-shop"
BOM = "\N{BYTE ORDER MARK}"
BARE = {"metadata": {"name": "p", "namespace": "x"}}
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: x}\n"


INDENTED = POD.replace("\n", "\n  ").rstrip()
TYPED = "{kind: PodList, apiVersion: v1, items: [{metadata: {name: p, namespace: x}}]}"
Q = "{apiVersion: v1, kind: Pod, metadata: {name: q}}"


def as_text(value):
    return json.dumps(value, indent=1)


def typed(*items, **metadata):
    return {"apiVersion": "v1", "kind": "PodList", "metadata": metadata, "items": list(items)}


def test_the_bundled_example():
    snapshot = snapshot_of(EXAMPLE)
    counts = dict(rows(snapshot, "kinds", "kind", "objects"))
    assert counts == {"deployments": 14, "namespaces": 2, "networkpolicies": 13, "pods": 0, "services": 14}
    assert snapshot["pods"]["template"].all()
    assert len(snapshot["pods"]) == 14
    assert snapshot.complete


@pytest.mark.parametrize(
    "content",
    [
        POD,
        BOM + POD,
        POD.replace("\n", "\r\n"),
        f"---\n# nothing\n---\n{POD}---\n",
        json.dumps(pod("p", "x")),
        BOM + json.dumps(pod("p", "x")),
        as_text(listed(pod("p", "x"))),
        as_text(typed(BARE)),
        as_text(listed(typed(BARE), listed(), None)),
        as_text([pod("p", "x"), None]),
        as_text([typed(BARE)]),
        as_text({"items": [pod("p", "x")]}),
        f"{as_text(listed())}\n{as_text(pod('p', 'x'))}",
        f"{as_text(listed())}\n---\n{as_text(pod('p', 'x'))}",
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: p, namespace: x}\n",
        "apiVersion: v1\nitems:\n- metadata: {name: p, namespace: x}\nkind: PodList\n",
        f"items:\n- {INDENTED}\nkind: List\napiVersion: v1\n",
        f"kind: List\nitems:\n- {TYPED}\n",
        f"kind: List\nitems:\n- kind: List\n  items: [{TYPED}]\n",
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: x}}",
    ],
)
def test_all_ways_to_write_one_pod(single, content):
    snapshot = single(content)
    assert rows(snapshot, "pods", "namespace", "name") == [("x", "p")]
    assert not len(snapshot["gaps"])
    assert not len(snapshot["defects"])


def test_utf_16(single):
    assert len(single(POD.encode("utf-16"))["pods"]) == 1


def test_lines(tmp_path):
    files = {
        "a.json": json.dumps(listed(pod("a"), pod("b")), indent=1),
        "b.yaml": f"# one\n\n---\n{POD}---\nkind: List\nitems:\n- {Q}\n",
        "c.json": json.dumps(listed(listed(pod("c")), pod("d")), indent=1),
    }
    snapshot = snapshot_of(write(tmp_path, files))
    sources = dict(rows(snapshot, "pods", "name", "source"))
    for name, text in files.items():
        for line, content in enumerate(text.splitlines(), 1):
            for found in ("a", "b", "c", "d"):
                if f'"name": "{found}"' in content:
                    assert sources[found] == f"{name}:{line - 4}"
    assert sources["p"] == "b.yaml:4"
    assert sources["q"] == "b.yaml:10"


def test_what_cannot_be_read_is_named_and_the_rest_counts(tmp_path):
    files = {
        "a.yaml": f"{POD}---\na: [\n---\n{POD.replace('name: p', 'name: q')}",
        "b.yaml": "kind: Pod\nname: {{ .Values.name }}\n",
        "c.json": '{"kind": "Pod", ',
        "d.yaml": b"a: \0\n",
        "e.yaml": "[" * 2000,
        "f.yaml": "just words\n",
        "g.json": '{"kind": "List", "items": [1, {"kind": []}, ' + json.dumps(pod("r", "x")) + "]}",
    }
    snapshot = snapshot_of(write(tmp_path, files))
    assert rows(snapshot, "pods", "name") == ["p", "q", "r"]
    gaps = dict(rows(snapshot, "gaps", "subject", "reason"))
    assert set(gaps) == {"a.yaml:6", "b.yaml:2", "c.json:2", "d.yaml:1", "e.yaml:1", "f.yaml:1", "g.json:1"}
    assert "template" in gaps["b.yaml:2"]
    assert not snapshot.complete


@pytest.mark.parametrize(
    "bad", ['{"metadata": {"name": "bad"}, "kind": "Pod", "apiVersion": "v1", "spec": ]}']
)
def test_a_broken_item_breaks_its_file_only(tmp_path, bad):
    files = {"a.json": f'{{"kind": "List", "items": [{json.dumps(pod("p"))}, {bad}]}}', "b.json": pod("q")}
    snapshot = snapshot_of(write(tmp_path, files))
    assert rows(snapshot, "pods", "name") == ["p", "q"]
    assert rows(snapshot, "gaps", "subject", "reason") == [("a.json:1", "is not valid YAML")]


def test_an_item_of_an_odd_shape_counts(single):
    odd = pod("p", "x")
    odd["metadata"]["uid"] = 1
    assert rows(single(listed(odd)), "pods", "name") == ["p"]


def test_an_item_that_only_fails_inside_is_a_gap(single):
    deep = json.dumps(pod("deep")).replace('"spec": {}', '"spec": ' + "[" * 1500 + "]" * 1500)
    snapshot = single(f'{{"kind": "List", "items": [{json.dumps(pod("p"))},\n{deep}]}}')
    assert rows(snapshot, "pods", "name") in (["p"], [])
    assert "nested" in rows(snapshot, "gaps", "reason")[0]


def test_lists_within_lists_are_bounded(single):
    for text in (json.dumps, lambda value: f"# yaml\n{json.dumps(value)}"):
        nested = listed(pod("deep"))
        for _ in range(40):
            nested = listed(nested)
        snapshot = single(text(listed(nested, pod("p"))))
        assert rows(snapshot, "pods", "name") == ["p"]
        assert rows(snapshot, "gaps", "reason") == ["lists within lists, over 32 deep"]


def test_documents_of_other_kinds_are_counted(tmp_path):
    files = {
        "a.yaml": f"{POD}---\nreplicas: 3\n",
        "b.json": {"a": 1},
        "c.yaml": "kind: ConfigMap\n",
        "notes.txt": "x",
    }
    provenance = snapshot_of(write(tmp_path, files)).provenance
    assert provenance.others == {"ConfigMap": 1, "without kind": 2}
    assert (provenance.files, provenance.ignored, provenance.documents) == (3, 1, 2)
    assert provenance.description == tmp_path.name


def test_stdin():
    snapshot = collect_files(
        Path("-"), taken="t", tool_version="0", stdin=io.BytesIO(json.dumps(listed(pod("p", "x"))).encode())
    )
    assert rows(snapshot, "pods", "source") == ["stdin:1"]
    assert snapshot.provenance.description == "stdin"


def test_a_snapshot_on_stdin(tmp_path):
    container = snapshot_of(write(tmp_path, {"a.json": pod()})).container
    assert (
        collect_files(Path("-"), taken="t", tool_version="0", stdin=io.BytesIO(container)).container
        == container
    )


def test_a_large_file_is_mapped(tmp_path):
    many = [pod(f"p{n}") | {"padding": "x" * 1000} for n in range(5000)]
    for name, text in (
        ("a.json", json.dumps(listed(*many))),
        ("b.yaml", f"---\n{json.dumps(many[0])}\n#{'x' * 5_000_000}"),
    ):
        snapshot = snapshot_of(write(tmp_path / name, {name: text}))
        assert rows(snapshot, "pods", "source")[0] == f"{name}:{1 if name == 'a.json' else 2}"


def test_json_in_a_file_of_any_name(tmp_path):
    write(tmp_path, {"dump.txt": listed(pod())})
    assert len(snapshot_of(tmp_path / "dump.txt")["pods"]) == 1


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no Kubernetes object in 0 files"),
        ({"a.txt": POD}, "no Kubernetes object in 0 files"),
        ({"a.yaml": "a: ["}, "a.yaml:2 is not valid YAML"),
        ({"a.yaml": "a: [", "b.yaml": "\0"}, "a.yaml:2 is not valid YAML, and 1 more"),
        ({"a.yaml": "replicas: 1"}, "no Kubernetes object in 1 file;"),
    ],
)
def test_nothing_readable_is_an_error_of_one_line(tmp_path, files, words):
    with pytest.raises(CollectError, match=r"^nothing readable in ") as error:
        snapshot_of(write(tmp_path, files))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_not_there(tmp_path):
    with pytest.raises(
        CollectError, match=r"^cannot read \S+/gone: No such file or directory; name a folder"
    ):
        snapshot_of(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CollectError, match="pipe it in"):
        snapshot_of(tmp_path / "pipe")


def test_an_empty_list_is_readable(single):
    assert not len(single(listed())["pods"])


def test_hostile_names_stay_harmless(tmp_path):
    files = {b"a\nb\xff\x1b[31m.json": json.dumps(pod("p", labels={"k\nx": "\x00\x1b"}))}
    for name, text in files.items():
        (Path(os.fsdecode(os.fsencode(tmp_path))) / os.fsdecode(name)).write_text(text)
    snapshot = snapshot_of(tmp_path)
    replaced = "\N{REPLACEMENT CHARACTER}"
    assert rows(snapshot, "pods", "source") == [f"a{replaced}b{replaced}{replaced}[31m.json:1"]
    assert snapshot.container
