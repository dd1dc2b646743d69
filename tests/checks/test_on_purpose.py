"""Open peers of ports that are published for those very pods, and blocks that are compared with nodes."""

import pytest

from tests.checks.objects import ingress, pod, policy, service

PEERS, CIDRS, ANY_NAMESPACE = (
    "rules-name-their-peers",
    "ingress-cidrs-are-narrow",
    "peers-do-not-trust-any-namespace",
)
WEB = "{matchLabels: {app: a}}"
HTTP = "[{name: http, port: 80, targetPort: 8080}]"
BALANCER = service(ports=HTTP, more=", type: LoadBalancer")


def verdict(judged, text, check=PEERS):
    """Status and message of the one rule of the policy p."""
    cluster = judged(text)
    [row] = [row for row in cluster.rows(check).itertuples() if row.name == "p"]
    return row.status, row.message


def to(port="{port: 8080}", peers="", selector=WEB):
    return policy(ingress(f"{{{peers}ports: [{port}]}}", selector))


@pytest.mark.parametrize(
    ("published", "by"),
    [
        (BALANCER, "LoadBalancer Service x/s"),
        (service(ports=HTTP, more=", type: NodePort"), "NodePort Service x/s"),
        (
            service(ports=HTTP)
            + "---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: x}, "
            "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}\n",
            "Ingress x/i",
        ),
        (
            service(ports=HTTP) + "---\n{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, "
            "metadata: {name: r, namespace: x}, spec: {parentRefs: [{name: g}], "
            "rules: [{backendRefs: [{name: s, port: 80}]}]}}\n",
            "HTTPRoute x/r",
        ),
    ],
)
def test_what_is_published_is_open_on_purpose(judged, published, by):
    assert verdict(judged, pod() + published + to()) == ("passed", f"Published by {by}.")


@pytest.mark.parametrize(
    ("peers", "check"),
    [
        ("from: [{namespaceSelector: {}}], ", PEERS),
        ("from: [{ipBlock: {cidr: 0.0.0.0/0}}], ", CIDRS),
        ("from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}], ", ANY_NAMESPACE),
    ],
)
def test_however_the_rule_says_so(judged, peers, check):
    status, message = verdict(judged, pod() + BALANCER + to(peers=peers), check)
    assert (status, message[:36]) == ("passed", "Published by LoadBalancer Service x/")
    assert verdict(judged, pod() + to(peers=peers), check)[0] == "failed"


@pytest.mark.parametrize(
    "policy",
    [
        to("{port: 80}"),
        to("{port: 8080}, {port: 9090}"),
        to("{port: 8080, endPort: 8081}"),
        to("{port: 8080, protocol: UDP}"),
        to("{port: 1, endPort: 65535}"),
        policy(ingress("{}", WEB)),
        to(selector="{}"),
    ],
    ids=["the Service's port", "another", "a range", "a protocol", "nearly all", "every port", "other pods"],
)
def test_what_else_is_open_is_a_finding(judged, policy):
    text = pod() + pod("b", labels="{app: b}") + BALANCER + policy
    assert verdict(judged, text)[0] == "failed"


def test_a_service_of_the_cluster_is_no_purpose(judged):
    assert verdict(judged, pod() + service(ports=HTTP) + to())[0] == "failed"


def test_named_ports_are_those_of_each_pod(judged):
    named = "[{{name: web, containerPort: {}}}]".format
    pods = pod("a", ports=named(8080)) + pod("b", ports=named(9090))
    both = service(ports="[{port: 80, targetPort: web}]", more=", type: NodePort")
    assert verdict(judged, pods + both + to("{port: web}"))[0] == "passed"
    one = service(ports="[{port: 80, targetPort: 8080}]", more=", type: NodePort")
    assert verdict(judged, pods + one + to("{port: web}"))[0] == "failed"


def test_several_who_publish_are_all_named(judged):
    other = service("t", ports="[{port: 443, targetPort: 8443}]", more=", type: NodePort")
    status, message = verdict(judged, pod() + BALANCER + other + to("{port: 8080}, {port: 8443}"))
    assert (status, message) == (
        "passed",
        "Published by LoadBalancer Service x/s, NodePort Service x/t.",
    )


def test_who_comes_in_by_a_node_may_have_its_address(judged):
    peers = "from: [{ipBlock: {cidr: 192.0.2.0/24}}], "
    status, message = verdict(judged, pod() + BALANCER + to(peers=peers), CIDRS)
    assert status == "passed"
    assert message == (
        "256 IPv4 addresses, /24 as written. Service x/s has externalTrafficPolicy: Cluster, so who comes in "
        "by it may have the address of a node, and that is what ipBlocks are compared with."
    )
    local = service(ports=HTTP, more=", type: LoadBalancer, externalTrafficPolicy: Local")
    assert "node" not in verdict(judged, pod() + local + to(peers=peers), CIDRS)[1]
    assert "node" not in verdict(judged, pod() + service(ports=HTTP) + to(peers=peers), CIDRS)[1]


def test_a_webhook_is_told_by_the_names_of_ports_too(judged):
    ports = "[{name: https-webhook, port: 443, targetPort: webhook}]"
    webhook = service("nginx-admission", ports=ports)
    nginx = pod(ports="[{name: webhook, containerPort: 8443}]")
    only = ingress("{ports: [{port: 8443}]}", "{matchLabels: {app: a}}")
    cluster = judged(nginx + webhook + policy(only))
    assert cluster.verdicts("rules-name-their-peers") == {"x/p ingress[0]": "passed"}
