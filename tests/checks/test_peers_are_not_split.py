"""Two items of a list where one with both selectors is likely meant."""

import pytest

from tests.checks.objects import egress, ingress, namespace, pod, policy

CHECK = "peers-are-not-split"
PODS = pod() + pod("b", "y", "{app: b}") + namespace("y", "{team: y}")
Y = "{namespaceSelector: {matchLabels: {team: y}}}"
B = "{podSelector: {matchLabels: {app: b}}}"


@pytest.mark.parametrize("peers", [f"{Y}, {B}", f"{B}, {Y}", f"{Y}, {B}, {{ipBlock: {{cidr: 10.1.2.3/32}}}}"])
def test_a_pod_selector_that_picks_there_and_not_here_was_meant_there(judged, mended, peers):
    cluster = judged(PODS + policy(ingress(f"{{from: [{peers}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[0]"}
    assert (
        "no pod of the own namespace has these labels, and pods of those namespaces do"
        in (cluster.messages(CHECK)["x/p ingress[0].from[0]"])
    )
    assert cluster.rows(CHECK)["severity"].tolist() == ["medium"]
    assert cluster.failed("peers-match-something") == set()
    remedy = cluster.remedies(CHECK)["x/p ingress[0].from[0]"]
    assert "This closes ingress[0] for pods of namespaces with team=y that do not have app=b." in (
        remedy.replace("\n# ", " ")
    )
    after = mended(cluster, remedy)
    assert after.verdicts(CHECK) == {"x/p ingress[0]": "passed"}
    assert after.failed("peers-match-something") == set()


BETWEEN = "{ipBlock: {cidr: 10.1.2.3/32}}"


@pytest.mark.parametrize("peers", [f"{Y}, {BETWEEN}, {B}", f"{B}, {BETWEEN}, {BETWEEN}, {Y}"])
def test_others_may_stand_between_what_surely_is_one(judged, mended, peers):
    cluster = judged(PODS + policy(ingress(f"{{from: [{peers}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[0]"}
    after = mended(cluster, cluster.remedies(CHECK)["x/p ingress[0].from[0]"])
    assert after.verdicts(CHECK) == {"x/p ingress[0]": "passed"}
    unseen = judged(pod() + policy(ingress(f"{{from: [{peers}]}}")))
    assert unseen.verdicts(CHECK) == {"x/p ingress[0]": "passed"}


def test_the_neighbour_is_the_one_that_is_meant(judged):
    other = "{podSelector: {matchLabels: {app: b, tier: t}}}"
    objects = pod("c", "y", "{app: b, tier: t}")
    cluster = judged(PODS + objects + policy(ingress(f"{{from: [{B}, {Y}, {other}, {Y}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[0]", "x/p ingress[0].from[2]"}


@pytest.mark.parametrize(
    ("peers", "objects"),
    [
        (f"{Y}, {{podSelector: {{matchLabels: {{app: a}}}}}}", ""),
        (f"{Y}, {{podSelector: {{matchLabels: {{app: c}}}}}}", ""),
        (f"{Y}, {{podSelector: {{}}}}", ""),
        (f"{Y}, {B}", pod("b2", "x", "{app: b}")),
        ("{namespaceSelector: {matchLabels: {team: y}}, podSelector: {matchLabels: {app: b}}}", ""),
        ("{namespaceSelector: {matchLabels: {team: z}}}, {podSelector: {matchLabels: {client: 'true'}}}", ""),
        (f"{{namespaceSelector: {{matchLabels: {{a b: y}}}}}}, {B}", ""),
    ],
)
def test_either_is_often_what_is_meant(judged, peers, objects):
    cluster = judged(PODS + objects + policy(egress(f"{{to: [{peers}]}}")))
    assert cluster.failed(CHECK) == set()


def test_beside_every_namespace_some_pods_add_nobody(judged):
    peers = "{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: a}}}]}"
    cluster = judged(PODS + policy(ingress(peers)))
    assert cluster.rows(CHECK)[["status", "severity"]].to_numpy().tolist() == [["failed", "medium"]]
    assert "the own namespace is among those" in cluster.messages(CHECK)["x/p ingress[0].from[0]"]


def test_where_those_pods_are_not_seen_it_is_graded_lower(judged):
    cluster = judged(pod() + policy(ingress(f"{{from: [{Y}, {B}]}}")))
    assert cluster.rows(CHECK)[["status", "severity"]].to_numpy().tolist() == [["failed", "low"]]


def test_where_no_pods_are_seen_at_all_nothing_is(judged):
    cluster = judged(pod(namespace="z") + policy(ingress(f"{{from: [{Y}, {B}]}}")))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "passed"}


def test_a_section_without_effect_is_not_judged(judged):
    spec = f"{{podSelector: {{}}, policyTypes: [Egress], ingress: [{{from: [{Y}, {B}]}}]}}"
    assert judged(PODS + policy(spec)).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}


def test_without_pods_it_is_not_assessed(judged):
    assert judged(policy(ingress(f"{{from: [{Y}, {B}]}}"))).verdicts(CHECK) == {"": "not_assessed"}
