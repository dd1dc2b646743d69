"""Rules with the port of a Service in place of its pods."""

import pytest

from tests.checks.objects import API, egress, endpoints, ingress, older_endpoints, pod, policy

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


SLICE = endpoints("172.18.0.2, 172.18.0.3", 6443)
TO_API = "{to: [{ipBlock: {cidr: 172.18.0.2/32}}, {ipBlock: {cidr: 172.18.0.3/32}}], ports: [{port: 443}]}"


def test_endpoints_of_a_service_without_pods_listen_on_their_own_port(judged, mended):
    cluster = judged(pod() + API + SLICE + policy(egress(TO_API)))
    assert cluster.failed(CHECK) == {"x/p egress[0].ports[0]"}
    message = cluster.messages(CHECK)["x/p egress[0].ports[0]"]
    assert (
        "TCP 443 is the port of Service default/kubernetes, but its endpoints (172.18.0.2, 172.18.0.3) "
        "listen on 6443, so the rule does not open what it means to."
    ) in message
    remedy = cluster.remedies(CHECK)["x/p egress[0].ports[0]"]
    assert "This closes TCP 443 for egress[0]." in remedy.replace("\n# ", " ")
    assert "port: 443" not in remedy
    assert not mended(cluster, remedy).failed(CHECK)


def test_for_other_peers_the_port_of_the_endpoints_is_named_beside(judged, mended):
    rule = TO_API.replace("to: [", "to: [{ipBlock: {cidr: 203.0.113.0/24}}, ").replace(
        "443", "400, endPort: 450"
    )
    cluster = judged(pod() + API + SLICE + policy(egress(rule)))
    assert cluster.messages(CHECK)["x/p egress[0].ports[0]"].endswith("It stays for the other peers.")
    remedy = cluster.remedies(CHECK)["x/p egress[0].ports[0]"]
    assert "port: 400\n      endPort: 450\n    - protocol: TCP\n      port: 6443\n" in remedy
    assert not mended(cluster, remedy).failed(CHECK)


ON_NODE = ", hostNetwork: true}, status: {podIP: 172.18.0.2, hostIP: 172.18.0.2"


@pytest.mark.parametrize(
    ("objects", "spec"),
    [
        (SLICE, egress(TO_API.replace("443", "6443"))),
        (SLICE, egress(TO_API.replace("{port: 443}", "{port: 443}, {port: 6443}"))),
        (SLICE, egress(f"{TO_API}, {TO_API.replace('443', '6443')}")),
        (SLICE, egress(f"{TO_API}, {{ports: [{{port: 6443}}]}}")),
        (SLICE, egress(TO_API.replace("port: 443", "port: 443, protocol: UDP"))),
        (SLICE, egress(TO_API.replace("{port: 443}", "{port: https}"))),
        # what is wider may be about others that have an address there
        (SLICE, egress(TO_API.replace("/32", "/24"))),
        (SLICE, egress("{ports: [{port: 443}]}")),
        (SLICE, egress("{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}")),
        (SLICE, ingress("{from: [{ipBlock: {cidr: 172.18.0.2/32}}], ports: [{port: 443}]}")),
        # who listens there, too
        (
            SLICE + pod("proxy", ports="[{containerPort: 443}]", more=ON_NODE),
            egress(TO_API),
        ),
        (endpoints("172.18.0.2, 172.18.0.3", 443), egress(TO_API)),
        (endpoints("172.18.0.2", 6443, name="other"), egress(TO_API)),
        ("", egress(TO_API)),
    ],
)
def test_other_ports_and_addresses_are_not_those_of_endpoints(judged, objects, spec):
    assert not judged(pod() + API + objects + policy(spec)).failed(CHECK)


@pytest.mark.parametrize("objects", [SLICE, older_endpoints("172.18.0.2, 172.18.0.3", 6443)])
def test_https_to_everybody_that_does_not_reach_the_api_server_is_a_note(judged, objects):
    """cert-manager#5787: 443 is open, and what asks the API server by its Service ends at 6443."""
    told = "TCP 443 does not lead to the API server, whose endpoints (172.18.0.2, 172.18.0.3) listen on 6443."
    for rule in ("{ports: [{port: 443}]}", TO_API.replace("/32", "/24")):
        cluster = judged(pod() + API + objects + policy(egress(rule)))
        assert cluster.result(CHECK).notes["message"].tolist() == [told]
        both = rule.replace("{port: 443}", "{port: 443}, {port: 6443}")
        assert judged(pod() + API + objects + policy(egress(both))).result(CHECK).notes.empty
    elsewhere = "{to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 443}]}"
    assert judged(pod() + API + objects + policy(egress(elsewhere))).result(CHECK).notes.empty


def test_endpoints_of_a_service_count_where_there_are_no_slices(judged):
    older = older_endpoints("172.18.0.2, 172.18.0.3", 6443)
    cluster = judged(pod() + API + older + policy(egress(TO_API)))
    assert cluster.failed(CHECK) == {"x/p egress[0].ports[0]"}
    newer = endpoints("172.18.0.2, 172.18.0.3", 443)
    assert not judged(pod() + API + older + newer + policy(egress(TO_API))).failed(CHECK)


def test_a_range_of_ports_stays_for_addresses_that_the_rule_names_too(judged):
    outside = "{ipBlock: {cidr: 203.0.113.0/24}}"
    rule = PEERS.replace("}], ", "}, " + outside + "], ") + "ports: [{port: 70, endPort: 90}]}"
    remedy = judge(judged, rule).remedies(CHECK)["x/p egress[0].ports[0]"]
    assert "port: 70\n      endPort: 90\n" in remedy
