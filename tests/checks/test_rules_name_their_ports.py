"""Rules that open every port."""

import pytest

from tests.checks.objects import egress, ingress, pod, policy

CHECK = "rules-name-their-ports"
PEER = "from: [{podSelector: {}}]"


@pytest.mark.parametrize(
    ("spec", "place", "words"),
    [
        (
            ingress(f"{{{PEER}, ports: [{{port: 80}}, {{protocol: TCP}}]}}"),
            "ingress[0].ports[1]",
            "ports[1] opens every port of TCP, so the ports beside it restrict nothing",
        ),
        (
            ingress(f"{{{PEER}, ports: [{{}}, {{port: 53, protocol: UDP}}]}}"),
            "ingress[0].ports[0]",
            "only the other protocols are restricted",
        ),
        (ingress("{ports: [{protocol: TCP}]}"), "ingress[0]", "it opens every port for everyone"),
        (ingress("{from: [{namespaceSelector: {}}]}"), "ingress[0]", "for pods of every namespace"),
        (
            egress("{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}"),
            "egress[0]",
            "for more IPv4 addresses than a /16 has",
        ),
        (egress("{to: [{ipBlock: {cidr: '::/0'}}]}"), "egress[0]", "for more IPv6 addresses than a /32 has"),
    ],
)
def test_every_port_for_many_or_beside_others_fails(judged, spec, place, words):
    cluster = judged(pod() + policy(spec))
    assert cluster.failed(CHECK) == {f"x/p {place}"}
    assert words in cluster.messages(CHECK)[f"x/p {place}"]
    assert set(cluster.rows(CHECK)["severity"]) == {"low"}


@pytest.mark.parametrize(
    "spec",
    [
        ingress(f"{{{PEER}}}"),
        ingress(f"{{{PEER}, ports: [{{protocol: TCP}}]}}"),
        ingress("{from: [{namespaceSelector: {}}], ports: [{port: 80}]}"),
        egress("{to: [{ipBlock: {cidr: 203.0.113.0/24}}]}"),
        "{podSelector: {}}",
    ],
)
def test_named_ports_or_few_peers_pass(judged, spec):
    assert set(judged(pod() + policy(spec)).verdicts(CHECK).values()) <= {"passed"}


@pytest.mark.parametrize("rule", ["{}", "{ports: [{}, {protocol: UDP}, {protocol: SCTP}]}"])
def test_without_peers_too_it_is_their_finding(judged, rule):
    cluster = judged(pod() + policy(ingress(rule, "{matchLabels: {app: a}}")))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("rules-name-their-peers")


def test_the_entry_is_taken_out_with_what_that_closes(judged, mended):
    cluster = judged(pod() + policy(ingress(f"{{{PEER}, ports: [{{port: 80}}, {{protocol: TCP}}]}}")))
    remedy = cluster.remedies(CHECK)["x/p ingress[0].ports[1]"]
    assert "This closes all ports of TCP for ingress[0] that it does not name." in remedy.replace("\n# ", " ")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/p ingress[0]": "passed"}


def test_a_section_without_effect_is_not_judged(judged):
    spec = "{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{}]}]}"
    assert judged(pod() + policy(spec)).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
