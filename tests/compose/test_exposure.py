"""The section on exposure: ways in, in words, and what is told once."""

from reports.model import Note, Paragraph, Table
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part, service

WEB = pod("web", labels="app: web")


def section(report):
    return next(section for section in report.sections if section.anchor == "exposure")


def lead(report):
    return plain(section(report).lead)


def blocks(report, kind):
    return [block for block in section(report).blocks if isinstance(block, kind)]


def rows(report):
    """The rows of the first table, by the title of their group."""
    table = blocks(report, Table)[0]
    return {plain(group.title): [tuple(map(plain, row)) for row in group.rows] for group in table.groups}


def test_ports_of_one_way_are_one_row(report):
    assert rows(report(WEB + pod("db") + service())) == {
        "Not isolated for ingress": [
            (
                "shop/Pod/web: TCP 80, TCP 443",
                "LoadBalancer Service shop/web",
                "anywhere",
                "all of them",
                "1 workload in 1 namespace",
            )
        ]
    }


def test_where_nothing_is_exposed_that_is_said(report):
    found = report(WEB)
    assert lead(found) == (
        "No Service, Ingress, Gateway or hostPort leads from outside to a pod that a policy could govern."
    )
    assert not blocks(found, Table)
    assert any("Not followed" in plain(block.text) for block in blocks(found, Paragraph))


def test_the_lead_counts_workloads(report):
    both = WEB + pod("other", labels="app: web") + service()
    outside = "Ways from outside lead to"
    assert lead(report(both)).startswith(f"{outside} 2 workloads. None of them is isolated")
    half = (
        both + policy("p", "{podSelector: {matchLabels: {more: x}}}") + pod("w", labels="app: web, more: x")
    )
    told = lead(report(half))
    assert told.startswith(f"{outside} 3 workloads. 2 of them are not isolated")
    assert told.endswith("To 1 of them policies let nobody in.")
    assert lead(report(WEB + service() + CLOSED)) == (
        f"{outside} 1 workload. It is isolated for ingress. To it policies let nobody in."
    )
    assert lead(report(WEB + service() + CALICO)) == (
        f"{outside} 1 workload. What policies let in to it is not assessed."
    )


def test_each_kind_of_way_stands_in_its_group(report):
    host = pod("host", labels="app: web", spec="hostNetwork: true")
    found = rows(report(WEB + host + service() + CLOSED))
    assert found["Isolated for ingress"][0][3:] == ("nobody", "no other workload")
    assert found["In their node's network, where no policy holds"][0][3] == "everybody: no policy holds"
    assert list(rows(report(WEB + service() + CALICO))) == ["Not assessed"]


def test_sources_are_ranges(report):
    ranges = ", loadBalancerSourceRanges: [192.0.2.0/24, 198.51.100.0/24]"
    (row,) = rows(report(WEB + service(more=ranges)))["Not isolated for ingress"]
    assert row[2] == "192.0.2.0/24, 198.51.100.0/24"


def test_ranges_over_pods_that_nodes_send_on_to_have_a_note(report):
    narrow = policy("p", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}")
    (note,) = blocks(report(WEB + service() + narrow), Note)
    assert "Service shop/web may be answered by another node" in plain(note.text)
    assert not blocks(report(WEB + service(more=", externalTrafficPolicy: Local") + narrow), Note)


def test_rules_that_are_open_because_somebody_publishes_it_are_told(report):
    wide = policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}, {port: 443}]}]}")
    table = blocks(report(WEB + service() + wide), Table)[1]
    assert [tuple(map(plain, row)) for row in table.groups[0].rows] == [
        ("shop/p", "ingress[0]", "LoadBalancer Service shop/web")
    ]


def test_what_could_not_be_read_is_said(snapshot, report_on):
    hidden = report_on(read_in_part(snapshot(WEB + service()), {"ingresses": "forbidden"}))
    assert lead(hidden).startswith("Ways from outside lead to 1 workload in what could be read.")
    (note,) = blocks(hidden, Note)
    assert plain(note.text).startswith("What ingresses expose is not known in full")


def test_without_all_policies_nobody_knows_how_far_it_leads(snapshot, report_on):
    hidden = report_on(read_in_part(snapshot(WEB + pod("db") + service()), {"networkpolicies": "forbidden"}))
    ((row,),) = rows(hidden).values()
    assert row[3:] == ("not assessed", "not assessed")


def test_without_pods_it_is_not_said_that_nothing_leads_to_any(report):
    without = report(service() + CLOSED)
    assert lead(without) == (
        "There are no pods in this input: what leads to them from outside is not assessed."
    )
    figures = {figure.label: figure.value for figure in without.page_one.figures}
    assert figures["Exposed, open"] == figures["Doubtful policies"] == "?"


def test_one_cause_is_told_once(report):
    found = report(WEB + service())
    shown = next(dataset.frame for dataset in found.data if dataset.name == "findings")
    twins = {"exposed-workloads-are-isolated", "pods-are-isolated-for-ingress"}
    with_policies = report(WEB + service() + pod("x", "other") + CLOSED.replace("shop", "other"))
    shown = next(dataset.frame for dataset in with_policies.data if dataset.name == "findings")
    assert twins <= set(shown["check"])
    findings = next(section for section in with_policies.sections if section.anchor == "findings")
    told = {each.anchor: each for each in findings.sections}
    text = " ".join(plain(block.text) for block in told["pods-are-isolated-for-ingress"].blocks)
    assert "1 finding is told once, under" in text
    assert len(told["pods-are-isolated-for-ingress"].blocks) == 2
    assert "is exposed to outside by LoadBalancer" in plain(with_policies.page_one.first[0].text)


def test_page_one_counts_what_is_exposed_and_open(report):
    def figure(found):
        return next((f.value, f.base) for f in found.page_one.figures if f.label == "Exposed, open")

    assert figure(report(WEB + service())) == ("1", "of 1 exposed workload")
    assert figure(report(WEB + service() + CLOSED)) == ("0", "of 1 exposed workload")
    assert figure(report(WEB)) == ("0", "of 0 exposed workloads")
