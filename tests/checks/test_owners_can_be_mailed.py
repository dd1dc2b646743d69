"""Owners whom an annotation names, and domains that mail may go to."""

import pytest

from audit.channels import Mail
from audit.settings import Settings

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


@pytest.mark.parametrize("mail", [Mail(), Mail(host="mail.example.com")])
def test_it_does_not_apply_where_no_annotation_is_mailed(judged, mail):
    cluster = judged(CLUSTER, settings=Settings(mail=mail))
    assert set(cluster.verdicts(CHECK).values()) == {"not_applicable"}
    assert cluster.messages(CHECK)["ours"].startswith("mail.allowed_domains is empty: ")
    assert cluster.messages(CHECK)["team"] == "Its annotation names no address of an owner."


def test_the_audit_needs_no_mail_server_that_another_pod_may_have(judged):
    settings = Settings(mail=Mail(allowed_domains=MAIL.allowed_domains))
    assert judged(CLUSTER, settings=settings).verdicts(CHECK)["other"] == "failed"


MANY = """
{{apiVersion: v1, kind: Namespace, metadata: {{name: many, annotations: {{segaudit.io/owner: "{}"}}}}}}
"""


@pytest.mark.parametrize(
    ("addresses", "status", "told"),
    [
        ([f"{n}@a.b" for n in range(5)], "passed", ["Its owners can be mailed."]),
        ([*(f"{n}@a.b" for n in range(5)), "0@A.b"], "passed", ["Its owners can be mailed."]),
        ([f"{n}@a.b" for n in range(6)], "failed", ["6 owners", "the first 5 alone are mailed"]),
        ([*(f"{n}@a.b" for n in range(5)), "x@ev.il"], "failed", ["the first 5", "mail.allowed_domains"]),
    ],
)
def test_no_address_is_passed_over_in_silence(judged, addresses, status, told):
    cluster = judged(MANY.format(",".join(addresses)), settings=Settings(mail=MAIL))
    assert cluster.verdicts(CHECK) == {"many": status}
    assert all(each in cluster.messages(CHECK)["many"] for each in told)
