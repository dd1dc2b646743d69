"""Mistakes that people make are found.

Each case has its number in the catalogue of mistakes; a tiny cluster; and what has to fail there, of each
check that it is about. Where YAML is offered, the finding is gone when it is applied.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from audit.compose import compose
from tests.checks.objects import API, WHOLE, egress, endpoints, ingress, namespace, pod, policy, service

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ISOLATED, DENIED = "pods-are-isolated-for-{}", "namespace-denies-{}-by-default"
IN, OUT = ISOLATED.format("ingress"), ISOLATED.format("egress")
HTTP = "[{name: http, containerPort: 8080}]"
SELECTOR = "policies-select-something"
PEERS = "peers-match-something"


class Case(NamedTuple):
    anchor: str
    cluster: str
    finds: dict[str, set[str]]
    """Exactly these subjects fail."""
    words: str = ""
    """Of the message of the first."""


def peer(namespaces: str = "", pods: str = "") -> str:
    parts = [f"namespaceSelector: {{matchLabels: {namespaces}}}"] if namespaces else []
    parts += [f"podSelector: {{matchLabels: {pods}}}"] if pods else []
    return f"{{{', '.join(parts)}}}"


def of(labels: str) -> str:
    return f"{{matchLabels: {labels}}}"


X, Y = pod(), pod("b", "y", "{app: b}")
FROM_A = f"{{from: [{peer(pods='{app: a}')}]}}"
DEPLOYMENT = (
    "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: x, labels: {chart: web}}, "
    "spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}}\n"
)
FLANNEL = (
    "---\n{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: kube-flannel-ds, namespace: kube-flannel}, "
    "spec: {selector: {matchLabels: {app: flannel}}, template: {metadata: {labels: {app: flannel}}, spec: "
    "{hostNetwork: true, containers: [{name: kube-flannel, image: flannel/flannel:v0.27.0}]}}}}\n"
)
SLICE = endpoints("172.18.0.2", 6443)

MISTAKES = [
    Case("1 no policy", X, {"namespaces-have-policies": {"x"}, DENIED.format("ingress"): {"x"}}),
    Case(
        "1 pods that no policy selects", X + policy("{podSelector: {matchLabels: {app: b}}}"), {IN: {"x/a"}}
    ),
    Case(
        "3 Service port",
        pod(ports=HTTP)
        + service(ports="[{port: 80, targetPort: http}]")
        + policy(ingress("{ports: [{port: 80}]}")),
        {"rules-use-pod-ports-not-service-ports": {"x/p ingress[0].ports[0]"}, "named-ports-resolve": set()},
    ),
    Case(
        "3 name of a Service port",
        pod(ports=HTTP)
        + service(ports="[{name: web, port: 80, targetPort: 8080}]")
        + policy(ingress("{ports: [{port: web}]}")),
        {"rules-use-pod-ports-not-service-ports": {"x/p ingress[0].ports[0]"}, "named-ports-resolve": set()},
    ),
    Case(
        "4 ClusterIP",
        X + API + policy(egress("{to: [{ipBlock: {cidr: 10.96.0.1/32}}], ports: [{port: 443}]}")),
        {"ip-blocks-are-not-cluster-ips": {"x/p egress[0].to[0]"}},
    ),
    Case(
        "5 API server: the port of its Service, at its endpoints",
        X + API + SLICE + policy(egress("{to: [{ipBlock: {cidr: 172.18.0.2/32}}], ports: [{port: 443}]}")),
        {"rules-use-pod-ports-not-service-ports": {"x/p egress[0].ports[0]"}},
        "its endpoints (172.18.0.2) listen on 6443",
    ),
    Case(
        "5 API server: the port of its Service, at its ClusterIP",
        X + API + SLICE + policy(egress("{to: [{ipBlock: {cidr: 10.96.0.1/32}}], ports: [{port: 443}]}")),
        {
            "ip-blocks-are-not-cluster-ips": {"x/p egress[0].to[0]"},
            "rules-use-pod-ports-not-service-ports": set(),
        },
    ),
    Case(
        "6 two items for one",
        X
        + Y
        + namespace("y", "{team: y}")
        + policy(ingress(f"{{from: [{peer('{team: y}')}, {peer(pods='{app: b}')}]}}")),
        {"peers-are-not-split": {"x/p ingress[0].from[0]"}, PEERS: set()},
    ),
    Case(
        "6 every namespace, or pods",
        X + Y + policy(ingress(f"{{from: [{{namespaceSelector: {{}}}}, {peer(pods='{app: b}')}]}}")),
        {"peers-are-not-split": {"x/p ingress[0].from[0]"}, "rules-name-their-peers": set()},
    ),
    Case(
        "7 any namespace with a label",
        X + Y + policy(ingress(f"{{from: [{{namespaceSelector: {{}}, podSelector: {of('{app: b}')}}}]}}")),
        {"peers-do-not-trust-any-namespace": {"x/p ingress[0].from[0]"}, "rules-name-their-peers": set()},
    ),
    Case(
        "8 no from",
        X + policy(ingress("{ports: [{port: 8096}]}")),
        {"rules-name-their-peers": {"x/p ingress[0]"}},
    ),
    Case(
        "8 empty selector left by a template",
        X + policy(ingress("{from: [{namespaceSelector: {}}], ports: [{port: 80}]}")),
        {"rules-name-their-peers": {"x/p ingress[0].from[0]"}},
    ),
    Case(
        "9 labels of the Service",
        X
        + service("web").replace("namespace: x}", "namespace: x, labels: {svc: web}}")
        + policy("{podSelector: {matchLabels: {svc: web}}}"),
        {"policies-select-pods-not-services": {"x/p"}, SELECTOR: set()},
    ),
    Case(
        "9 labels of the chart, at a peer",
        X + DEPLOYMENT + policy(ingress(f"{{from: [{peer(pods='{chart: web}')}]}}")),
        {"policies-select-pods-not-services": {"x/p ingress[0].from[0]"}, PEERS: set()},
    ),
    Case(
        "10 label that the namespace lacks",
        X + WHOLE + policy(egress(f"{{to: [{peer('{name: kube-system}')}], ports: [{{port: 53}}]}}")),
        {PEERS: {"x/p egress[0].to[0]"}},
        "Namespace kube-system is there, without the label name=kube-system",
    ),
    Case(
        "10 in manifests alone",
        X + policy(egress(f"{{to: [{peer('{name: kube-system}')}], ports: [{{port: 53}}]}}")),
        {PEERS: {"x/p egress[0].to[0]"}},
        "Every cluster has a namespace kube-system",
    ),
    Case(
        "13 protocol alone",
        X + policy(ingress("{ports: [{protocol: TCP}]}")),
        {"rules-name-their-ports": {"x/p ingress[0]"}},
    ),
    Case(
        "13 entry without port",
        X + policy(ingress("{from: [{podSelector: {}}], ports: [{port: 80}, {protocol: TCP}]}")),
        {"rules-name-their-ports": {"x/p ingress[0].ports[1]"}},
    ),
    Case(
        "14 misspelt field",
        X + policy("{podSelector: {matchLables: {app: a}}}"),
        {"policies-are-well-formed": {"x/p"}},
    ),
    Case(
        "14 protocol in lower case",
        X + policy(ingress("{ports: [{protocol: tcp, port: 80}]}")),
        {"policies-are-well-formed": {"x/p"}},
    ),
    Case(
        "15 UDP port written as TCP",
        pod(ports="[{containerPort: 8125, protocol: UDP}]") + policy(ingress("{ports: [{port: 8125}]}")),
        {
            "named-ports-resolve": {"x/p ingress[0].ports[0]"},
            "rules-use-pod-ports-not-service-ports": set(),
        },
        "have that number as UDP alone",
    ),
    Case(
        "15 UDP port written as TCP, by name",
        pod(ports="[{name: statsd, containerPort: 8125, protocol: UDP}]")
        + policy(ingress("{ports: [{port: statsd}]}")),
        {"named-ports-resolve": {"x/p ingress[0].ports[0]"}},
        "They have it as UDP.",
    ),
    Case(
        "16 policy for a hostNetwork pod",
        X
        + pod("h", labels="{app: h}", more=", hostNetwork: true")
        + policy(f"{{podSelector: {of('{app: h}')}}}"),
        {SELECTOR: {"x/p"}, "host-network-pods-are-accepted": {"x/h"}},
    ),
    Case(
        "16 hostNetwork pod as a peer",
        X
        + pod("h", labels="{app: h}", more=", hostNetwork: true")
        + policy(ingress(f"{{from: [{peer(pods='{app: h}')}]}}")),
        {PEERS: {"x/p ingress[0].from[0]"}},
        "Only pods in their node's network",
    ),
    Case(
        "17 any address",
        X + policy(ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 80}]}")),
        {"ingress-cidrs-are-narrow": {"x/p ingress[0]"}},
    ),
    Case(
        "18 webhooks: who calls is no pod, so that a rule without peers is right",
        pod(ports="[{containerPort: 9443}]")
        + service("x-webhook", ports="[{port: 443, targetPort: 9443}]")
        + policy(ingress("{ports: [{port: 9443}]}", of("{app: a}"))),
        {"rules-name-their-peers": set(), "rules-name-their-ports": set()},
    ),
    Case(
        "18 webhooks: whether the API server calls is in objects that are not read",
        pod(ports="[{containerPort: 9443}]")
        + service("x-webhook", ports="[{port: 443, targetPort: 9443}]")
        + WHOLE
        + policy(ingress(f"{{from: [{peer('{kubernetes.io/metadata.name: kube-system}')}]}}")),
        {PEERS: set(), "peers-are-not-split": set(), "rules-name-their-peers": set()},
    ),
    Case(
        "19 allow-all beside a default deny",
        X + policy("{podSelector: {}}", "deny") + policy("{podSelector: {}, ingress: [{}]}"),
        {
            "allow-all-does-not-undo-default-deny": {"x"},
            "rules-name-their-peers": set(),
            "rules-name-their-ports": set(),
        },
    ),
    Case(
        "a rule that another makes pointless",
        X
        + Y
        + policy(ingress(f"{{from: [{peer(pods='{app: a}')}], ports: [{{port: 80}}]}}"), "narrow")
        + policy(ingress("{from: [{podSelector: {}}]}")),
        {"policies-are-not-redundant": {"x/narrow ingress[0]"}},
        "ingress[0] of NetworkPolicy p allows all that it does",
    ),
    Case(
        "20 two objects of one name",
        X + policy("{podSelector: {}}") + policy("{podSelector: {}, policyTypes: [Egress]}"),
        {"policies-are-well-formed": {"x/p"}},
    ),
    Case(
        "21 pods without the label",
        X + policy(f"{{podSelector: {of('{app: sandbox}')}}}"),
        {SELECTOR: {"x/p"}},
        "selects no pod",
    ),
    Case(
        "types: an egress section that is ignored",
        X
        + policy(f"{{podSelector: {{}}, policyTypes: [Ingress], egress: [{FROM_A.replace('from', 'to')}]}}"),
        {"policy-types-fit-rules": {"x/p"}},
    ),
    Case(
        "T47 a port name that the selected pod lacks",
        pod(ports=HTTP) + policy(ingress("{ports: [{port: metrics}]}")),
        {"named-ports-resolve": {"x/p ingress[0].ports[0]"}},
    ),
]


def is_found(case: Case, judged: Any, mended: Any) -> None:
    """The mistake is found, nothing else is, and what is offered mends it."""
    cluster = judged(case.cluster)
    assert {check: cluster.failed(check) for check in case.finds} == case.finds
    first = next(iter(case.finds))
    assert case.words in "".join(cluster.messages(first)[subject] for subject in case.finds[first])
    for check, subjects in case.finds.items():
        for subject in subjects:
            if remedy := cluster.remedies(check)[subject]:
                assert subject not in mended(cluster, remedy).failed(check)


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.anchor)
def test_the_mistake_is_found(case: Case, judged: Any, mended: Any) -> None:
    is_found(case, judged, mended)


def test_2_a_plug_in_that_does_not_enforce(judged):
    cluster = judged(X + FLANNEL + policy("{podSelector: {}}"))
    assert cluster.verdicts(IN)["x/a"] == "passed"
    assert "no effect" in "".join(cluster.messages("plug-in-enforces-policies").values())
    report = compose(cluster.facts, cluster.results, as_of=AS_OF, generator="segaudit")
    assert "policies are not enforced (Flannel" in str(report.page_one.enforcement)
    assert "What follows is by policy" in str(report.page_one.enforcement)


def test_12_types_left_out_are_a_note(judged):
    cluster = judged(X + policy(f"{{podSelector: {{}}, ingress: [{FROM_A}]}}"))
    assert cluster.verdicts("policy-types-fit-rules") == {"x/p": "passed"}
    assert "leaves egress as it is" in cluster.messages("policy-types-fit-rules")["x/p"]
    assert cluster.failed(OUT) == {"x/a"}


def test_22_the_beta_annotation_denies_nothing(judged):
    annotation = '{net.beta.kubernetes.io/network-policy: \'{"ingress": {"isolation": "DefaultDeny"}}\'}'
    cluster = judged(X + namespace("x").replace("labels: {}", f"annotations: {annotation}"))
    assert cluster.failed("policies-are-well-formed") == {"x"}
    assert cluster.failed("namespace-denies-ingress-by-default") == {"x"}
