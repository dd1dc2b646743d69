"""Rules of a direction that is not among the types."""

import pytest

from tests.checks.objects import pod, policy

CHECK = "policy-types-fit-rules"
RULE = "{from: [{podSelector: {}}]}"


@pytest.mark.parametrize(
    ("types", "section", "words"),
    [
        ("[Egress]", f"ingress: [{RULE}]", "it has an ingress section, and its policyTypes are Egress alone"),
        ("[Ingress]", "egress: [{to: [{podSelector: {}}]}]", "so the section is ignored and egress stays"),
    ],
)
def test_rules_that_are_ignored_fail(judged, mended, types, section, words):
    cluster = judged(pod() + policy(f"{{podSelector: {{}}, policyTypes: {types}, {section}}}"))
    assert cluster.rows(CHECK)[["status", "severity"]].to_numpy().tolist() == [["failed", "high"]]
    assert words in cluster.messages(CHECK)["x/p"]
    remedy = cluster.remedies(CHECK)["x/p"]
    assert "for 1 pod but for what its rules allow" in remedy.replace("\n# ", " ")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/p": "passed"}


def test_rules_that_would_change_nothing_are_graded_lower(judged):
    cluster = judged(pod() + policy("{podSelector: {}, policyTypes: [Ingress], egress: [{}]}"))
    assert cluster.rows(CHECK)["severity"].tolist() == ["low"]


@pytest.mark.parametrize("ports", ["ports: [{port: 443}]", "ports: [{port: 53, protocol: UDP}]"])
def test_what_closes_egress_leaves_dns_open(judged, ports):
    spec = (
        f"{{podSelector: {{}}, policyTypes: [Ingress], egress: [{{to: [{{podSelector: {{}}}}], {ports}}}]}}"
    )
    remedy = judged(pod() + policy(spec)).remedies(CHECK)["x/p"]
    assert remedy.count("port: 53") == (2 if "443" in ports else 1)


def test_a_rule_without_ports_lets_dns_only_where_its_servers_are(judged, mended):
    spec = "{podSelector: {}, policyTypes: [Ingress], egress: [{to: [{podSelector: {}}]}]}"
    cluster = judged(pod() + policy(spec))
    remedy = cluster.remedies(CHECK)["x/p"]
    assert remedy.count("port: 53") == 2
    assert mended(cluster, remedy).failed("egress-allows-dns") == set()


@pytest.mark.parametrize(("types", "other"), [("Ingress", "egress"), ("Egress", "ingress")])
def test_an_empty_section_that_denies_nothing_fails(judged, mended, types, other):
    cluster = judged(pod() + policy(f"{{podSelector: {{}}, policyTypes: [{types}], {other}: []}}"))
    assert cluster.rows(CHECK)[["status", "severity"]].to_numpy().tolist() == [["failed", "medium"]]
    words = f"it has an empty {other} section, as if to deny it, and its policyTypes are {types} alone"
    assert words in cluster.messages(CHECK)["x/p"]
    remedy = cluster.remedies(CHECK)["x/p"]
    assert f"closes {other} for 1 pod" in remedy.replace("\n# ", " ")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/p": "passed"}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("{podSelector: {}, policyTypes: [Ingress, Egress]}", "Its rules are of its types."),
        ("{podSelector: {}, policyTypes: [Ingress, Egress], egress: []}", "Its rules are of its types."),
        ("{podSelector: {}, egress: []}", "its empty egress section denies nothing."),
        (f"{{podSelector: {{}}, ingress: [{RULE}]}}", "It has no policyTypes: it holds for ingress alone"),
        (f"{{podSelector: {{}}, policyTypes: [], ingress: [{RULE}]}}", "leaves egress as it is."),
        ("{podSelector: {}, egress: [{}]}", "holds for both directions, and lets nothing in."),
        (f"{{podSelector: {{}}, egress: [{{}}], ingress: [{RULE}]}}", "it holds for both directions."),
    ],
)
def test_types_without_a_section_pass_and_those_left_out_are_a_note(judged, spec, words):
    cluster = judged(pod() + policy(spec))
    assert cluster.verdicts(CHECK) == {"x/p": "passed"}
    assert words in cluster.messages(CHECK)["x/p"]


def test_types_that_are_not_valid_are_for_another_check(judged):
    cluster = judged(pod() + policy(f"{{podSelector: {{}}, policyTypes: [ingress], ingress: [{RULE}]}}"))
    assert cluster.verdicts(CHECK) == {"x/p": "not_applicable"}
    assert cluster.failed("policies-are-well-formed") == {"x/p"}
