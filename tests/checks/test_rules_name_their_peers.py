"""Rules that are for everyone."""

import pytest

from tests.checks.objects import egress, ingress, namespace, pod, policy, service

CHECK = "rules-name-their-peers"
DENY = policy("{podSelector: {}}", "deny")
DNS = "ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]"


@pytest.mark.parametrize(
    ("spec", "place", "words"),
    [
        (
            ingress("{ports: [{port: 80}]}"),
            "ingress[0]",
            "every pod of every namespace and every address may connect, on TCP 80",
        ),
        (ingress("{from: [], ports: [{port: 80}]}"), "ingress[0]", "it has no `from`"),
        (
            ingress("{from: [{podSelector: {}}, {namespaceSelector: {}}]}"),
            "ingress[0].from[1]",
            "so every pod of every namespace may connect, on every port",
        ),
        (
            ingress("{from: [{namespaceSelector: {}, podSelector: {}}]}"),
            "ingress[0].from[0]",
            "an empty namespaceSelector and nothing else",
        ),
        (
            ingress(
                "{from: [{namespaceSelector: {matchExpressions: "
                "[{key: kubernetes.io/metadata.name, operator: Exists}]}}]}"
            ),
            "ingress[0].from[0]",
            "a namespaceSelector that selects every namespace and nothing else",
        ),
        (ingress("{}", "{matchLabels: {app: a}}"), "ingress[0]", "on every port"),
        (
            egress("{ports: [{port: 443}]}"),
            "egress[0]",
            "every pod and every address may be connected to, on TCP 443",
        ),
        (egress("{ports: [{port: 53, protocol: UDP}, {port: 443}]}"), "egress[0]", "UDP 53, TCP 443"),
    ],
)
def test_a_rule_for_everyone_fails(judged, spec, place, words):
    cluster = judged(pod() + policy(spec))
    assert cluster.failed(CHECK) == {f"x/p {place}"}
    assert words in cluster.messages(CHECK)[f"x/p {place}"]


@pytest.mark.parametrize(
    "spec",
    [
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        ingress("{from: [{podSelector: {}}]}"),
        ingress("{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}]}"),
        egress("{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}"),
        egress(f"{{{DNS}}}"),
        egress("{to: [{namespaceSelector: {}}], ports: [{port: 5353, protocol: UDP}]}"),
        egress("{ports: [{port: dns, protocol: UDP}, {port: dns-tcp}]}"),
        ingress(f"{{from: [{{namespaceSelector: {{}}}}], {DNS}}}"),
    ],
)
def test_named_peers_and_deny_all_and_dns_pass(judged, spec):
    assert set(judged(pod() + policy(spec)).verdicts(CHECK).values()) <= {"passed"}


def test_what_undoes_a_default_deny_is_told_there(judged):
    cluster = judged(pod() + DENY + policy(ingress("{}")) + policy(ingress("{ports: [{port: 80}]}"), "q"))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable", "x/q ingress[0]": "failed"}
    assert cluster.failed("allow-all-does-not-undo-default-deny") == {"x"}


def test_everyone_of_a_split_peer_is_told_there(judged):
    peers = "{from: [{namespaceSelector: {}}, {podSelector: {matchLabels: {app: b}}}]}"
    cluster = judged(pod() + pod("b", "y", "{app: b}") + policy(ingress(peers)))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("peers-are-not-split") == {"x/p ingress[0].from[0]"}


def test_a_section_without_effect_is_not_judged(judged):
    spec = "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"
    assert judged(pod() + policy(spec)).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}


def test_what_is_offered_is_the_own_namespace_and_says_what_it_closes(judged, mended):
    cluster = judged(pod() + pod("b", "y") + namespace("y") + policy(ingress("{ports: [{port: 80}]}")))
    remedy = cluster.remedies(CHECK)["x/p ingress[0]"]
    assert "This closes ingress[0] for pods of other namespaces" in remedy.replace("\n# ", " ")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/p ingress[0]": "passed"}
    outward = judged(pod() + policy(egress("{ports: [{port: 443}]}")))
    assert outward.remedies(CHECK) == {"x/p egress[0]": ""}


def test_policies_alone_are_enough(judged):
    assert judged(policy(ingress("{}"))).rows(CHECK)["status"].tolist() == ["not_applicable"]
    assert judged(policy(ingress("{ports: [{port: 80}]}"))).failed(CHECK) == {"x/p ingress[0]"}


HOOK = "{app: hook}"
WEBHOOK = pod("hook", labels="{app: hook, part: x}", ports="[{name: https, containerPort: 9443}]")
OVER = service("x-webhook", selector=HOOK, ports="[{port: 443, targetPort: https}]")
FOR_HOOK = "{matchLabels: {app: hook, part: x}}"


@pytest.mark.parametrize("ports", ["{port: 9443}", "{port: https}", "{port: 9443}, {port: 9501}"])
@pytest.mark.parametrize("pods", [WEBHOOK, pod()])
def test_webhooks_are_called_by_whom_no_selector_matches(judged, pods, ports):
    over = OVER if pods == WEBHOOK else OVER.replace("https", "9443")
    ports = ports if pods == WEBHOOK else ports.replace("https", "9443")
    cluster = judged(pods + over + policy(ingress(f"{{ports: [{ports}]}}", FOR_HOOK)))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "passed"}
    assert cluster.messages(CHECK)["x/p ingress[0]"] == (
        "Webhooks alone, by the name of Service x/x-webhook: the API server calls those of admission, and no "
        "selector matches it."
    )


@pytest.mark.parametrize(
    ("objects", "spec"),
    [
        # other pods, other ports, a port for others too
        (OVER, ingress("{ports: [{port: 9443}]}")),
        (OVER, ingress("{ports: [{port: 8080}]}", FOR_HOOK)),
        (OVER, ingress("{ports: [{port: 9443, endPort: 9500}]}", FOR_HOOK)),
        (OVER, ingress("{ports: [{port: 9443}, {port: grpc}]}", FOR_HOOK)),
        (OVER, ingress("{ports: [{protocol: TCP}]}", FOR_HOOK)),
        (OVER, ingress("{from: [{namespaceSelector: {}}], ports: [{port: 9443}]}", FOR_HOOK)),
        (OVER, egress("{ports: [{port: 9443}]}", FOR_HOOK)),
        (
            OVER + service("shop", selector=HOOK, ports="[{port: 80, targetPort: 9443}]"),
            ingress("{ports: [{port: 9443}]}", FOR_HOOK),
        ),
        (OVER.replace("https", "8443"), ingress("{ports: [{port: 8443}, {port: 9443}]}", FOR_HOOK)),
        (OVER.replace("x-webhook", "webhooksite"), ingress("{ports: [{port: 9443}]}", FOR_HOOK)),
        (OVER.replace("namespace: x", "namespace: y"), ingress("{ports: [{port: 9443}]}", FOR_HOOK)),
    ],
)
def test_what_is_not_for_webhooks_alone_names_its_peers(judged, objects, spec):
    assert len(judged(WEBHOOK + objects + policy(spec)).failed(CHECK)) == 1
