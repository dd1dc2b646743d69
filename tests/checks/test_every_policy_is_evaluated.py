"""Policies of APIs that are not evaluated."""

CHECK = "every-policy-is-evaluated"
CLUSTER = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: k8s, namespace: x}, spec: {}}
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: calico, namespace: x}, spec: {}}
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: global}, spec: {}}
---
{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: istio, namespace: x}, spec: {}}
"""


def test_what_governs_addresses_and_ports_is_not_assessed(judged):
    cluster = judged(CLUSTER)
    assert cluster.verdicts(CHECK) == {
        "/global": "not_assessed",
        "x/k8s": "passed",
        "x/calico": "not_assessed",
        "x/istio": "not_applicable",
    }
    message = "NetworkPolicy x/calico (projectcalico.org/v3) was seen, and this version does not evaluate it."
    assert cluster.messages(CHECK)["x/calico"] == message
