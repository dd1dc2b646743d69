"""Rules with the port of a Service in place of its pods."""

import pytest

CHECK = "rules-use-pod-ports-not-service-ports"
CLUSTER = """
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: x, labels: {app: a}}
spec: {containers: [{ports: [{name: http, containerPort: 8080}]}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: y, labels: {app: b}},
  spec: {containers: [{ports: [{containerPort: 80}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: x}, spec: {selector: {app: a},
  ports: [{name: web, port: 80, targetPort: %s}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
"""
PEERS = "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}], "


def judge(judged, rule, target="8080"):
    direction = "egress" if "to:" in rule else "ingress"
    return judged(
        f"{CLUSTER % target}spec: {{podSelector: {{}}, policyTypes: [{direction.capitalize()}], "
        f"{direction}: [{rule}]}}"
    )


@pytest.mark.parametrize("target", ["8080", "http"])
@pytest.mark.parametrize(
    "rule",
    [
        "{ports: [{port: 80}]}",
        "{ports: [{port: web}]}",
        "{ports: [{port: 70, endPort: 90}]}",
        PEERS + "ports: [{port: 80}]}",
    ],
)
def test_the_port_of_a_service_is_told_with_what_its_pods_listen_on(judged, rule, target):
    cluster = judge(judged, rule, target)
    (place,) = cluster.failed(CHECK)
    assert place.endswith("ports[0]")
    assert "of Service x/s, but its pods listen on " in cluster.messages(CHECK)[place]
    assert "port: 8080\n" in cluster.remedies(CHECK)[place]


@pytest.mark.parametrize(
    "rule",
    [
        "{ports: [{port: 8080}]}",
        "{ports: [{port: http}]}",
        "{ports: [{port: 80, protocol: UDP}]}",
        "{ports: [{port: 80, endPort: 8080}]}",
        "{ports: [{protocol: TCP}]}",
        "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}], ports: [{port: 80}]}",
    ],
)
def test_other_ports_pass(judged, rule):
    assert judge(judged, rule).failed(CHECK) == set()


def test_a_port_that_other_pods_listen_on_is_kept(judged):
    cluster = judge(judged, "{to: [{namespaceSelector: {}}], ports: [{port: 80}]}")
    (place,) = cluster.failed(CHECK)
    assert cluster.messages(CHECK)[place].endswith(
        "Other pods listen on it: keep it, and add a rule for these."
    )
    assert cluster.remedies(CHECK)[place] == ""


def test_a_target_that_no_pod_declares_cannot_be_mended(judged):
    cluster = judge(judged, "{ports: [{port: 80}]}", "grpc")
    (place,) = cluster.failed(CHECK)
    assert "port grpc (a name that they do not declare)" in cluster.messages(CHECK)[place]
    assert cluster.remedies(CHECK)[place] == ""


def test_a_rule_that_opens_both_ports_opens_what_it_means_to(judged):
    assert not judge(judged, "{ports: [{port: 80}, {port: 8080}]}").failed(CHECK)


def test_egress_to_everybody_is_about_whoever_listens_there(judged):
    spec = "spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}"
    assert not judged(CLUSTER % "8080" + spec).failed(CHECK)


def test_a_port_stays_open_for_addresses_that_the_rule_names_too(judged):
    outside = "{ipBlock: {cidr: 203.0.113.0/24}}"
    cluster = judge(judged, PEERS.replace("}], ", "}, " + outside + "], ") + "ports: [{port: 80}]}")
    (place,) = cluster.failed(CHECK)
    assert "It stays for the addresses outside" in cluster.messages(CHECK)[place]
    assert "port: 80\n" in cluster.remedies(CHECK)[place]
    assert "port: 8080\n" in cluster.remedies(CHECK)[place]
