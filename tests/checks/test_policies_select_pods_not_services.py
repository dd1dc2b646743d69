"""Selectors with the labels or the name of something that is no pod."""

import pytest

CHECK = "policies-select-pods-not-services"
CLUSTER = """
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: a}}}
---
apiVersion: v1
kind: Service
metadata: {name: a-svc, namespace: x, labels: {svc: a, tier: web}, annotations: {note: n}}
spec: {selector: {app: a}}
---
{apiVersion: v1, kind: Service, metadata: {name: gone, namespace: x, labels: {app: gone}},
  spec: {selector: {app: gone}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: x, labels: {release: r}}
spec: {template: {metadata: {labels: {app: a}}, spec: {containers: []}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
"""


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("{svc: a}", "carries the labels of Service x/a-svc and picks no pod"),
        ("{app: a-svc}", "carries the name of Service x/a-svc"),
        ("{note: n}", "carries the annotations of Service x/a-svc"),
        ("{app: a, tier: web}", "carries tier=web of Service x/a-svc and picks no pod"),
        ("{release: r}", "carries the labels of Deployment x/a itself"),
    ],
)
def test_labels_of_something_else_are_told(judged, selector, words):
    cluster = judged(f"{CLUSTER}spec: {{podSelector: {{matchLabels: {selector}}}}}")
    assert cluster.failed(CHECK) == {"x/p"}
    assert words in cluster.messages(CHECK)["x/p"]
    assert "app: a\n" in cluster.remedies(CHECK)["x/p"]
    assert cluster.verdicts("policies-select-something") == {"x/p": "not_applicable"}


@pytest.mark.parametrize("selector", ["{app: a}", "{app: gone}", "{app: other}", "{app: a, tier: wob}", "{}"])
def test_other_selectors_pass(judged, selector):
    assert judged(f"{CLUSTER}spec: {{podSelector: {{matchLabels: {selector}}}}}").verdicts(CHECK) == {
        "x/p": "passed"
    }


@pytest.mark.parametrize("namespaces", ["", ", namespaceSelector: {}"])
def test_a_peer_is_told_with_its_place(judged, namespaces):
    peer = f"{{podSelector: {{matchLabels: {{svc: a}}}}{namespaces}}}"
    cluster = judged(
        f"{CLUSTER}spec: {{podSelector: {{}}, ingress: [{{from: [{{podSelector: {{}}}}, {peer}]}}]}}"
    )
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[1]"}
