"""Objects to tables."""

import json
import random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.collect.collector import Collector
from audit.collect.items import JsonItem
from audit.collect.origins import Place
from audit.frames import SNAPSHOT_TABLES
from audit.snapshot import Provenance, Snapshot
from tests import strategies
from tests.collect.inputs import labels, listed, pod, rows, snapshot_of, workload


def service(**spec):
    metadata = {"name": "s", "namespace": "x"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def defects(snapshot):
    return rows(snapshot, "defects", "path", "reason")


def addresses(snapshot):
    return rows(snapshot, "addresses", "family", "high", "low")


def test_every_table_has_all_columns(collect):
    snapshot = collect(pod())
    for name, schema in SNAPSHOT_TABLES.items():
        assert list(snapshot[name].columns) == schema.names
        assert snapshot[name].dtypes.astype(str).tolist() == schema.empty().dtypes.astype(str).tolist()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"spec": None},
        {"spec": {"replicas": 1}, "metadata": {"labels": "x"}},
        {"spec": {"a": {"image": 1}}},
    ],
)
def test_of_custom_resources_only_those_that_may_become_pods_are_kept_and_none_can_be_broken(collect, broken):
    obj = {"apiVersion": "example.com/v1", "kind": "Database", "metadata": {"name": "d"}} | broken
    snapshot = collect(obj)
    kept = ["default"] if broken.get("spec") else []
    assert rows(snapshot, "custom_resources", "namespace") == kept
    assert not len(snapshot["defects"])
    assert not len(snapshot["gaps"])
    assert snapshot.provenance.others == {"Database": 1}


def test_an_object_without_namespace_is_in_default(collect):
    snapshot = collect(listed(pod(), service() | {"metadata": {"name": "s", "namespace": ""}}))
    assert rows(snapshot, "pods", "namespace") == ["default"]
    assert rows(snapshot, "services", "namespace") == ["default"]


def test_pods_of_one_name_in_two_namespaces_are_two(collect):
    assert rows(collect(listed(pod("p", "b"), pod("p", "a"))), "pods", "namespace") == ["a", "b"]


def test_nulls_are_as_good_as_absent(collect):
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "labels": {"a": None}, "ownerReferences": [None], "annotations": None},
        "spec": {"containers": [None, {"ports": None}, {"ports": [None]}], "initContainers": None},
        "status": {"podIPs": [None, {"ip": None}], "phase": None},
    }
    snapshot = collect(manifest)
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"a": ""}
    assert defects(snapshot) == [
        ("spec.containers[2].ports[0].containerPort", "must be a number from 1 to 65535")
    ]
    empty = collect(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": None, "status": None}
    )
    assert len(empty["pods"]) == 1


def test_addresses_are_compared_by_value_and_kept_once(collect):
    ips = ["10.0.0.1", "010.000.0.1", "::ffff:10.0.0.1", "FD00::0:1"]
    status = {"podIP": "10.0.0.1", "podIPs": [{"ip": ip} for ip in ips]}
    snapshot = collect(pod(status=status))
    assert addresses(snapshot) == [(4, 0, 0x0A000001), (6, 0xFD00 << 48, 1)]
    assert not defects(snapshot)


def test_what_is_no_address_is_a_defect(collect):
    snapshot = collect(
        pod(status={"podIP": "10.0.0.256", "podIPs": [{"ip": "10.0.0.2"}], "hostIP": "node-1"})
    )
    assert addresses(snapshot) == [(4, 0, 0x0A000002)]
    assert defects(snapshot) == [
        ("status.hostIP", "is not an address"),
        ("status.podIP", "is not an address"),
    ]


def test_redacted_addresses_are_a_gap(collect):
    snapshot = collect(pod(status={"podIP": "***HIDDEN***", "hostIP": "***HIDDEN***"}))
    assert not defects(snapshot)
    assert "redacted" in rows(snapshot, "gaps", "reason")[0]


def test_host_addresses(collect):
    status = {"hostIP": "192.168.0.1", "hostIPs": [{"ip": "192.168.0.1"}, {"ip": "fd00::1"}]}
    assert rows(collect(pod(status=status)), "pods", "host_addresses") == ["192.168.0.1 fd00::1"]


def test_ports_of_containers_that_run_beside_each_other(collect):
    web = {"name": "web", "containerPort": 80}
    spec = {
        "containers": [{"ports": [web, web]}, {"ports": [{"containerPort": 53, "protocol": "UDP"}]}],
        "initContainers": [
            {"ports": [{"name": "once", "containerPort": 1}]},
            {"restartPolicy": "Always", "ports": [{"name": "side", "containerPort": 2, "hostPort": 3}]},
        ],
    }
    assert rows(collect(pod(spec=spec)), "ports", "name", "protocol", "number", "host_port") == [
        ("", "UDP", 53, 0),
        ("side", "TCP", 2, 3),
        ("web", "TCP", 80, 0),
    ]


@pytest.mark.parametrize(
    ("port", "path"),
    [
        ({"containerPort": 0}, "containerPort"),
        ({"containerPort": 65536}, "containerPort"),
        ({"containerPort": 2**70}, "containerPort"),
        ({"containerPort": 80, "protocol": "tcp"}, "protocol"),
        ({"name": "web"}, "containerPort"),
    ],
)
def test_a_port_that_is_none_is_a_defect(collect, port, path):
    snapshot = collect(pod(spec={"containers": [{"ports": [port]}]}))
    assert not len(snapshot["ports"])
    assert [p for p, _ in defects(snapshot)] == [f"spec.containers[0].ports[0].{path}"]


def test_sets_are_kept_once_and_numbered_by_content(collect):
    snapshot = collect(
        listed(
            *(pod(f"p{n}", labels=value) for n, value in enumerate([{"b": "1"}, {"a": "1"}, {}, {"b": "1"}]))
        )
    )
    assert snapshot["pods"]["labels"].tolist() == [2, 1, 0, 2]
    assert rows(snapshot, "labels", "set", "key", "value") == [(1, "a", "1"), (2, "b", "1")]


def test_annotations_are_bounded_and_never_what_was_applied(collect):
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "{secret}", "long": "x" * 5000}
    metadata = {"name": "x", "annotations": annotations}
    snapshot = collect({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    assert labels(snapshot, snapshot["namespaces"]["annotations"][0]) == {"long": "x" * 1023 + "…"}


def test_services(collect):
    snapshot = collect(
        service(
            selector={"app": "a"},
            type="LoadBalancer",
            clusterIP="10.96.0.1",
            clusterIPs=["10.96.0.1", "fd00::1"],
            externalIPs=["203.0.113.1"],
            loadBalancerSourceRanges=["10.0.0.0/8"],
            externalTrafficPolicy="Local",
            ports=[
                {"name": "b", "port": 80, "targetPort": "web", "nodePort": 30000},
                {"port": 53, "protocol": "UDP"},
                {"port": 81, "targetPort": 8081},
            ],
        )
        | {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.2"}, {"hostname": "lb.example"}]}}}
    )
    assert labels(snapshot, snapshot["services"]["selector"][0]) == {"app": "a"}
    columns = (
        "type",
        "cluster_ips",
        "external_ips",
        "source_ranges",
        "load_balancer",
        "external_traffic_policy",
    )
    assert rows(snapshot, "services", *columns) == [
        ("LoadBalancer", "10.96.0.1 fd00::1", "203.0.113.1", "10.0.0.0/8", "203.0.113.2 lb.example", "Local")
    ]
    assert rows(snapshot, "service_ports", "service", "name", "protocol", "port", "target", "node_port") == [
        (0, "b", "TCP", 80, "web", 30000),
        (0, "", "UDP", 53, "53", 0),
        (0, "", "TCP", 81, "8081", 0),
    ]


@pytest.mark.parametrize("selector", [None, {}])
def test_a_service_without_selector_has_none(collect, selector):
    snapshot = collect(service(selector=selector, clusterIP="None"))
    assert rows(snapshot, "services", "selector", "cluster_ips", "type") == [(-1, "", "ClusterIP")]


def test_nodes(collect):
    addresses = [
        {"type": "InternalIP", "address": "192.168.0.1"},
        {"type": "Hostname", "address": "n"},
        {"type": "ExternalIP", "address": "203.0.113.1"},
        None,
    ]
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n"},
        "spec": {"providerID": "aws:///x"},
        "status": {"addresses": addresses, "nodeInfo": {"kubeletVersion": "v1.36.0"}},
    }
    assert rows(collect(node), "nodes", "name", "addresses", "provider_id", "kubelet_version") == [
        ("n", "192.168.0.1 203.0.113.1", "aws:///x", "v1.36.0")
    ]


def test_of_two_objects_of_one_name_the_last_in_path_order_counts(collect):
    files = {f"{path}.json": pod(labels={"from": path[0]}) for path in ("b", "a", "a/z", "a.b")}
    snapshot = collect(files)
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"from": "b"}
    assert len(snapshot["pods"]) == 1
    assert rows(snapshot, "pods", "source") == ["b.json:1"]
    assert rows(snapshot, "defects", "path", "reason", "source") == [
        (
            "metadata.name",
            f"is that of two objects: the one in {path}.json:1 does not count",
            "b.json:1",
        )
        for path in ("a.b", "a", "a/z")
    ]


def test_the_last_document_counts_and_items_of_lists_are_documents(collect):
    documents = [pod(labels={"n": "1"}), listed(pod(labels={"n": "2"}), pod(labels={"n": "3"}))]
    snapshot = collect("\n---\n".join(map(json.dumps, documents)))
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"n": "3"}
    assert len(snapshot["defects"]) == 2


def test_objects_whose_names_the_server_makes_are_no_copies(collect):
    generated = pod()
    generated["metadata"] = {"generateName": "p-"}
    nameless = pod()
    nameless["metadata"] = {}
    snapshot = collect(listed(generated, generated, nameless, nameless))
    assert rows(snapshot, "pods", "name") == ["", "", "p-", "p-"]
    assert defects(snapshot) == [("metadata.name", "is missing: the API server would refuse it")] * 2


def test_the_annotation_of_before_2017_has_no_effect(collect):
    beta = {"net.beta.kubernetes.io/network-policy": "{}"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x", "annotations": beta}}
    assert "no effect" in defects(collect(namespace))[0][1]


def test_kinds_are_told_apart_by_their_group(collect):
    knative = service() | {"apiVersion": "serving.knative.dev/v1"}
    snapshot = collect(listed(pod(), knative))
    assert not len(snapshot["services"])
    assert snapshot.provenance.others == {"Service.serving.knative.dev": 1}


def test_kinds_for_later_keep_what_is_asked_of_them(collect):
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i", "annotations": {"a": "b"}, "labels": {"c": "d"}},
        "spec": {"defaultBackend": {"service": {"name": "s"}}},
        "other": 1,
    }
    snapshot = collect(listed(ingress, pod()))
    (kept,) = rows(snapshot, "ingresses", "object")
    assert json.loads(kept) == {"metadata": {"labels": {"c": "d"}}, "spec": ingress["spec"]}


def test_secrets_environment_and_commands_leave_no_trace(collect):
    spec = {"containers": [{"command": ["hush"], "env": [{"name": "A", "value": "hush"}], "args": ["hush"]}]}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "hush"}}
    snapshot = collect(listed(pod(spec=spec), secret, secret | {"kind": "ConfigMap"}))
    assert not any("hush" in snapshot[table].to_csv() for table in SNAPSHOT_TABLES)
    assert snapshot.provenance.others == {"ConfigMap": 1, "Secret": 1}


def test_loaded_it_is_what_was_collected(collect, tmp_path):
    snapshot = collect(listed(pod("a", labels={"x": "y"}), service(selector={"x": "y"})))
    path = tmp_path / "any-name"
    path.write_bytes(snapshot.container)
    assert snapshot_of(path).container == snapshot.container


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.clusters(defects=True), st.randoms(use_true_random=False))
def test_the_order_of_input_does_not_matter(objects, shuffle: random.Random):
    """The same objects from the same places, in another order, give the same file."""
    placed = list(enumerate(objects))

    def container(order):
        collector = Collector()
        numbers = {}
        for number, _ in sorted(order, key=lambda _: shuffle.random()):
            numbers[number] = collector.rows.origins.add_file(f"{number}.json", (f"{number:04}",))
        for number, obj in order:
            item = JsonItem(json.dumps(obj).encode())
            collector.add(obj["apiVersion"], obj["kind"], item, Place(numbers[number], 1))
        tables = {name: pa.concat_tables(pieces) for name, pieces in collector.finish(templates=True)}
        return Snapshot(Provenance(kind="files", description="", taken="", tool_version=""), tables).container

    shuffled = placed.copy()
    shuffle.shuffle(shuffled)
    assert container(placed) == container(shuffled)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: b, a: c}}\n",
        # A label that is a number needs the long way, on which keys are seen
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": 1, "a": "c"}}}',
    ],
)
def test_of_a_label_given_twice_the_last_one_counts_and_it_is_a_defect(collect, text):
    snapshot = collect(text)
    assert labels(snapshot, snapshot["pods"]["labels"][0]) == {"a": "c"}
    assert defects(snapshot)[0] == ("metadata.labels.a", "is given twice: the last one counts")


@pytest.mark.parametrize(
    ("manifest", "path"),
    [
        (pod("Upper"), "metadata.name"),
        (pod("p\n"), "metadata.name"),
        (pod("a" * 254), "metadata.name"),
        (pod("a..b"), "metadata.name"),
        (pod("p", "a.b"), "metadata.namespace"),
        (service() | {"metadata": {"name": "a.b"}}, "metadata.name"),
        (pod(labels={"-": "a"}), "metadata.labels"),
        (pod(labels={"a": "-"}), "metadata.labels"),
        (pod(labels={"x" * 10_000: "a"}), "metadata.labels"),
        (workload("Deployment", "w", {"a": "b c"}), "spec.template.metadata.labels"),
        (workload("CronJob", "w", {"a": "b c"}), "spec.jobTemplate.spec.template.metadata.labels"),
    ],
)
def test_names_and_labels_that_the_api_server_refuses_are_defects(collect, manifest, path):
    snapshot = collect(listed(manifest, manifest | {"apiVersion": "unknown/v1"}))
    ((found, reason),) = defects(snapshot)
    assert found == path
    assert len(reason) < 200
    assert len(snapshot["pods"]) + len(snapshot["services"]) == 1


def test_names_and_labels_that_the_api_server_takes_are_none(collect):
    fine = [
        pod("a.b-1.c", "x-1", labels={"a.b/C_d.e": "", "x": "Y_1.z"}),
        service() | {"metadata": {"name": "1-a"}},
    ]
    assert defects(collect(listed(*fine))) == []


def test_each_object_with_a_label_that_is_none_has_the_defect(collect):
    pods = [pod(name, labels={"a": "-"}) for name in ("p", "q")]
    assert rows(collect(listed(*pods)), "defects", "name") == ["p", "q"]
