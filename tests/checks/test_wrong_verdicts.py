"""Wrong verdicts that other tools give are not given here; each case is called after the tool."""

from typing import Any

import pytest

from tests.checks.objects import egress, ingress, pod, policy
from tests.checks.test_mistakes import (
    DENIED,
    FROM_A,
    HTTP,
    IN,
    OUT,
    PEERS,
    SELECTOR,
    Case,
    X,
    Y,
    is_found,
    of,
    peer,
)

EXCEPT_OLD = "matchExpressions: [{key: release, operator: NotIn, values: [old]}]"
CILIUM = (
    "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: x}, "
    "spec: {}}\n"
)
BROKEN = "---\n{apiVersion: v1, kind: Pod, metadata: [}\n"

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


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.anchor)
def test_the_wrong_verdict_is_not_given(case: Case, judged: Any, mended: Any) -> None:
    is_found(case, judged, mended)
