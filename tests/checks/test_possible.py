"""What a default deny says that it closes, and the policy that keeps open what few rules say."""

import pytest

from tests import manifests
from tests.checks.objects import egress, ingress, pod, policy

CHECK = "namespace-denies-{}-by-default"
X = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}"
EGRESS_DENIED = "{podSelector: {}, policyTypes: [Egress]}"
INGRESS_DENIED = "{podSelector: {}, policyTypes: [Ingress]}"
DENIED = "{podSelector: {}, policyTypes: [Ingress, Egress]}"


def offered(cluster, direction, namespace="x"):
    """The remark as one line, and the policies under it, by name."""
    text = cluster.remedies(CHECK.format(direction))[namespace]
    remark = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    return remark, {policy["metadata"]["name"]: policy["spec"] for policy in manifests.parse(text)}


def test_pods_are_counted_by_namespace(judged):
    pods = "".join(pod(f"{n}{i}", f"n{n}") for n in range(5) for i in range(n + 1))
    remark, _ = offered(judged(pod() + pods), "ingress")
    assert remark == (
        "Closes ingress for 1 pod of namespace x, to which 15 pods of 5 namespaces (n4 5, n3 4, n2 3 and 2 "
        "more) and every address that is no pod's may connect now; what other policies allow stays open."
    )
    remark, _ = offered(judged(pod() + pods), "egress")
    assert remark.startswith(
        "Closes egress for 1 pod of namespace x, which may connect to 15 pods of 5 namespaces"
    )
    assert remark.endswith("now; what other policies allow stays open, and so does DNS.")


def test_one_namespace_is_named(judged):
    remark, _ = offered(judged(pod() + pod("other")), "ingress")
    assert "to which 2 pods of namespace x and every address" in remark


def test_one_pod_is_no_partner_of_its_own(judged):
    remark, _ = offered(judged(pod()), "ingress")
    assert "Closes ingress for 1 pod of namespace x, to which every address that is no pod's may" in remark


def test_those_count_whom_their_own_policies_let(judged):
    """Two pods of z may connect to the pod of x, the third may not; in y nobody may."""
    text = pod(more="") + policy(EGRESS_DENIED, "d")
    text += pod("b", "w") + policy(DENIED, "d", "w")
    text += pod("c", "z") + pod("d", "z") + pod("e", "z", "{app: e}") + policy(DENIED, "d", "z")
    to_x = (
        "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}], ports: [{port: web}]}"
    )
    text += policy(egress(to_x, "{matchLabels: {app: a}}"), "out", "z")
    remark, policies = offered(judged(text), "ingress")
    assert "2 pods of namespace z and every address that is no pod's may connect now; the last" in remark
    assert policies["allow-known-ingress"] == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "z"}},
                        "podSelector": {"matchLabels": {"app": "a"}},
                    }
                ],
                "ports": [{"port": "web"}],
            }
        ],
    }


def test_what_they_let_out_stays_open(judged, mended):
    cluster = judged(
        pod()
        + policy(INGRESS_DENIED, "d")
        + pod("c", "z", ports="[{name: web, containerPort: 80}]")
        + policy(ingress("{from: [{namespaceSelector: {}}], ports: [{port: web}]}"), "in", "z")
    )
    remark, policies = offered(cluster, "egress")
    assert "which may connect to 1 pod of namespace z and every address" in remark
    assert policies["allow-known-egress"]["egress"][0]["ports"] == [{"port": "web"}]
    after = mended(cluster, cluster.remedies(CHECK.format("egress"))["x"])
    assert after.verdicts(CHECK.format("egress"))["x"] == "passed"
    reach = after.facts.reach.set_index("pod")
    assert reach["egress_pods"]["a"] == "namespaces"


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_where_some_pods_are_isolated_nothing_is_opened(judged, direction):
    section = egress if direction == "egress" else ingress
    text = (
        pod()
        + pod("b", labels="{app: b}")
        + policy(section("{}", "{matchLabels: {app: b}}").replace("[{}]", "[]"))
    )
    text += pod("c", "z") + policy(DENIED, "d", "z")
    assert list(offered(judged(text), direction)[1]) == [f"default-deny-{direction}"]


def test_a_name_that_is_taken_stays(judged):
    text = pod() + policy(EGRESS_DENIED, "d") + pod("c", "z") + policy(DENIED, "e", "z")
    to_x = "{to: [{namespaceSelector: {}}]}"
    text += policy(egress(to_x), "out", "z") + policy(
        "{podSelector: {}, policyTypes: [Egress]}", "allow-known-ingress"
    )
    assert "allow-known-ingress-2" in offered(judged(text), "ingress")[1]
