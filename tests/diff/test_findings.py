"""Findings that are new, fixed or changed, and policies that differ."""

import pytest

from audit import checks
from audit.diff import findings
from audit.diff.side import Side
from audit.facts import evaluate
from audit.settings import Settings
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part

DENY = "namespace-denies-ingress-by-default"


def changes(old, new, check=DENY):
    rows = findings.findings(old, new)
    return rows.loc[rows["check"] == check, "change"].tolist()


def policies(old, new):
    rows = findings.policies(old, new)
    return [(row["change"], row["kind"], row["name"]) for row in rows.to_dict("records")]


def unread(side, **states):
    facts = evaluate(read_in_part(side.snapshot, states), Settings())
    return Side(side.name, facts, checks.run(facts), side.as_of)


def test_a_finding_is_new_or_fixed(taken):
    shut, open_ = taken(pod("web") + CLOSED), taken(pod("web"))
    assert changes(shut, open_) == ["new"]
    assert changes(open_, shut) == ["fixed"]
    assert changes(open_, open_) == []


def test_a_finding_whose_words_changed_says_both(taken):
    old, new = taken(pod("web")), taken(pod("web") + pod("db"))
    rows = findings.findings(old, new)
    (row,) = rows[rows["check"] == DENY].to_dict("records")
    assert (row["change"], row["severity_before"], row["severity"]) == ("changed", "high", "high")
    assert "1 pod" in row["message_before"]
    assert "2 pods" in row["message"]


@pytest.mark.parametrize(("sides", "change"), [((0, 1), "not_assessed"), ((1, 0), "newly_assessed")])
def test_what_could_not_be_assessed_is_neither_new_nor_fixed(taken, sides, change):
    whole = taken(pod("web"))
    both = (whole, unread(whole, networkpolicies="forbidden"))
    assert changes(both[sides[0]], both[sides[1]]) == [change]


def test_what_was_mended_is_fixed_though_something_else_could_not_be_read(taken):
    old = policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}")
    new = policy("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]}")
    sides = taken(pod("web") + old), taken(pod("web") + new + "---\nkind: [\n")
    assert sides[1].snapshot.missing()
    assert changes(*sides, check="rules-name-their-ports") == ["fixed"]


def test_policies_are_created_changed_and_deleted(taken):
    old = taken(pod("web") + CLOSED + policy("p", "{podSelector: {}}") + policy("gone", "{podSelector: {}}"))
    new = taken(pod("web") + CLOSED + policy("p", "{podSelector: {matchLabels: {app: web}}}") + CALICO)
    assert policies(old, new) == [
        ("created", "GlobalNetworkPolicy", "g"),
        ("deleted", "NetworkPolicy", "gone"),
        ("changed", "NetworkPolicy", "p"),
    ]


def test_what_the_server_fills_in_is_no_change(taken):
    bare = taken(pod("web") + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"))
    filled = policy(
        "p",
        "{podSelector: {matchLabels: {}}, policyTypes: [Ingress], "
        "ingress: [{ports: [{protocol: TCP, port: 80}]}]}",
    )
    assert policies(bare, taken(pod("web") + filled)) == []


def test_policies_that_could_not_be_read_are_not_deleted(taken):
    whole = taken(pod("web") + CLOSED)
    without = taken(pod("web"))
    assert policies(whole, without) == [("deleted", "NetworkPolicy", "deny")]
    assert policies(whole, unread(without, networkpolicies="forbidden")) == []
