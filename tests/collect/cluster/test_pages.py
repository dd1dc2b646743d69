"""Pages of a list to rows: the short way, in full, and object by object give the same."""

import json
import re
import threading
from unittest import mock

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.collect import lean, objects
from audit.collect.cluster import pages, rows
from audit.collect.cluster.pages import NoListError
from audit.collect.cluster.resources import RESOURCES
from audit.collect.cluster.rows import Rows
from audit.collect.collector import Collector
from audit.collect.lean import LeanPod, ReducedPod
from audit.collect.objects import Pod
from tests import strategies

PODS = next(one for one in RESOURCES if one.plural == "pods")
SERVICES = next(one for one in RESOURCES if one.plural == "services")
SHORT, FULL, SINGLE = "short", "full", "single"


def take(body, way=SHORT, resource=PODS):
    """The collector, and the rows that took the page."""
    collector = Collector()
    rows = Rows(collector, threading.Lock(), resource, f"/api/v1/{resource.plural}", lambda *_: None)
    rows.begin()
    with mock.patch.object(pages, "LARGE", 0 if way == SINGLE else 1 << 30):
        if way == SHORT:
            rows.take(bytes(pages.reduced(resource, bytearray(body)).body), None)
        else:
            with mock.patch.object(rows, "_pods", return_value=None):
                rows.take(body, None)
    return collector, rows


def finished(collector):
    """The tables."""
    return {name: pa.concat_tables(pieces).to_pylist() for name, pieces in collector.finish(templates=False)}


def page(*items, **metadata):
    """Its bytes."""
    return json.dumps({"kind": "PodList", "metadata": metadata, "items": items}).encode()


def tables(items, way=SHORT, resource=PODS):
    collector, rows = take(page(*items, resourceVersion="1"), way, resource)
    return finished(collector) | {"objects": rows.objects}


def same(items):
    """The tables of these pods, which are the same in all ways."""
    short = tables(items)
    assert short == tables(items, FULL)
    assert short == tables(items, SINGLE)
    return short


def is_short(items):
    """Whether they are read the short way."""
    rows = take(b'{"items": []}')[1]
    body = pages.reduced(PODS, bytearray(json.dumps({"items": items}).encode())).body
    return rows._pods(bytes(body)) is not None  # noqa: SLF001


def pod(name="p", *, spec=None, status=None, **metadata):
    return {
        "metadata": {"name": name, "namespace": "x", **metadata},
        "spec": {} if spec is None else spec,
        "status": {} if status is None else status,
    }


def owner(kind, name, *, controller=True):
    return {"kind": kind, "name": name, "controller": controller}


@settings(max_examples=15, deadline=None)
@given(st.lists(strategies.pods("p"), max_size=6))
def test_any_pods(items):
    for place, item in enumerate(items):
        item["metadata"] |= {"name": f"p{place}"}
    same(items)


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"podIP": "10.0.0.1"},
        {"podIP": "10.0.0.1", "podIPs": None},
        {"podIP": "", "podIPs": []},
        {"podIP": None, "podIPs": [None, {}, {"ip": None}, {"ip": ""}]},
        {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
        {"podIP": "10.0.0.1", "podIPs": [{"ip": "fd00::1"}, {"ip": "10.0.0.1"}]},
        {"podIPs": [{"ip": "10.0.0.1"}]},
        {"podIP": "FD00:0::1", "podIPs": [{"ip": "fd00::1"}]},
        {"podIP": "::ffff:10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
        {"podIP": "::ffff:0:0"},
        {"podIP": "::10.0.0.1"},
        {"podIP": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"podIP": "010.0.0.1"},
        {"podIP": "10.0.0.256"},
        {"podIP": "10.1"},
        {"podIP": " 10.0.0.1"},
        {"podIP": "fe80::1%eth0"},
        {"podIP": "***HIDDEN***"},
        {"podIP": "1\u0660.0.0.1"},
        {"podIP": '"'},
        {"hostIP": "192.168.0.1", "hostIPs": [{"ip": "192.168.0.1"}, {"ip": "fd00::1"}]},
        {"hostIP": "node-1"},
        {"hostIP": None, "hostIPs": None},
        {"phase": None},
        {"phase": "Running"},
    ],
)
def test_addresses(status):
    same([pod(status=status), pod("q", status=status)])


def test_addresses_that_are_written_with_blanks():
    body = (
        b'{"items": [{"metadata": {"name": "p", "namespace": "x"}, "status": '
        b'{"podIP": "10.0.0.1", "podIPs": [ { "ip" : "10.0.0.1" } , {"ip": "fd00::1"} ]}}]}'
    )
    short, full = (finished(take(body, way)[0]) for way in (SHORT, FULL))
    assert short["addresses"] == full["addresses"]
    assert len(short["addresses"]) == 2


@pytest.mark.parametrize(
    "owners",
    [
        None,
        [],
        [None],
        [owner("Node", "n")],
        [owner("Other", "o", controller=False), owner("ReplicaSet", "web-abc")],
        [owner("ReplicaSet", "web-abc", controller=None)],
        [owner("ReplicaSet", "web")],
        [owner("Job", "j"), owner("ReplicaSet", "web-abc")],
        [{"controller": True}],
        [owner(None, None)],
    ],
)
@pytest.mark.parametrize(
    "labels", [{}, None, {"pod-template-hash": "abc"}, {"pod-template-hash": None}, {"a": "b"}]
)
def test_owners(owners, labels):
    items = [pod(ownerReferences=owners, labels=labels)]
    assert is_short(items)
    same(items)


@pytest.mark.parametrize(
    "port",
    [
        None,
        {},
        {"containerPort": 80},
        {"containerPort": 80, "name": "web", "protocol": "UDP", "hostPort": 8080},
        {"containerPort": 0},
        {"containerPort": 2**70},
        {"containerPort": "80"},
        {"containerPort": 80, "protocol": "tcp"},
        {"containerPort": 80, "hostPort": 70_000},
    ],
)
def test_ports(port):
    containers = [{"ports": [port, port]}, None, {"ports": None}, {}]
    once, beside = {"ports": [port]}, {"ports": [port], "restartPolicy": "Always"}
    same([pod(spec={"containers": containers}), pod("q", spec={"initContainers": [once, None, beside]})])


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": {"name": "o", "namespace": "x"}},
        {"metadata": {"name": "o", "namespace": "x"}, "spec": None, "status": None},
        {"metadata": {"name": "o"}},
        {"metadata": {"namespace": "x"}},
        {"metadata": {"name": None, "generateName": "o-", "namespace": "x"}},
        {"metadata": None},
        {},
        pod(spec={"containers": None, "initContainers": None, "nodeName": None, "hostNetwork": None}),
        pod(spec={"containers": {}}),
        pod(spec={"hostNetwork": "true"}),
        pod(spec=[]),
        "text",
        1,
        [],
    ],
)
def test_one_odd_pod_does_not_cost_the_page(odd):
    found = same([pod("a"), odd, pod("b")])
    assert {"a", "b"} <= {row["name"] for row in found["pods"]}


@pytest.mark.parametrize("labels", [{"a": 1}, {"a": {}}, [], ["a"], "text", 1])
def test_labels_that_are_none(labels):
    same([pod("a", labels=labels), pod("b")])


@pytest.mark.parametrize("annotations", [{"k8s.v1.cni.cncf.io/networks": "macvlan", "other": "x"}, {}, None])
def test_further_networks(annotations):
    found = same([pod("a", annotations=annotations), pod("b")])["attached"]
    assert [row["name"] for row in found] == (["a"] if annotations else [])


def test_names_and_labels_are_not_held_against_the_rules_again():
    odd = [pod(name="A_b", labels={"a b": "c d"})]
    assert tables(odd, SHORT)["defects"] == []


def test_an_address_that_no_system_call_takes():
    same([pod("a", status={"podIP": "10.0.0.1\0", "hostIP": "\0"}), pod("b")])


def test_null_items_are_no_objects():
    found = same([None, pod("a"), None])
    assert (len(found["pods"]), found["objects"]) == (1, 1)
    assert same([None])["objects"] == 0


@pytest.mark.parametrize("way", [SHORT, FULL, SINGLE])
def test_items_may_be_null(way):
    assert take(b'{"kind": "PodList", "items": null}', way)[1].objects == 0


@pytest.mark.parametrize("way", [SHORT, SINGLE])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"kind": "Status", "message": "x"}', "it is a Status"),
        (b"{}", "it has no items"),
        (b'{"items": [{"metadata": {}}', "it is not valid JSON, or breaks off"),
        (b"<html>", "it is not valid JSON, or breaks off"),
        (b"", "it is not valid JSON, or breaks off"),
        (b"[]", "it is not valid JSON, or breaks off"),
    ],
)
def test_what_is_no_list(body, told, way):
    with pytest.raises(NoListError, match=f"^{told}$"):
        take(body, way)


@pytest.mark.parametrize("way", [SHORT, SINGLE])
def test_a_page_that_is_not_utf8_is_no_list(way):
    body = b'{"items": [{"metadata": {"name": "\xff", "namespace": "x"}}], "kind": "\xff"}'
    with pytest.raises(NoListError):
        take(body, way)


def test_a_list_that_begins_again_drops_what_was_taken():
    collector, rows = take(json.dumps({"items": [pod("old"), pod("both")]}).encode())
    rows.begin()
    assert rows.objects == 0
    rows.take(page(pod("both"), pod("new")), None)
    found = finished(collector)
    assert [row["name"] for row in found["pods"]] == ["both", "new"]
    assert not found["defects"]


def test_how_far_it_is_is_told():
    told = []
    rows = Rows(Collector(), threading.Lock(), PODS, "/api/v1/pods", lambda *counts: told.append(counts))
    rows.begin()
    rows.take(page(pod()), 5)
    rows.take(page(pod()), None)
    assert told == [(1, 6), (2, None)]


def test_a_page_says_what_comes_behind_it():
    meta = pages.reduced(PODS, bytearray(page(pod(), **{"continue": "x", "remainingItemCount": 5}))).meta
    assert (meta.proceed, meta.remaining_item_count) == ("x", 5)


def test_of_a_reduced_page_no_more_is_left_than_is_read():
    secret = {"containers": [{"env": [{"name": "A", "value": "hidden"}], "ports": [{"containerPort": 1}]}]}
    body = page(pod(spec=secret, annotations={"a": "hidden"}, labels={"app": "web"}))
    reduced = bytes(pages.reduced(PODS, bytearray(body)).body)
    assert b"hidden" not in reduced
    assert b"containerPort" in reduced
    assert len(reduced) < len(body)


def test_what_is_read_of_a_pod_is_the_same_both_ways():
    assert _fields(LeanPod) == _fields(Pod)
    handed_over = {"spec.containers", "spec.initContainers", "metadata.ownerReferences", "status.podIPs"}
    assert _fields(ReducedPod, handed_over) == _fields(Pod, handed_over) - {"metadata.generateName"}


def _fields(struct, opaque=("spec.containers.ports", "spec.initContainers.ports", "status.podIPs")):
    """The names of all fields, with those around them; a part that is left as bytes is not looked into."""
    found = set()
    for field in msgspec.structs.fields(struct):
        found.add(field.encode_name)
        for name in re.findall(r"\w+(?=\W|$)", str(field.type)):
            inner = getattr(lean, name, None) or getattr(objects, name, None)
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                found |= {f"{field.encode_name}.{one}" for one in _fields(inner)}
    opaque = {*opaque, "status.hostIPs"}
    return {name for name in found if not any(name.startswith(f"{one}.") for one in opaque)}


def test_services_object_by_object():
    items = [
        {"metadata": {"name": f"s{n}", "namespace": "x"}, "spec": {"ports": [{"port": port}]}}
        for n, port in enumerate((80, 0, "80", None))
    ]
    whole, single = tables(items, FULL, SERVICES), tables(items, SINGLE, SERVICES)
    assert whole == single
    assert len(whole["services"]) == 4


@pytest.mark.parametrize(
    ("path", "version"), [("/api/v1/pods", "v1"), ("/apis/apps/v1/namespaces/x/deployments", "apps/v1")]
)
def test_the_api_version_in_a_path(path, version):
    assert rows._api_version(path) == version  # noqa: SLF001
