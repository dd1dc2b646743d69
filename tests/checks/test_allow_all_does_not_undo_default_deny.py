"""Namespaces whose default deny an allow-all undoes."""

import pytest

from tests.checks import objects
from tests.checks.objects import pod, service

CHECK = "allow-all-does-not-undo-default-deny"
POD = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: a}}}\n---\n"


def policy(name, spec):
    return (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, "
        f"namespace: x}}, spec: {spec}}}\n---\n"
    )


DENY = policy("deny", "{podSelector: {}}")


@pytest.mark.parametrize(
    ("policies", "status", "words"),
    [
        (DENY, "passed", "Nothing undoes its default deny for ingress."),
        (
            policy("p", "{podSelector: {}, ingress: [{}]}"),
            "failed",
            "allows every source on every port for every pod (p ingress[0])",
        ),
        (DENY + policy("p", "{podSelector: {}, ingress: [{}]}"), "failed", "for every pod"),
        (
            DENY + policy("p", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}"),
            "failed",
            "for 1 pod (p ingress[0])",
        ),
        (DENY + policy("p", "{podSelector: {matchLabels: {app: b}}, ingress: [{}]}"), "passed", "Nothing"),
        (DENY + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), "passed", "Nothing"),
        (
            policy("p", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}"),
            "not_applicable",
            "no default deny",
        ),
        (
            policy("p", "{podSelector: {}, egress: [{}]}"),
            "failed",
            "denies egress by default, but 1 rule of its policies allows every destination",
        ),
    ],
)
def test_a_rule_for_everyone_on_every_port_undoes_it(judged, policies, status, words):
    cluster = judged(POD + policies)
    assert cluster.verdicts(CHECK) == {"x": status}
    assert words in cluster.messages(CHECK)["x"]


def test_what_is_published_and_dns_stay_open(judged, mended):
    both = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
    everything = "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}"
    web = service("web", ports="[{port: 80, targetPort: 8080}]", more=", type: LoadBalancer")
    cluster = judged(pod() + web + objects.policy(both, "deny") + objects.policy(everything, "all"))
    [remedy] = [text for text in cluster.remedies("allow-all-does-not-undo-default-deny").values() if text]
    told = remedy.replace("\n# ", " ")
    assert "this closes every connection that no other rule allows, but for DNS." in told
    assert "What is published of Pod a stays open to everyone." in told
    assert "name: published-a" in remedy
    after = mended(cluster, remedy)
    assert after.failed("allow-all-does-not-undo-default-deny") == set()
    assert after.failed("egress-allows-dns") == set()


def test_a_rule_that_is_not_valid_is_told_by_another_check(judged):
    misspelt = "{podSelector: {}, policyTypes: [Ingress], ingress: [{form: [{podSelector: {}}]}]}"
    deny = objects.policy("{podSelector: {}, policyTypes: [Ingress]}", "deny")
    cluster = judged(pod() + deny + objects.policy(misspelt))
    assert cluster.failed("allow-all-does-not-undo-default-deny") == set()
    assert cluster.failed("policies-are-well-formed") == {"x/p"}
