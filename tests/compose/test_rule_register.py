"""The rule register: every rule in words, why it exists, whose it is and when it last changed."""

from audit.settings import Annotations, Settings
from reports.model import Note, Paragraph, Table
from reports.text import plain
from tests.compose.objects import pod, read_in_part

WEB = pod("web", labels="app: web")


def policy(name="p", rules="", more="", types="[Ingress]"):
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: shop{more}}}\n"
        f"spec: {{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: {types}{rules}}}\n---\n"
    )


FROM_API = ", ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}]"
TO_ANY = ", egress: [{}]"
SAYS = (
    ", annotations: {segaudit.io/justification: ' Customers. ', segaudit.io/owner: team-web}, "
    "creationTimestamp: '2026-01-01T00:00:00Z', managedFields: [{manager: kubectl, time: "
    "'2026-03-04T05:06:07Z'}, {manager: status, subresource: status, time: '2026-09-09T00:00:00Z'}, null]"
)


def section(report):
    return next(section for section in report.sections if section.anchor == "rules")


def blocks(report, kind):
    return [block for block in section(report).blocks if isinstance(block, kind)]


def rows(report):
    (table,) = blocks(report, Table)
    return [tuple(map(plain, row)) for group in table.groups for row in group.rows]


def test_a_rule_in_words_with_what_its_policy_says_of_it(report):
    found = report(WEB + policy(rules=FROM_API, more=SAYS))
    assert rows(found) == [
        (
            "p ingress[0]",
            "pods with app=api of this namespace to pods with app=web",
            "TCP 80",
            "Customers",
            "team-web, 4 March 2026, 05:06 UTC",
        )
    ]
    assert plain(section(found).lead) == (
        "1 rule of 1 NetworkPolicy. Each says why it exists, in the annotation segaudit.io/justification "
        "of its policy."
    )


def test_what_is_not_said_is_said(report):
    both = policy(rules=FROM_API) + policy("q", TO_ANY, types="[Ingress]") + policy("r", FROM_API, more=SAYS)
    found = rows(report(WEB + both))
    assert found[0][3:] == ("Not given", "no owner")
    assert found[1][1:4] == (
        "pods with app=web to everyone",
        "all ports",
        "Not given. Without effect: its policy is not of this direction",
    )
    assert "1 says why" in plain(section(report(WEB + both)).lead)
    (alone,) = rows(report(pod("db") + policy(rules=FROM_API)))
    assert alone[3] == "Not given. Its policy selects no pod"


def test_the_owner_of_the_namespace_stands_where_the_policy_names_none(report):
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: {team: a-team}}\n---\n"
    settings = Settings(annotations=Annotations(owner="team", justification="why"))
    (row,) = rows(report(WEB + namespace + policy(rules=FROM_API, more=SAYS), settings=settings))
    assert row[3:] == ("Not given", "a-team, 4 March 2026, 05:06 UTC")


def test_without_rules_that_is_said(report):
    assert plain(section(report(WEB)).lead) == "There is no NetworkPolicy, and so no rule."
    assert plain(section(report(WEB + policy())).lead) == (
        "1 NetworkPolicy has no rule, and so allows nothing."
    )


def test_what_could_not_be_read_and_what_is_not_evaluated_is_told(report, report_on, snapshot):
    part = read_in_part(snapshot(WEB + policy(rules=FROM_API)), {"networkpolicies": "forbidden"})
    assert blocks(report_on(part), Note)[0].kind == "gap"
    none = read_in_part(snapshot(WEB), {"networkpolicies": "forbidden"})
    assert plain(section(report_on(none)).lead) == "No NetworkPolicy could be read."
    cilium = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n---\n"
    )
    (told,) = blocks(report(WEB + cilium + policy(rules=FROM_API)), Paragraph)
    assert plain(told.text) == (
        "1 policy of other APIs is not evaluated: its rules are in no row. See csv/policies.csv."
    )


def test_of_many_rules_the_rest_is_counted(report):
    many = "".join(policy(f"p{n:03}", FROM_API) for n in range(230))
    (table,) = blocks(report(WEB + many), Table)
    assert sum(len(group.rows) for group in table.groups) == 75
    assert plain(table.more) == "and 155 more, see csv/rules.csv."
