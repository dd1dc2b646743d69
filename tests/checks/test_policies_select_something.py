"""Policies that select no pod, and why."""

import pytest

from audit.checks._likeness import one_letter_off

CHECK = "policies-select-something"
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec: {podSelector: {matchLabels: {app: web, tier: front}}}
"""
CUSTOM = (
    "\n---\n{apiVersion: %s, kind: Database, metadata: {name: d, namespace: x, "
    "labels: {app: web, tier: front, more: yes}}, spec: {%s}}"
)
LABELS = "labels: {app: web, tier: front}"


def pod(labels="labels: {}", spec="{}", status="{}", namespace="x"):
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: {namespace}, "
        f"{labels}}}, spec: {spec}, status: {status}}}"
    )


@pytest.mark.parametrize(
    ("objects", "severity", "words"),
    [
        (pod(), "medium", "No pod of namespace x has these labels: correct them, or delete the policy."),
        (
            pod("labels: {app: wbe, tier: front}"),
            "medium",
            "app=web is one letter off app=wbe, which pods here have.",
        ),
        (pod("labels: {ap: web, tier: front}"), "medium", "app=web is one letter off ap=web"),
        (pod(LABELS, "{hostNetwork: true}"), "medium", "Only pods in their node's network have these labels"),
        (
            pod(LABELS, status="{phase: Succeeded}") + "\n---\n" + pod(namespace="y"),
            "low",
            "Only pods that have finished",
        ),
        (pod(namespace="y"), "low", "No workload of namespace x is in this input."),
        (
            pod() + "\n---\n{apiVersion: v1, kind: Service, metadata: {name: s, namespace: x}, "
            "spec: {selector: {app: web, tier: front}}}",
            "low",
            "Service x/s looks for the same pods and finds none either",
        ),
        (
            pod() + "\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: x}, "
            "spec: {replicas: 0, template: {metadata: {labels: {app: web, tier: front}}}}}",
            "low",
            "The pods of Deployment x/d would have these labels, but it has none now.",
        ),
        (
            pod() + CUSTOM % ("example.com/v1", "replicas: 2"),
            "low",
            "Database x/d has these labels: a controller may be yet to make its pods, with the same ones.",
        ),
        (
            pod() + CUSTOM % ("example.com/v1", "server: {image: db}"),
            "low",
            "Database x/d has these labels",
        ),
        (pod() + CUSTOM % ("example.com/v1", "endpoints: []"), "medium", "No pod of namespace x has these"),
        (pod() + CUSTOM % ("storage.k8s.io/v1", "replicas: 2"), "medium", "No pod of namespace x has these"),
        (
            (
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: x}, "
                "spec: {template: {}}}"
            ),
            "medium",
            "No pod of namespace x in this input has these labels: unless a controller makes such pods",
        ),
    ],
)
def test_the_likely_cause_is_named_and_graded(judged, objects, severity, words):
    cluster = judged(objects + POLICY)
    assert cluster.failed(CHECK) == {"x/p"}
    assert words in cluster.messages(CHECK)["x/p"]
    assert cluster.rows(CHECK)["severity"].iloc[0] == severity


def test_selectors_that_select_pass_and_broken_or_empty_ones_are_for_others(judged):
    assert judged(pod(LABELS) + POLICY).verdicts(CHECK) == {"x/p": "passed"}
    empty = POLICY.replace("{matchLabels: {app: web, tier: front}}", "{}")
    assert judged(pod(namespace="y") + empty).verdicts(CHECK) == {"x/p": "not_applicable"}
    broken = POLICY.replace("app: web", "a b: web")
    assert "policies-are-well-formed" in judged(pod() + broken).messages(CHECK)["x/p"]


@pytest.mark.parametrize("other", ["wb", "webs", "wec", "wbe", "weeb", "aweb"])
def test_one_letter_off(other):
    assert one_letter_off("web", other)
    assert one_letter_off(other, "web")


@pytest.mark.parametrize("other", ["web", "bew", "webss", "", "x"])
def test_not_one_letter_off(other):
    assert not one_letter_off("web", other)
