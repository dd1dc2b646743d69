"""Owners whom an annotation names, and domains that mail may go to."""

import pytest

from audit.channels import Mail
from audit.config import Settings

CHECK = "owners-can-be-mailed"
CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: ours, annotations: {segaudit.io/owner: "a@Example.com"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other, annotations: {segaudit.io/owner: "a@a.b,b@ev.il"}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: team, annotations: {segaudit.io/owner: shop team}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: nobody}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ours}}
"""
MAIL = Mail(host="mail.example.com", allowed_domains=("example.com", "a.b"))


def test_an_address_of_a_domain_that_is_not_allowed_is_a_finding(judged):
    cluster = judged(CLUSTER, settings=Settings(mail=MAIL))
    assert cluster.verdicts(CHECK) == {
        "ours": "passed",
        "other": "failed",
        "team": "not_applicable",
        "nobody": "not_applicable",
    }
    assert "ev.il" not in cluster.messages(CHECK)["other"]


@pytest.mark.parametrize(
    "mail", [Mail(), Mail(host="mail.example.com"), Mail(allowed_domains=("example.com",))]
)
def test_it_does_not_apply_where_no_annotation_is_mailed(judged, mail):
    assert set(judged(CLUSTER, settings=Settings(mail=mail)).verdicts(CHECK).values()) == {"not_applicable"}
