from reports.model import Finding, Note, Table
from reports.text import plain
from reports.to_html import render_html
from tests.compose.objects import CALICO, CLOSED, pod, policy

OPEN_TO_ALL = policy("wide", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")


def section(report, anchor="findings"):
    return next(section for section in report.sections if section.anchor == anchor)


def told(report):
    return [
        block for check in section(report).sections for block in check.blocks if isinstance(block, Finding)
    ]


def numbered(count, namespace="shop"):
    return "".join(pod(f"web-{n:02d}", namespace, labels=f"app: w{n}") for n in range(count))


def test_equal_subjects_are_one_finding(report):
    manifests = numbered(30) + CLOSED.replace("shop", "other")
    found = [f for f in told(report(manifests)) if "for ingress, so" in plain(f.sentence)]
    (one,) = [f for f in found if f.affected and "Pod shop/web-00" in plain(f.sentence)]
    assert "The same holds for 29 more workloads (29 pods)." in plain(one.sentence)
    assert len(one.affected.groups[0].rows) == 10
    assert plain(one.affected.more) == "and 20 more, see csv/findings.csv."


def test_a_short_rest_is_shown(report):
    manifests = numbered(13) + CLOSED.replace("shop", "other")
    tables = [f.affected for f in told(report(manifests)) if f.affected]
    assert {len(table.groups[0].rows) for table in tables} == {13}
    assert {table.more for table in tables} == {""}


def test_a_manifest_is_shown_once(report):
    manifests = [code.text for f in told(report(pod("a") + pod("b", "web"))) for code in f.manifests]
    assert manifests
    assert len(manifests) == len(set(manifests))


def test_findings_beyond_a_few_are_rows_of_a_table(report):
    wide = "".join(
        policy(f"p{n}", f"{{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: {n}.0.0.0/8}}}}]}}]}}")
        for n in range(1, 31)
    )
    made = report(pod("a") + wide)
    check = next(s for s in section(made).sections if s.anchor == "ingress-cidrs-are-narrow")
    findings = [block for block in check.blocks if isinstance(block, Finding)]
    (table,) = [block for block in check.blocks if isinstance(block, Table)]
    # four of a check, and what page one says to do first
    assert len(findings) == 5
    assert {first.remedy for first in made.page_one.first} == {finding.anchor for finding in findings}
    assert len(table.groups[0].rows) == 5
    assert plain(table.more) == "and 20 more, see csv/findings.csv."
    assert render_html(made)


def test_checks_stand_by_severity_and_number(report):
    made = report(pod("a") + pod("b") + OPEN_TO_ALL.replace("shop", "other"))
    levels = ["critical", "high", "medium", "low"]
    worst = [
        min(levels.index(block.severity) for block in check.blocks if isinstance(block, Finding))
        for check in section(made).sections
        if any(isinstance(block, Finding) for block in check.blocks)
    ]
    assert worst == sorted(worst)


def test_a_check_without_a_finding_says_how_much_was_judged(report):
    (clean,) = [
        s for s in section(report(pod("a") + CLOSED)).sections if s.anchor == "checks-without-a-finding"
    ]
    rows = {row[0]: row[2] for row in clean.blocks[0].groups[0].rows}
    assert rows["Pods are isolated for ingress"] == "No finding. 1 workload was judged."
    assert rows["CIDRs of ingress rules are narrow"] == "No finding. There is no policy rule to judge."


def test_what_a_check_does_not_apply_to_is_not_counted_as_judged(report):
    empty = "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n---\n"
    found = section(report(pod("a") + empty))
    (denied,) = [s for s in found.sections if s.anchor == "namespace-denies-ingress-by-default"]
    assert plain(denied.blocks[0].text).endswith("1 namespace with pods: failed; not applicable to 1 more.")
    (clean,) = [s for s in found.sections if s.anchor == "checks-without-a-finding"]
    rows = {row[0]: row[2] for row in clean.blocks[0].groups[0].rows}
    assert rows["Pods are isolated for ingress"] == (
        "No finding. Not applicable to the only workload. "
        "There is no NetworkPolicy in all that was read: see namespace-denies-ingress-by-default."
    )


def test_checks_that_are_not_assessed_stand_under_their_reason(report):
    made = section(report(pod("a") + pod("b") + CLOSED + CALICO))
    (unknown,) = [s for s in made.sections if s.anchor == "checks-not-assessed"]
    groups = {plain(group.title): group.rows for group in unknown.blocks[0].groups}
    (reason,) = [title for title in groups if title.startswith("Not evaluated by this version")]
    assert "GlobalNetworkPolicy/g" in reason
    assert any(
        row[0] == "Pods are isolated for ingress" and row[2] == "2 workloads" for row in groups[reason]
    )


def test_what_a_check_with_findings_could_not_judge_is_a_note(report):
    calico = CALICO.replace("Global", "").replace("{name: g}", "{name: g, namespace: web}")
    made = section(report(pod("a") + pod("b", "web") + CLOSED.replace("shop", "other") + calico))
    check = next(s for s in made.sections if s.anchor == "pods-are-isolated-for-ingress")
    assert [block.title for block in check.blocks if isinstance(block, Note)] == ["1 workload not assessed"]


def test_the_rest_of_a_long_manifest_is_in_the_table(report):
    rules = ", ".join(f"{{from: [{{podSelector: {{matchLabels: {{app: a{n}}}}}}}]}}" for n in range(40))
    undone = "".join(policy(f"p{n}", f"{{podSelector: {{}}, ingress: [{{}}, {rules}]}}") for n in range(3))
    (found,) = [
        f
        for f in told(report(pod("a") + CLOSED + undone))
        if "denies ingress by default" in plain(f.sentence)
    ]
    assert found.manifests == ()
    assert "is in csv/findings.csv, column remediation." in plain(found.details[-1])


def test_names_are_spans_and_never_markup(report):
    hostile = '"<script>alert(1)</script>"'
    made = report(pod(hostile, '"<b>"') + pod("a"))
    text = render_html(made).decode()
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text


def test_the_same_input_gives_the_same_report(report):
    manifests = numbered(20) + CLOSED.replace("shop", "other") + OPEN_TO_ALL
    assert render_html(report(manifests)) == render_html(report(manifests))


def test_a_namespace_without_a_policy_is_told_once(report):
    found = report(pod("a"))
    assert [f for f in told(found) if "nothing limits who connects to its pods" in plain(f.sentence)] == []
    assert b"1 finding is told once, under" in render_html(found)
    checks = next(each.frame for each in found.data if each.name == "findings")["check"].tolist()
    assert {"namespaces-have-policies", "namespace-denies-ingress-by-default"} <= set(checks)
