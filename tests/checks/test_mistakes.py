"""Mistakes that people make are found, and those that other tools make are not made.

Each case has its number in the catalogue of mistakes, or the tool whose wrong verdict it is; a tiny cluster;
and what has to fail there, of each check that it is about. Where YAML is offered, the finding is gone when it
is applied.
"""

from typing import Any, NamedTuple

import pytest

from tests.checks.objects import API, WHOLE, egress, ingress, namespace, pod, policy, service

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
EXCEPT_OLD = "matchExpressions: [{key: release, operator: NotIn, values: [old]}]"
DEPLOYMENT = (
    "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: x, labels: {chart: web}}, "
    "spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}}\n"
)
CILIUM = (
    "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: x}, "
    "spec: {}}\n"
)
BROKEN = "---\n{apiVersion: v1, kind: Pod, metadata: [}\n"
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
        "19 allow-all beside a default deny",
        X + policy("{podSelector: {}}", "deny") + policy("{podSelector: {}, ingress: [{}]}"),
        {
            "allow-all-does-not-undo-default-deny": {"x"},
            "rules-name-their-peers": set(),
            "rules-name-their-ports": set(),
        },
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

OTHERS = [
    Case(
        "checkov CKV2_K8S_6: an empty podSelector passes every pod everywhere",
        X + Y + policy("{podSelector: {}}"),
        {IN: {"y/b"}},
    ),
    Case(
        "kube-score: an empty podSelector matches no pod",
        X + policy("{podSelector: {}}"),
        {SELECTOR: set(), IN: set()},
    ),
    Case(
        "popeye 259, 202: empty selectors match nothing",
        X + Y + policy(egress("{to: [{namespaceSelector: {}, podSelector: {}}, {podSelector: {}}]}")),
        {SELECTOR: set(), PEERS: set(), OUT: {"y/b"}},
    ),
    Case(
        "popeye 367: a policy counts only if its rules match the pod too",
        X + Y + policy(ingress("{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}]}")),
        {IN: {"y/b"}},
    ),
    Case(
        "certsuite: the documented deny-all fails",
        X + policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"),
        {
            IN: set(),
            OUT: set(),
            DENIED.format("ingress"): set(),
            DENIED.format("egress"): set(),
            "policy-types-fit-rules": set(),
            "rules-name-their-peers": set(),
            "rules-name-their-ports": set(),
            SELECTOR: set(),
        },
    ),
    Case("Kubescape: Cilium's policies are none", X + CILIUM, {IN: set(), "namespaces-have-policies": set()}),
    Case(
        "np-viewer: both selectors in one peer are either",
        X + Y + policy(ingress(f"{{from: [{peer('{kubernetes.io/metadata.name: y}', '{app: b}')}]}}")),
        {"peers-are-not-split": set(), PEERS: set()},
    ),
    Case(
        "kube-linter 33: pods that no policy selects",
        X + policy(ingress("{}", of("{app: b}"))),
        {IN: {"x/a"}},
    ),
    Case("np-guard: stops at the first invalid object", BROKEN + X, {"namespaces-have-policies": {"x"}}),
    Case(
        "np-guard: keeps Succeeded pods",
        X
        + pod("old", labels="{app: old}").replace("]}}\n", "]}, status: {phase: Succeeded}}\n")
        + policy(f"{{podSelector: {of('{app: a}')}}}"),
        {IN: set()},
    ),
    Case(
        "Kubescape C-0260: expressions alone are not evaluated",
        X + policy("{podSelector: {matchExpressions: [{key: app, operator: In, values: [a]}]}}"),
        {IN: set()},
    ),
    Case(
        "Kubescape C-0260: expressions that exclude are not evaluated",
        pod(labels="{app: a, release: old}")
        + policy(f"{{podSelector: {{matchLabels: {{app: a}}, {EXCEPT_OLD}}}}}"),
        {IN: {"x/a"}, SELECTOR: {"x/p"}},
    ),
    Case(
        "Kubescape C-0030: one direction is both", X + policy("{podSelector: {}}"), {IN: set(), OUT: {"x/a"}}
    ),
    Case(
        "Kubescape C-0206: a policy for one of the pods is enough",
        X + pod("b", labels="{app: b}") + policy(f"{{podSelector: {of('{app: a}')}}}"),
        {IN: {"x/b"}, DENIED.format("ingress"): {"x"}, "namespaces-have-policies": set()},
    ),
    Case(
        "Popeye 1204: an allow-all secures every pod",
        X + policy("{podSelector: {}, ingress: [{}]}"),
        {"allow-all-does-not-undo-default-deny": {"x"}},
    ),
    Case(
        "Popeye 1204: a peer is secured",
        X + pod("b", labels="{app: b}") + policy(ingress(FROM_A, of("{app: b}"))),
        {IN: {"x/a"}},
    ),
    Case(
        "Popeye 1206, 1207: no pod is in a CIDR outside",
        X + policy(egress("{to: [{ipBlock: {cidr: 203.0.113.7/32}}], ports: [{port: 443}]}")),
        {PEERS: set(), "egress-cidrs-are-narrow": set(), "rules-name-their-ports": set()},
    ),
    Case(
        "Popeye 1208: a peer of another namespace is nobody",
        X + Y + policy(ingress(f"{{from: [{peer('{kubernetes.io/metadata.name: y}', '{app: b}')}]}}")),
        {PEERS: set()},
    ),
    Case("kube-linter: an egress policy isolates", X + policy(egress("{}")), {IN: {"x/a"}, OUT: set()}),
    Case(
        "Polaris: each direction in a policy of its own is none",
        X + policy("{podSelector: {}}") + policy(egress("{to: [{podSelector: {}}]}"), "q"),
        {IN: set(), OUT: set(), DENIED.format("ingress"): set(), DENIED.format("egress"): set()},
    ),
    Case(
        "Trivy KSV-0038: no policy passes",
        X,
        {"namespaces-have-policies": {"x"}, DENIED.format("ingress"): {"x"}},
    ),
    Case(
        "hardeneks: an empty podSelector with rules is no default deny",
        X + policy(ingress("{from: [{podSelector: {}}], ports: [{port: 80}]}")),
        {DENIED.format("ingress"): set()},
    ),
    Case(
        "netpol-analyzer, netfetch: a hostNetwork pod is isolated, or unprotected",
        X + pod("h", labels="{app: h}", more=", hostNetwork: true") + policy("{podSelector: {}}"),
        {"host-network-pods-are-accepted": {"x/h"}, IN: set()},
    ),
    Case(
        "netpol-analyzer: a port name and an address outside end the run",
        pod(ports=HTTP)
        + policy(
            egress("{to: [{ipBlock: {cidr: 203.0.113.7/32}}, {podSelector: {}}], ports: [{port: http}]}")
        ),
        {"named-ports-resolve": set()},
    ),
    Case(
        "netpol-analyzer: the name of the second container's port is unknown",
        pod().replace(
            "ports: []}",
            "ports: [{name: web, containerPort: 80}]}, {name: d, ports: [{name: admin, containerPort: 81}]}",
        )
        + policy(ingress("{ports: [{port: admin}, {port: web}]}")),
        {"named-ports-resolve": set()},
    ),
    Case(
        "netpol-analyzer: the names of a sidecar's ports are unknown",
        pod(more=f", initContainers: [{{restartPolicy: Always, ports: {HTTP.replace('http', 'mesh')}}}]")
        + policy(ingress("{ports: [{port: mesh}]}")),
        {"named-ports-resolve": set()},
    ),
    Case(
        "popeye: NotIn on a label that is not there does not match",
        X + policy(f"{{podSelector: {{{EXCEPT_OLD}}}}}"),
        {SELECTOR: set(), IN: set()},
    ),
    Case(
        "kube-score: default is another namespace where it is left out",
        pod(namespace="default") + policy("{podSelector: {}}").replace(", namespace: x", ""),
        {SELECTOR: set(), IN: set()},
    ),
]


@pytest.mark.parametrize("case", [*MISTAKES, *OTHERS], ids=lambda case: case.anchor)
def test_the_mistake_is_found_and_the_wrong_verdict_is_not_given(
    case: Case, judged: Any, mended: Any
) -> None:
    cluster = judged(case.cluster)
    assert {check: cluster.failed(check) for check in case.finds} == case.finds
    first = next(iter(case.finds))
    assert case.words in "".join(cluster.messages(first)[subject] for subject in case.finds[first])
    for check, subjects in case.finds.items():
        for subject in subjects:
            if remedy := cluster.remedies(check)[subject]:
                assert subject not in mended(cluster, remedy).failed(check)


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
