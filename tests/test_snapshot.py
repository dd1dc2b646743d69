"""A snapshot file comes back as it was, always the same bytes; a damaged one is refused by name."""

import io
import zipfile

import pandas as pd
import pytest

from audit.errors import CollectError
from audit.frames import ADDRESSES, GAPS, KINDS, LABELS, PODS, SNAPSHOT_TABLES
from audit.snapshot import Provenance, Snapshot, is_snapshot, load, save

PROVENANCE = Provenance(kind="files", description="shop", taken="2026-01-01T00:00:00Z", tool_version="0")


def pods(*names):
    count = len(names)
    return PODS.frame(
        {
            "namespace": ["shop"] * count,
            "name": list(names),
            "workload_kind": ["Pod"] * count,
            "workload": list(names),
            "labels": [1] * count,
            "ports": [0] * count,
            "host_network": [False] * count,
            "phase": ["Running"] * count,
            "node": ["n1"] * count,
            "host_addresses": [""] * count,
            "template": [False] * count,
            "source": [f"shop.yaml:{i}" for i in range(count)],
        }
    )


def address(pod):
    return ADDRESSES.frame({"pod": [pod], "family": [4], "high": [0], "low": [10]})


def snapshot(**tables):
    labels = LABELS.frame({"set": [1], "key": ["app"], "value": ["web"]})
    return Snapshot(PROVENANCE, {"labels": labels, "pods": pods("a", "b"), **tables})


def test_it_comes_back_as_it_was(tmp_path):
    taken = snapshot(addresses=address(1))
    save(taken, tmp_path / "s.zip")
    data = (tmp_path / "s.zip").read_bytes()
    assert is_snapshot(data[:64])
    back = load(data, "s.zip")
    assert back.provenance == PROVENANCE
    for name in SNAPSHOT_TABLES:
        pd.testing.assert_frame_equal(back[name], taken[name], check_categorical=False)
    assert back.sha256 == taken.sha256
    assert Snapshot(back.provenance, {n: back[n] for n in SNAPSHOT_TABLES}).container == data


def test_what_was_not_read_makes_it_incomplete():
    assert snapshot().complete
    gap = GAPS.frame({"subject": ["shop.yaml:3"], "reason": ["a template"]})
    assert not snapshot(gaps=gap).complete
    columns = {"objects": [0], "resource_version": [""], "started": [""], "ended": [""], "reason": ["no"]}
    forbidden = KINDS.frame({"kind": ["networkpolicies"], "state": ["forbidden"], **columns})
    assert not snapshot(kinds=forbidden).complete
    assert snapshot(kinds=forbidden).state("networkpolicies") == "forbidden"
    assert snapshot(kinds=forbidden).state("pods") == "not asked"


def rewritten(data, name, content):
    """The archive `data` with another member `name`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return out.getvalue()


def damaged():
    whole = snapshot().container
    yield "cut off", whole[: len(whole) // 2]
    yield "no archive", b"PK\x03\x04snapshot.json"
    yield "head is no JSON", rewritten(whole, "snapshot.json", b"{")
    yield "table is no Parquet", rewritten(whole, "pods.parquet", b"PAR1 no")
    other = io.BytesIO()
    pd.DataFrame({"name": ["a"]}).to_parquet(other, index=False)
    yield "table lacks columns", rewritten(whole, "pods.parquet", other.getvalue())
    yield "address of a pod that is not there", snapshot(addresses=address(2)).container
    yield "address of no pod", snapshot(addresses=address(-1)).container
    yield "set below none", snapshot(pods=pods("a").assign(labels=-7)).container


@pytest.mark.parametrize(("why", "data"), list(damaged()), ids=[why for why, _ in damaged()])
def test_a_damaged_file_is_refused_by_name(why, data):
    with pytest.raises(CollectError, match=r"^s\.zip: not a whole snapshot file"):
        load(data, f"s.zip{why[:0]}")


def test_a_table_that_older_snapshots_lack_is_empty():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(snapshot().container)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            if member != "agents.parquet":
                text = old.read(member)
                new.writestr(member, text.replace(b'    "agents": 0,\n', b"") if ".json" in member else text)
    back = load(out.getvalue(), "s.zip")
    assert len(back["agents"]) == 0
    assert back["pods"]["name"].tolist() == ["a", "b"]


def test_a_newer_format_is_refused():
    data = snapshot().container
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        head = archive.read("snapshot.json").replace(b'"format": 1', b'"format": 99')
    with pytest.raises(CollectError, match="snapshot format 99"):
        load(rewritten(data, "snapshot.json", head), "s.zip")
