"""Peers that are nobody, and why."""

import pytest

from tests.checks.objects import WHOLE, egress, ingress, namespace, pod, policy, service

CHECK = "peers-match-something"
PODS = (
    pod(labels="{app: a, tier: front}")
    + pod("b", "shop", "{app: backend}")
    + namespace("shop", "{team: shops}")
)
IDLE = (
    "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: x}, "
    "spec: {replicas: 0, template: {metadata: {labels: {app: d}}}}}\n"
)
FINISHED = pod("c", labels="{app: c}").replace("]}}\n", "]}, status: {phase: Succeeded}}\n")


def spaces(labels, pods=""):
    return f"{{namespaceSelector: {{matchLabels: {labels}}}{pods}}}"


def pods(labels):
    return f"{{podSelector: {{matchLabels: {labels}}}}}"


@pytest.mark.parametrize(
    ("peer", "objects", "severity", "words"),
    [
        (
            spaces("{name: shop}"),
            "",
            "medium",
            "Namespace shop is there, without the label name=shop: write kubernetes.io/metadata.name=shop",
        ),
        (spaces("{name: x}"), "", "low", "Namespace x is in this input without its labels, and may not have"),
        (spaces("{name: kube-system}"), "", "low", "Every cluster has a namespace kube-system, and nothing"),
        (spaces("{name: kube-system}"), WHOLE, "medium", "Namespace kube-system is there, without the label"),
        (spaces("{team: shop}"), "", "medium", "team=shop is one letter off team=shops, which a namespace"),
        (spaces("{taem: shops}"), "", "medium", "taem=shops is one letter off team=shops"),
        (
            spaces("{kubernetes.io/metadata.name: shopp}"),
            "",
            "medium",
            "one letter off kubernetes.io/metadata.name=shop,",
        ),
        (spaces("{team: payments}"), WHOLE, "medium", "No namespace of the cluster has team=payments"),
        (
            pods("{tier: frnt}"),
            "",
            "medium",
            "tier=frnt is one letter off tier=front, which pods there have.",
        ),
        (
            spaces("{team: shops}", ", podSelector: {matchLabels: {app: bakcend}}"),
            "",
            "medium",
            "app=bakcend is one letter off app=backend",
        ),
        (pods("{app: other}"), "", "low", "No pod of namespace x in this input has app=other"),
        (pods("{app: other}"), WHOLE, "medium", "No pod of namespace x has app=other: correct the labels."),
        (
            pods("{app: h}"),
            pod("h", labels="{app: h}", more=", hostNetwork: true"),
            "medium",
            "Only pods in their node's network are those with app=h, and selectors are not for them",
        ),
        (pods("{app: d}"), IDLE, "low", "The pods of Deployment x/d would have these labels"),
        (pods("{app: c}"), FINISHED, "low", "Only pods that have finished have these labels."),
        (pods("{app: cr}"), service(selector="{app: cr}"), "low", "Service x/s looks for the same pods"),
        (
            spaces("{team: none}"),
            WHOLE + namespace("empty", "{team: none}"),
            "low",
            "No workload of namespace",
        ),
    ],
)
def test_the_likely_cause_is_named_and_graded(judged, peer, objects, severity, words):
    cluster = judged(PODS + objects + policy(ingress(f"{{from: [{peer}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[0]"}
    assert words in cluster.messages(CHECK)["x/p ingress[0].from[0]"]
    assert cluster.rows(CHECK)["severity"].tolist() == [severity]


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        (spaces("{team: payments}"), "nobody can tell whether it is elsewhere"),
        (spaces("{kubernetes.io/metadata.name: monitoring}"), "nobody can tell whether it is elsewhere"),
        (spaces("{kubernetes.io/metadata.name: empty}"), "No workload of namespace empty is in this input."),
        (pods("{db-client: 'true'}"), "a label to be let in by, and no pod of namespace x has it now"),
        (pods("{app: idle}"), "See policies-select-something"),
        (pods("{svc: s}"), "See policies-select-pods-not-services."),
        ("{podSelector: {matchLabels: {a b: c}}}", "see policies-are-well-formed"),
    ],
)
def test_what_cannot_be_told_or_is_no_mistake_is_left(judged, peer, words):
    objects = namespace("empty") + policy(
        ingress("{from: [{podSelector: {}}]}", "{matchLabels: {app: idle}}"), "i"
    )
    labelled = service().replace("namespace: x}", "namespace: x, labels: {svc: s}}")
    cluster = judged(PODS + objects + labelled + policy(ingress(f"{{from: [{peer}]}}")))
    assert cluster.verdicts(CHECK)["x/p ingress[0]"] == "not_applicable"
    assert words in cluster.messages(CHECK)["x/p ingress[0]"]


@pytest.mark.parametrize(
    "peer",
    [
        pods("{app: a}"),
        "{podSelector: {}}",
        spaces("{team: shops}"),
        spaces("{kubernetes.io/metadata.name: x}"),
        "{namespaceSelector: {}}",
    ],
)
def test_somebody_passes(judged, peer):
    assert judged(PODS + policy(egress(f"{{to: [{peer}]}}"))).verdicts(CHECK) == {"x/p egress[0]": "passed"}


def test_beside_others_it_is_graded_lower_unless_it_is_clear_what_is_meant(judged):
    rule = f"{{from: [{pods('{app: a}')}, {pods('{app: other}')}, {spaces('{name: shop}')}]}}"
    cluster = judged(PODS + WHOLE + policy(ingress(rule)))
    rows = cluster.rows(CHECK).set_index("rule")["severity"].to_dict()
    assert rows == {"ingress[0].from[1]": "low", "ingress[0].from[2]": "medium"}


def test_beside_others_what_is_no_mistake_is_a_note(judged):
    rule = f"{{from: [{pods('{app: a}')}, {spaces('{team: payments}')}]}}"
    assert judged(PODS + policy(ingress(rule))).verdicts(CHECK) == {"x/p ingress[0]": "passed"}


def test_one_cause_is_one_finding_however_many_rules_repeat_it(judged, mended):
    peer = spaces("{name: shop}")
    each = "".join(
        policy(ingress(f"{{from: [{peer}]}}, {{from: [{peer}]}}"), namespace=f"n{i}") for i in range(3)
    )
    cluster = judged(PODS + each)
    assert cluster.failed(CHECK) == {"n0/p ingress[0].from[0]"}
    assert cluster.messages(CHECK)["n0/p ingress[0].from[0]"].endswith(
        "It is the same with 5 more peers, in all of 3 policies in 3 namespaces."
    )
    other = cluster.messages(CHECK)["n2/p ingress[1]"]
    assert other == "It is a part of one finding, at NetworkPolicy n0/p, ingress[0].from[0]."
    after = mended(cluster, cluster.remedies(CHECK)["n0/p ingress[0].from[0]"])
    assert set(after.verdicts(CHECK).values()) == {"passed"}


@pytest.mark.parametrize(
    "peer", [pods("{tier: frnt}"), spaces("{team: shop}"), spaces("{name: shop}", ", podSelector: {}")]
)
def test_what_is_meant_is_offered(judged, mended, peer):
    cluster = judged(PODS + policy(ingress(f"{{from: [{peer}]}}")))
    after = mended(cluster, cluster.remedies(CHECK)["x/p ingress[0].from[0]"])
    assert after.verdicts(CHECK) == {"x/p ingress[0]": "passed"}


@pytest.mark.parametrize("name", ["shop", "hosts"])
def test_what_would_be_nobody_either_is_not_offered(judged, name):
    other = namespace("hosts") + pod("n", "hosts", "{app: n}", more=", hostNetwork: true")
    cluster = judged(PODS + other + policy(ingress(f"from: [{spaces(f'{{name: {name}}}')}]")) + WHOLE)
    [message], [remedy] = cluster.messages(CHECK).values(), cluster.remedies(CHECK).values()
    assert f"write kubernetes.io/metadata.name={name}, which every namespace has." in message
    assert ("That is nobody either. Only pods in their node's network" in message) == (name == "hosts")
    assert bool(remedy) == (name == "shop")


@pytest.mark.parametrize("name", ["team-b", "shop-2", "v2-shop"])
def test_names_that_differ_in_a_number_or_a_letter_are_others(judged, name):
    objects = namespace("team-a") + namespace("shop-1") + namespace("v1-shop")
    peer = spaces(f"{{kubernetes.io/metadata.name: {name}}}")
    cluster = judged(PODS + objects + policy(ingress(f"{{from: [{peer}]}}")))
    assert cluster.verdicts(CHECK)["x/p ingress[0]"] == "not_applicable"


def test_a_section_without_effect_is_not_judged(judged):
    spec = f"{{podSelector: {{}}, policyTypes: [Egress], ingress: [{{from: [{pods('{app: z}')}]}}]}}"
    assert judged(PODS + policy(spec)).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}


def test_without_pods_it_is_not_assessed(judged):
    assert judged(policy(ingress(f"{{from: [{pods('{app: z}')}]}}"))).verdicts(CHECK) == {"": "not_assessed"}
