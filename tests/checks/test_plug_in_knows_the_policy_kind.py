import pytest

from tests.checks.objects import pod, policy
from tests.enforcement.objects import CILIUM, FLANNEL, config_map, container, daemon_set, node, text

CHECK = "plug-in-knows-the-policy-kind"
ADMIN = (
    "---\n{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: admin}, "
    "spec: {}}\n"
)
CLUSTERWIDE = (
    "---\n{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: wide}}\n"
)
OWN = policy("{podSelector: {}}", "own")


def calico(version):
    return daemon_set("calico-node", container("calico-node", f"docker.io/calico/node:{version}"), ready=1)


@pytest.mark.parametrize(
    ("version", "status"),
    [("v3.28.0", "failed"), ("v3.31.2", "passed"), ("v3.32.0", "failed"), ("master", "not_assessed")],
)
def test_calico_knew_the_admin_tier_for_a_time(judged, version, status):
    cluster = judged(pod() + OWN + ADMIN + text(node(), calico(version)))
    assert cluster.verdicts(CHECK) == {"/admin": status, "x/own": "passed"}


def test_the_policies_of_another_plug_in(judged):
    cluster = judged(pod() + CLUSTERWIDE + text(node(), calico("v3.31.2")))
    assert cluster.messages(CHECK)["/wide"] == (
        "CiliumClusterwideNetworkPolicy wide: Calico v3.31.2 does not implement "
        "CiliumClusterwideNetworkPolicy of cilium.io: it has no effect."
    )
    cilium = daemon_set("cilium", CILIUM, ready=1)
    cluster = judged(pod() + CLUSTERWIDE + text(node(), cilium, config_map("cilium-config", {})))
    assert cluster.verdicts(CHECK) == {"/wide": "passed"}


def test_policies_about_requests_are_no_matter_of_the_plug_in(judged):
    metadata = "{name: a, namespace: x}"
    requests = f"---\n{{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {metadata}}}\n"
    assert judged(pod() + requests + text(node(), calico("v3.31.2"))).verdicts(CHECK) == {
        "x/a": "not_applicable"
    }


def test_where_nothing_is_enforced_another_check_says_so(judged):
    flannel = daemon_set("kube-flannel-ds", FLANNEL, ready=1)
    assert judged(pod() + ADMIN + text(node(), flannel)).verdicts(CHECK) == {"": "not_applicable"}
