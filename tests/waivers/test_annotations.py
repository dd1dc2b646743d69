"""Waivers that objects carry: who may, for what, and what does no harm."""

import json

import pytest

from audit.settings import Settings
from tests.waivers.conftest import ANNOTATIONS, CHECK, graver, rows_of, with_status

TERMS = {"reason": "r", "owner": "o", "approved_by": "a", "expires": "2026-11-30"}
POLICY_CHECK = "ingress-cidrs-are-narrow"


def annotated(value, kind="Deployment"):
    """A Deployment, its Namespace and a policy, one of which has the annotation."""
    note = f"annotations: {{segaudit.io/waive: {json.dumps(value)}}}"
    has = {
        each: note if kind == each else "annotations: {}"
        for each in ("Deployment", "Namespace", "NetworkPolicy")
    }
    return f"""
{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, {has["Namespace"]}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop, {has["Deployment"]}}}
spec: {{selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: other, namespace: shop, {has["NetworkPolicy"]}}}
spec: {{podSelector: {{matchLabels: {{app: x}}}}, ingress: [{{from: [{{ipBlock: {{cidr: 0.0.0.0/0}}}}]}}]}}
"""


def waive(check, **terms):
    return json.dumps({"check": check, **TERMS, **terms})


@pytest.mark.parametrize(
    ("kind", "check", "subject", "origin"),
    [
        ("Deployment", CHECK, "shop/web", "Deployment shop/web"),
        ("NetworkPolicy", POLICY_CHECK, "shop/other", "NetworkPolicy shop/other"),
        ("Namespace", "namespace-denies-egress-by-default", "shop/shop", "Namespace shop"),
    ],
)
def test_an_object_waives_its_own_finding_where_that_is_allowed(cluster, kind, check, subject, origin):
    text = annotated(waive(check), kind)
    assert not cluster(text, Settings()).waived(check=check)
    made = cluster(text, ANNOTATIONS)
    applied = made.apply()
    assert with_status(applied, check, "waived") == {subject}
    (held,) = set(rows_of(applied, check)["waiver"]) - {""}
    assert held == f"by the annotation of {origin}, until 2026-11-30, approved by a, owner o: r"
    (row,) = rows_of(applied, "waivers-are-current").itertuples()
    assert (row.status, row.namespace) == ("passed", "shop")
    assert row.source.startswith("all.yaml:")
    assert applied.waivers["annotation"].tolist() == [origin]


def test_it_waives_nothing_of_others(cluster):
    made = cluster(annotated(waive(POLICY_CHECK), "Namespace"), ANNOTATIONS)
    assert not made.waived(check=POLICY_CHECK)
    ((status, _, message),) = made.told()
    assert (status, message) == (
        "failed",
        f"Waiver shop/{POLICY_CHECK}/Namespace/shop matches nothing: take it out, or name what is meant.",
    )


def test_a_critical_finding_is_waived_by_the_file_alone(cluster):
    made = cluster(annotated(waive(CHECK)), ANNOTATIONS)
    made.results = [graver(each) if each.check.id == CHECK else each for each in made.results]
    assert not made.waived()
    ((status, _, message),) = made.told()
    assert status == "failed"
    assert "a critical finding is accepted by the file of waivers alone" in message
    assert made.waived(f"check: {CHECK}, namespace: shop, name: web") == {"shop/web"}


def test_several_in_one_annotation(cluster):
    both = json.dumps([json.loads(waive(CHECK)), json.loads(waive("pods-are-isolated-for-egress"))])
    made = cluster(annotated(both), ANNOTATIONS)
    assert made.waived() == made.waived(check="pods-are-isolated-for-egress") == {"shop/web"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "cannot be read"),
        ("x", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 900, "cannot be read"),
        ('"a"', "cannot be read"),
        ("[[]]", "cannot be read"),
        ("[]", "says nothing"),
        ("{}", "cannot be read"),
        ('{"check": 1}', "cannot be read"),
        (waive(CHECK, evil="<script>"), "cannot be read"),
        (waive(CHECK, namespace="bank"), "cannot be read"),
        (waive(CHECK, expires="soon"), "cannot be read"),
        (waive("<script>"), "names a check that there is not"),
        (waive("waivers-are-current"), "names waivers-are-current, which cannot be waived"),
        (waive(CHECK, reason="x" * 5000), "has more than 1,000 characters"),
        (waive(CHECK, owner=""), "is not complete: owner is missing"),
        (waive(CHECK, expires="2026-11-22"), "ended on 2026-11-22"),
        (waive(CHECK, expires="2029-01-01"), "366 days are the most"),
        (waive(CHECK, reason="\x00\x1b[31m\n=cmd()"), None),
    ],
)
@pytest.mark.parametrize("kind", ["Deployment", "Namespace", "NetworkPolicy"])
def test_a_value_that_anybody_wrote_breaks_nothing_and_is_told_with_its_object(cluster, value, said, kind):
    made = cluster(annotated(value, kind), ANNOTATIONS)
    ((status, _, message),) = made.told()
    assert status == "failed" or (said is None and kind == "Deployment")
    if said:
        assert not made.waived()
        assert said in message
        assert f"{kind}/" in message
        assert "script" not in message


def test_copies_that_a_deployment_makes_of_its_annotations_are_none(cluster):
    note = f"annotations: {{segaudit.io/waive: {json.dumps(waive(CHECK))}}}"
    owner = "ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}]"
    copy = f"""---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: web-1, namespace: shop, {note}, {owner}}}
spec: {{selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: {{app: web}}}}}}}}
"""
    made = cluster(annotated(waive(CHECK)) + copy, ANNOTATIONS)
    assert [status for status, _, _ in made.told()] == ["passed"]
    assert made.waived() == {"shop/web"}
