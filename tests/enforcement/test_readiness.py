"""What exists does not enforce: an agent has to be ready on the node, and nodes may differ."""

import pytest

from audit.enforcement import Answer
from tests.enforcement.objects import (
    AWS,
    AWS_ON,
    CALICO,
    CILIUM,
    EKS,
    GKE,
    NPC,
    WEAVE,
    aws_agent,
    container,
    daemon_set,
    k3s,
    node,
    pod_of,
)

ON, OFF, UNKNOWN = Answer.ENFORCED, Answer.NOT_ENFORCED, Answer.CANNOT_TELL
NODES = [node("a"), node("b"), node("c")]


def calico(ready, desired):
    return daemon_set("calico-node", CALICO, ready=ready, desired=desired)


def answers(found):
    return {name: (pool.count, pool.verdict.answer) for name, pool in found.items()}


@pytest.mark.parametrize(
    ("ready", "desired", "answer"),
    [(3, 3, ON), (0, 3, OFF), (2, 3, UNKNOWN), (2, 2, UNKNOWN), (0, 0, OFF)],
)
def test_a_daemon_set_whose_pods_are_not_seen(pools, ready, desired, answer):
    assert answers(pools([*NODES, calico(ready, desired)])) == {"linux": (3, answer)}


@pytest.mark.parametrize(("ready", "answer"), [(3, ON), (0, OFF), (2, UNKNOWN)])
def test_a_daemon_set_where_no_node_is_seen(pools, ready, answer):
    assert answers(pools([calico(ready, 3)])) == {"all": (3, answer)}


def test_a_node_without_a_pod_is_told_apart(pools):
    found = pools(
        [*NODES, calico(2, 2), pod_of("calico-node", "a", CALICO), pod_of("calico-node", "b", CALICO)]
    )
    assert answers(found) == {"linux": (2, ON), "linux: c": (1, OFF)}
    verdict = found["linux: c"].verdict
    assert verdict.reason == "No pod of DaemonSet kube-system/calico-node is there."


def test_a_pod_that_is_not_ready(pools):
    ready = [pod_of("calico-node", name, CALICO, ready=name != "b") for name in "abc"]
    assert answers(pools([*NODES, calico(2, 3), *ready])) == {"linux": (2, ON), "linux: b": (1, UNKNOWN)}
    none = [pod_of("calico-node", name, CALICO, ready=False) for name in "abc"]
    assert answers(pools([*NODES, calico(0, 3), *none])) == {"linux": (3, OFF)}


def test_a_node_on_which_nothing_is_to_start_is_no_hole(pools):
    nodes = [node("a"), node("b", spec={"unschedulable": True})]
    assert answers(pools([*nodes, calico(1, 1), pod_of("calico-node", "a", CALICO)])) == {"linux": (1, ON)}


def test_a_cluster_of_closed_nodes_has_a_pool(pools):
    assert answers(pools([node("a", spec={"unschedulable": True})])) == {"linux": (1, UNKNOWN)}


def test_pods_of_a_support_bundle_without_daemon_sets(pools):
    pods = [pod_of("weave-net", name, WEAVE, NPC) for name in "abc"]
    found = pools([*NODES, *pods])
    assert answers(found) == {"linux": (3, ON)}
    assert found["linux"].verdict.evidence == "pods of DaemonSet kube-system/weave-net"
    assert found["linux"].verdict.version == "2.8.1"


def test_pools_are_named_as_their_makers_do_and_differ(pools):
    nodes = [
        node("a", **EKS),
        node("b", labels={"eks.amazonaws.com/nodegroup": "red"}),
        node("f", labels={"eks.amazonaws.com/compute-type": "fargate"}),
        node("w", labels={"eks.amazonaws.com/nodegroup": "win"}, os="windows"),
    ]
    agent = daemon_set("aws-node", AWS, aws_agent(on=True), ready=2, selector={"kubernetes.io/os": "linux"})
    found = pools([*nodes, agent, AWS_ON])
    assert answers(found) == {
        "blue": (1, ON),
        "red": (1, ON),
        "fargate": (1, OFF),
        "win (windows)": (1, OFF),
    }
    assert {pool.beyond for pool in found.values()} == {"", "fargate", "windows"}


def test_a_pool_of_another_data_plane(pools):
    nodes = [node("a", **GKE), node("b", labels={"cloud.google.com/gke-nodepool": "old"})]
    agent = daemon_set("calico-node", CALICO, ready=1, selector={"cloud.google.com/gke-nodepool": "old"})
    assert answers(pools([*nodes, agent, daemon_set("netd", container("netd"), ready=2)])) == {
        "default-pool": (1, OFF),
        "old": (1, ON),
    }


@pytest.mark.parametrize(
    ("annotation", "plugin"),
    [
        ("projectcalico.org/IPv4Address", "Calico"),
        ("flannel.alpha.coreos.com/backend-type", "Flannel"),
        ("k8s.ovn.org/node-subnets", "OVN-Kubernetes"),
        ("network.cilium.io/ipv4-pod-cidr", "Cilium"),
        ("kube-router.io/pod-cidr", "kube-router"),
        ("node.antrea.io/mac-address", "Antrea"),
        ("ovn.kubernetes.io/allocated", "Kube-OVN"),
    ],
)
def test_annotations_of_nodes_name_a_plug_in_and_prove_nothing(pools, annotation, plugin):
    (pool,) = pools([node("a", annotations={annotation: "x"})]).values()
    assert (pool.verdict.plugin, pool.verdict.answer) == (plugin, UNKNOWN)
    assert pool.verdict.evidence == "annotations of Node a"


def test_flannels_annotations_on_k3s_are_no_flannel(pools):
    server = k3s("a", "server")
    server["metadata"]["annotations"]["flannel.alpha.coreos.com/backend-type"] = "vxlan"
    assert pools([server])["linux"].verdict.plugin == "k3s"


def test_two_that_enforce_are_both_named(pools):
    found = pools([k3s("a", "server"), daemon_set("calico-node", CALICO, ready=1)])
    assert found["linux"].verdict.plugin == "Calico and k3s"


def test_what_runs_is_told_apart_from_what_is_named_alike(pools):
    exporter = daemon_set("calico-node", container("exporter", "example.org/calico-exporter:1"), ready=1)
    assert pools([node(), exporter])["linux"].verdict.plugin == ""


def test_what_is_ignored(pools):
    def told(agent, *more):
        (pool,) = pools([node(), agent, *more]).values()
        return pool.verdict.abilities.told

    def of(tag):
        return told(daemon_set("calico-node", container("calico-node", f"calico/node:{tag}"), ready=1))

    assert of("v3.28.1") == "AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy"
    assert of("v3.31.0") == "ClusterNetworkPolicy"
    assert of("v3.32.0") == "AdminNetworkPolicy, BaselineAdminNetworkPolicy"
    assert of("master") == ""
    old = container("cilium-agent", "quay.io/cilium/cilium:v1.14.3")
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cilium-config", "namespace": "kube-system"},
        "data": {"enable-sctp": "true"},
    }
    admin = "AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy"
    assert told(daemon_set("cilium", old, ready=1), config) == (
        f"endPort, ipBlock on addresses of pods, {admin}"
    )
    assert told(daemon_set("cilium", CILIUM, ready=1), config) == f"ipBlock on addresses of pods, {admin}"
    assert told(daemon_set("weave-net", WEAVE, NPC, ready=1)) == f"endPort, SCTP, {admin}"


def test_an_agent_for_windows_says_nothing_of_linux(pools):
    windows = daemon_set("calico-node-windows", container("node", "calico/node-windows:v3.31.2"), ready=0)
    assert answers(pools([node(), daemon_set("calico-node", CALICO, ready=1), windows])) == {"linux": (1, ON)}
    agent = daemon_set("calico-node-windows", CALICO, ready=1)
    assert answers(pools([node("w", os="windows"), agent])) == {"windows": (1, ON)}


def test_an_image_that_is_named_by_its_digest_has_no_version(pools):
    image = "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:0123456789abcdef"
    agent = daemon_set(
        "ovnkube-node", container("ovnkube-controller", image), namespace="openshift-ovn-kubernetes", ready=1
    )
    verdict = pools([node(), agent])["linux"].verdict
    assert (verdict.plugin, verdict.version) == ("OVN-Kubernetes", "")
