"""Arrow arrays, made without pandas."""

import subprocess
import sys
import textwrap

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.frames import arrow

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20)


@settings(deadline=None)  # the first time takes long
@given(TEXTS)
def test_texts(values):
    for made in (arrow.texts(values), arrow.coded(values)):
        made.validate(full=True)
        assert made.to_pylist() == values
    assert arrow.texts(values).equals(pa.array(values, pa.large_string()))
    assert len(arrow.coded(values).dictionary) == len(set(values))


@pytest.mark.parametrize("values", [[], [""], ["a" * 70_000, "", "ä"], ["x"] * 5000, ["日本", "\x00", "😀"]])
def test_some_texts(values):
    made = arrow.texts(values)
    made.validate(full=True)
    assert made.to_pylist() == values


def test_a_lone_surrogate_is_a_question_mark():
    assert arrow.texts(["a\ud800b", "ä"]).to_pylist() == ["a?b", "ä"]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64", "bool"])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 5000])
def test_numbers(dtype, count):
    values = (np.arange(count) % 3).astype(dtype)
    for given_values in (values, values[::2], values[::-1]):
        made = arrow.numbers(given_values)
        made.validate(full=True)
        assert made.to_pylist() == given_values.tolist()
        assert made.type == pa.from_numpy_dtype(np.dtype(dtype))


def test_numbers_of_an_array_that_begins_within_another():
    made = arrow.numbers(np.arange(10, dtype=np.int32))
    assert arrow.values(made).tolist() == list(range(10))
    assert arrow.values(made[3:7]).tolist() == [3, 4, 5, 6]
    assert arrow.values(made[5:5]).tolist() == []


def test_codes():
    made = arrow.codes(np.array([1, 0, 1], np.int32), ["a", "ü"])
    made.validate(full=True)
    assert made.to_pylist() == ["ü", "a", "ü"]


def test_pieces_become_whole():
    assert arrow.whole(pa.chunked_array([[1], [], [2, 3]])).to_pylist() == [1, 2, 3]
    assert arrow.whole(pa.chunked_array([], pa.int32())).equals(pa.array([], pa.int32()))


@pytest.mark.parametrize("rows", [[], [0], [2, 1, 1], [1, 2], range(5)])
def test_some_rows(rows):
    assert arrow.taken(arrow.numbers(np.arange(5)), np.array(rows, np.intp)).to_pylist() == list(rows)


def test_a_compact_table_has_the_texts_that_it_uses():
    table = pa.table(
        {"code": arrow.codes(np.array([3, 0, 3], np.int32), ["a", "b", "c", "d"]), "number": [1, 2, 3]}
    )
    compact = arrow.compact(table)
    assert compact.to_pydict() == table.to_pydict()
    assert arrow.whole(compact["code"]).dictionary.to_pylist() == ["a", "d"]


def test_one_of_two():
    first = pa.array([True, False])
    assert arrow.chosen(first, pa.array(["a", "b"]), pa.array(["c", "d"])).to_pylist() == ["a", "d"]


def test_a_snapshot_of_a_cluster_is_taken_without_pandas():
    script = """
        import sys
        import tempfile
        from pathlib import Path
        from audit.collect.cluster.messages import Connect
        from audit.collect.cluster.read import collect_cluster
        from tests.collect.cluster.canned import Api

        def pod(name):
            metadata = {"name": name, "namespace": "x", "labels": {"app": "a"}}
            return {"metadata": metadata, "spec": {"nodeName": "n"}, "status": {"podIP": "10.0.0.1"}}

        with Api() as api, tempfile.TemporaryDirectory() as folder:
            namespace = {"metadata": {"name": "x"}}
            policy = {"metadata": {"name": "p", "namespace": "x"}, "spec": {"podSelector": {}}}
            pods = [pod("a"), pod("b"), pod("c")]
            api.serve_all(pods=pods, namespaces=[namespace], networkpolicies=[policy])
            file = str(api.kubeconfig(Path(folder, "config")))
            snapshot = collect_cluster(Connect((file,), None, "text", False, False), tool_version="0")
        assert len(snapshot.container) > 1000
        assert (snapshot.rows("pods"), snapshot.rows("policies")) == (3, 1)
        print(snapshot.missing())
        assert "pandas" not in sys.modules
        """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
