"""What kind of Kubernetes a cluster says that it is, and what only looks like it."""

import msgspec
import pytest

from audit.collect.files import collect_files
from audit.exposure.platform import platform
from audit.frameworks import Platform
from audit.snapshot import Snapshot
from tests.enforcement.objects import network, node, running, text


@pytest.fixture
def told(tmp_path):
    def of(*objects, **provenance):
        (tmp_path / "all.yaml").write_text(text(*objects), "utf-8")
        read = collect_files(tmp_path, taken="2026-11-23T02:00:00Z", tool_version="0")
        names = ("nodes", "agents", "labels")
        tables = {name: read[name] for name in names}
        return platform(Snapshot(msgspec.structs.replace(read.provenance, **provenance), tables))

    return of


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v1.33.5-gke.1162000", Platform.GKE),
        ("v1.33.5-eks-113cf36", Platform.EKS),
        ("v1.33.5+k3s1", Platform.K3S),
        ("v1.33.5+rke2r1", Platform.RKE2),
        ("v1.33.5", None),
    ],
)
def test_the_version_of_kubelet_or_server_tells(told, version, expected):
    assert told(node(kubelet=version)) is expected
    assert told(node(), server_version=version) is expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("cloud.google.com/gke-nodepool", Platform.GKE),
        ("eks.amazonaws.com/nodegroup", Platform.EKS),
        ("eks.amazonaws.com/compute-type", Platform.EKS),
        ("kubernetes.azure.com/cluster", Platform.AKS),
        ("node.openshift.io/os_id", Platform.OPENSHIFT),
        ("agentpool", None),
    ],
)
def test_labels_of_nodes_tell(told, label, expected):
    assert told(node(labels={label: "x"})) is expected


def test_the_api_group_of_openshift_tells(told):
    assert told(node(), api_groups=("apps/v1", "config.openshift.io/v1")) is Platform.OPENSHIFT
    assert told(network("OVNKubernetes")) is Platform.OPENSHIFT
    assert told(node(), api_groups=("route.openshift.io/v1",)) is None


def test_a_machine_of_a_cloud_is_no_managed_cluster(told):
    assert told(node(spec={"providerID": "aws:///eu-west-1a/i-1"})) is None


def test_where_two_are_told_none_is(told):
    assert told(node("a", kubelet="v1.33.5+k3s1"), node("b", kubelet="v1.33.5-eks-113cf36")) is None


def test_manifests_tell_none(told):
    assert told(running("app", "app")) is None
