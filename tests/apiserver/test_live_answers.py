"""A live cluster gives the same answers, cell by cell, as files with all that kubectl prints of it."""

import json
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.collect.cluster.resources import RESOURCES, SAME
from bench.generate import Options, cluster
from bench.manifests import texts
from tests import acceptance
from tests.apiserver.accepted import single
from tests.apiserver.live import audit, incomplete, pods, rows, take
from tests.apiserver.load import fill, policy_crds
from tests.apiserver.server import ApiServer

pytestmark = [pytest.mark.apiserver, pytest.mark.usefixtures("alone")]

ROOT = Path(__file__).parents[2]
CORPUS = acceptance.ROOT.parent / "corpus"
OTHER_CHECKOUT = "left out: no corpus at ../shared/corpus beside this checkout"
TABLES = ("pods", "namespaces", "findings", "checks", "policies", "rules", "workloads", "services")
OF_THE_SOURCE = frozenset(("source",))
"""Columns that say where an object was read."""
OF_THE_PLUG_IN = frozenset(
    (
        "plug-in-enforces-policies",
        "plug-in-honours-the-feature",
        "plug-in-knows-the-policy-kind",
        "pods-are-within-reach-of-the-plug-in",
    )
)
"""Checks that go by more than these objects: groups that a server serves, pods that files have in full."""
HOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService")
"""Kinds that would have the server ask somebody who is not there."""
OWNED = {"DaemonSet": "apps/v1", "Job": "batch/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1"}

Document = dict[str, Any]


def _read(*folders: Path) -> list[Document]:
    """The objects of all manifests."""
    files = (file for folder in folders for file in sorted(folder.rglob("*")))
    documents = (
        document
        for file in files
        if file.suffix in {".yaml", ".yml", ".json"} and file.is_file()
        for document in _documents(file)
        if isinstance(document, dict) and "kind" in document
    )
    return [document for document in single(documents) if document["kind"] not in HOOKS]


def _documents(file: Path) -> list[Any]:
    try:
        return list(yaml.load_all(file.read_bytes(), Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return []


def _with_pods(documents: Iterable[Document]) -> Iterator[Document]:
    """The objects, and two pods of every workload, as its controllers would make them."""
    numbers = count(1)
    for document in documents:
        metadata = {"namespace": "default", **(document.get("metadata") or {})}
        document = {**document, "metadata": metadata}  # noqa: PLW2901  # the one with its namespace
        yield document
        spec = document.get("spec") or {}
        if document.get("kind") == "Deployment" and "template" in spec:
            document = _replica_set(document, metadata)  # noqa: PLW2901  # which owns the pods
            yield document
        if document.get("apiVersion") == OWNED.get(document.get("kind", "")) and "template" in spec:
            yield from (_pod(document, number, next(numbers)) for number in range(2))


def _replica_set(deployment: Document, metadata: Document) -> Document:
    labels = {**spec_labels(deployment), "pod-template-hash": "5d8c7f9b6"}
    template = deployment["spec"]["template"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "namespace": metadata["namespace"],
            "name": f"{metadata['name']}-5d8c7f9b6",
            "labels": labels,
            "ownerReferences": [_owner("apps/v1", "Deployment", metadata["name"])],
        },
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}},
        },
    }


def spec_labels(workload: Document) -> Document:
    """Those of its pods."""
    return (workload["spec"]["template"].get("metadata") or {}).get("labels") or {}


def _owner(api_version: str, kind: str, name: str) -> Document:
    return {"apiVersion": api_version, "kind": kind, "name": name, "controller": True}


def _pod(owner: Document, number: int, address: int) -> Document:
    metadata = owner["metadata"]
    template = owner["spec"]["template"]
    ip = f"10.64.{address // 250}.{address % 250 + 1}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **(template.get("metadata") or {}),
            "namespace": metadata["namespace"],
            "name": f"{metadata['name']}-{number}",
            "ownerReferences": [_owner(owner["apiVersion"], owner["kind"], metadata["name"])],
        },
        "spec": _of_the_network(template["spec"]),
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "hostIP": "10.0.0.1"},
    }


def _of_the_network(spec: Document) -> Document:
    """The part of a pod's spec that counts here: the rest may need objects that are not there."""
    kept = {key: value for key, value in spec.items() if key == "hostNetwork"}
    for containers in ("containers", "initContainers"):
        kept[containers] = [
            {key: value for key, value in one.items() if key in {"name", "ports", "restartPolicy"}}
            for one in spec.get(containers) or ()
        ]
    return kept


def _examples() -> list[Document]:
    return list(
        _with_pods(_read(ROOT / "examples" / "sock-shop", ROOT / "examples" / "three-tier" / "after"))
    )


def _corpus() -> list[Document]:
    if not CORPUS.is_dir():
        pytest.skip(OTHER_CHECKOUT)
    return list(_with_pods(_read(CORPUS)))


def _generated() -> list[Document]:
    made = cluster(Options(pods=400, namespaces=20, policies=120, services=40, nodes=5, seed=7))
    return [json.loads(text) for text in texts(made, json.dumps)]


def _nasty() -> list[Document]:
    if not acceptance.CASES:
        pytest.skip("left out: no clusters with known answers beside this checkout")
    return list(_with_pods(_read(*(case / "manifests" for case in acceptance.CASES[:8]))))


INPUTS = {
    "examples": (_examples, 30),
    "corpus": (_corpus, 200),
    "generated": (_generated, 400),
    "nasty": (_nasty, 10),
}
"""Each with the least number of pods."""


@pytest.fixture(scope="module", params=INPUTS)
def both(request, tmp_path_factory):
    """The folders of the results, live and from files, and the least number of pods."""
    objects, least = INPUTS[request.param]
    documents = objects()
    folder = tmp_path_factory.mktemp(f"answers-{request.param}")
    with ApiServer(tmp_path_factory.mktemp("answering")) as server:
        assert fill(server, policy_crds()) == []
        fill(server, documents)  # what a server refuses is in neither of the two
        config = server.kubeconfig("admin-of-answers")
        code, snapshot = take(config)
        assert code == 0
        assert incomplete(snapshot) == set()
        assert len(pods(snapshot)) >= least
        kinds = ",".join(
            f"{one.path_name}.{one.group}".rstrip(".") for one in RESOURCES if one.group not in SAME
        )
        file = folder / "cluster.json"
        file.write_text(server.kubectl("get", kinds, "--all-namespaces", "-o", "json"), "utf-8")
        live, files = ("--kubeconfig", config), ("--from", file)
        for name, source in (("live", live), ("files", files)):
            options = ("--format", "csv", "--out", folder / name)
            assert audit("run", *source, *options) == 0
        yield folder, live, files


def _cells(folder: Path, table: str) -> list[dict[str, str]]:
    return [
        {key: value for key, value in row.items() if key not in OF_THE_SOURCE}
        for row in rows(folder / "csv" / f"{table}.csv")
        if row.get("check") not in OF_THE_PLUG_IN
    ]


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_the_same(both, table):
    folder, *_ = both
    live, files = _cells(folder / "live", table), _cells(folder / "files", table)
    assert live
    assert live == files


@pytest.mark.parametrize("level", ["pod", "workload", "namespace"])
def test_every_connection_is_the_same(both, capsys, level):
    _, *sources = both
    printed = []
    for source in sources:
        assert audit("connections", *source, "--level", level) == 0
        printed.append(capsys.readouterr().out)
    live, files = printed
    assert live.count("\n") > 1
    assert live == files
