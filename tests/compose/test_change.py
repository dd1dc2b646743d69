"""The change of each figure since the run before, and what is said where there is none to tell."""

import msgspec
import pytest

from audit.frames import STORED_TABLES
from audit.headline import Share
from audit.history.record import Record, encode, load
from audit.settings import Settings, Thresholds
from reports.text import plain
from tests.compose.objects import CLOSED, pod, policy, service

OPEN = pod("a") + pod("b")
OTHER = pod("c", "web")
BROAD = policy("wide", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
INGRESS, EGRESS, DENY, EXPOSED, WIDE, DOUBTFUL = range(6)


def changes(report):
    return [figure.change for figure in report.page_one.figures]


def compared(report):
    return plain(report.page_one.compared)


def last(**changed):
    """The record of the run before with another head; `figures` are changed one by one."""

    def make(records) -> Record:
        record = records[-2]
        figures = msgspec.structs.replace(record.head.figures, **changed.get("figures", {}))
        head = msgspec.structs.replace(record.head, **(changed | {"figures": figures}))
        return load(encode(head, {name: record.table(name) for name in STORED_TABLES}), record.name)

    return make


def test_of_the_first_run_it_is_said_that_it_is_the_first(told):
    report = told({1: OPEN})
    assert changes(report) == [""] * 6
    assert compared(report) == "This is the first run in its store: there is nothing yet to compare it with."


def test_workloads_that_every_pod_may_reach_are_told_where_they_are_others(told):
    wide = policy("wide", "{podSelector: {}, ingress: [{}]}")
    start = "Compared with the run of 16 November 2026, 02:00 UTC."
    assert compared(told({16: OPEN + CLOSED, 23: OPEN + CLOSED + wide})) == (
        f"{start} 2 workloads accept traffic from every pod, 0 did then; new: shop/Pod/a and shop/Pod/b."
    )
    assert compared(told({16: OPEN + OTHER, 23: OTHER + OPEN + CLOSED})) == (
        f"{start} 1 workload accepts traffic from every pod, 3 did then; no more: shop/Pod/a and shop/Pod/b."
    )
    assert compared(told({16: OPEN, 23: OPEN})) == start


def test_shares_change_in_points_and_what_is_the_same_is_said(told):
    report = told({16: OPEN + OTHER, 23: OPEN + OTHER + CLOSED})
    assert changes(report)[:2] == ["+66.7 since 16 Nov"] * 2
    assert compared(report).startswith("Compared with the run of 16 November 2026, 02:00 UTC.")
    assert changes(told({16: OPEN, 23: OPEN})) == ["no change since 16 Nov"] * 6


def test_a_share_that_falls_and_one_that_hardly_moves(told):
    runs = {16: OPEN + OTHER + CLOSED, 23: OPEN + CLOSED}
    assert changes(told(runs, last=last(figures={"ingress_isolated": Share(9999, 10000)})))[INGRESS] == (
        "hardly changed since 16 Nov"
    )
    assert changes(told({16: OPEN + OTHER + CLOSED, 23: OPEN + OTHER}))[INGRESS] == "-66.7 since 16 Nov"


def test_an_equal_share_of_more_pods_is_no_change(told):
    assert changes(told({16: OPEN, 23: OPEN + OTHER}))[INGRESS] == "no change since 16 Nov"


def test_the_same_number_of_others_is_told_with_both(told):
    web = CLOSED + pod("web", labels="app: web")
    runs = {16: web, 23: web + service()}
    assert changes(told(runs))[EXPOSED] == "0 of 0 on 16 Nov"


def test_another_run_of_the_day_is_told_by_its_time(told):
    report = told({16: OPEN}, last=lambda records: records[0])
    assert changes(report)[INGRESS] == "no change since 02:00 UTC"


def test_namespaces_that_gained_and_lost_their_default_deny_are_named(told):
    shut = CLOSED.replace("shop", "web")
    gained = told({16: OPEN, 23: OPEN + CLOSED})
    assert changes(gained)[DENY] == "+1 since 16 Nov: shop; for egress +1: shop"
    lost = told({16: OPEN + CLOSED, 23: OPEN})
    assert changes(lost)[DENY] == "-1 since 16 Nov: shop; for egress -1: shop"
    swapped = told({16: OPEN + OTHER + CLOSED, 23: OTHER + shut})
    assert changes(swapped)[DENY].startswith(
        "the same number since 16 Nov: lost by shop (gone); gained by web; for egress "
    )


def test_many_namespaces_are_counted(told):
    teams = [f"team-{number}" for number in range(5)]
    pods = "".join(pod("a", team) for team in teams)
    shut = "".join(CLOSED.replace("shop", team) for team in teams)
    assert changes(told({16: pods, 23: pods + shut}))[DENY] == "+5 since 16 Nov; for egress +5"
    assert "lost by 5 namespaces; gained by shop" in changes(told({16: pods + shut, 23: OPEN + CLOSED}))[DENY]


def test_an_allow_all_that_undoes_it_is_a_loss(told):
    undone = policy("allow", "{podSelector: {}, ingress: [{}]}")
    report = told({16: OPEN + CLOSED, 23: OPEN + CLOSED + undone})
    assert changes(report)[DENY] == "-1 since 16 Nov: shop"


def test_rules_and_policies_are_counted(told):
    typo = policy("typo", "{podSelector: {matchLabels: {app: nobody}}}")
    found = changes(told({16: OPEN, 23: OPEN + BROAD + typo}))
    assert (found[WIDE], found[DOUBTFUL]) == ("+1 since 16 Nov", "+1 since 16 Nov")


def test_workloads_that_are_exposed_and_open_are_counted(told):
    balancer = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\n"
        "spec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 80}]}\n---\n"
    )
    web = pod("web", labels="app: a") + balancer
    assert changes(told({16: OPEN, 23: OPEN + web}))[EXPOSED] == "+1 since 16 Nov"
    unknown = Share(None, 0, whole=False)
    report = told({16: OPEN, 23: OPEN + web}, last=last(figures={"exposed_open": unknown}))
    assert changes(report)[EXPOSED] == "not assessed on 16 Nov"


@pytest.mark.parametrize(
    ("share", "change"),
    [
        (Share(None, 3, whole=False), "not assessed on 16 Nov"),
        (Share(None, 0, whole=False), "not assessed on 16 Nov"),
        (Share(None, 0), "none to count on 16 Nov"),
    ],
)
def test_what_was_not_assessed_then_is_no_number(told, share, change):
    figures = dict.fromkeys(("ingress_isolated", "ingress_denied"), share)
    report = told({16: OPEN, 23: OPEN}, last=last(figures=figures))
    assert (changes(report)[INGRESS], changes(report)[DENY]) == (change, change)


def test_a_count_that_was_not_whole_is_not_subtracted(told):
    report = told({16: OPEN, 23: OPEN}, last=last(figures={"broad_rules": Share(1, 4, whole=False)}))
    assert changes(report)[WIDE] == "not compared: not all assessed on 16 Nov"


def test_where_nothing_can_be_counted_now_it_says_what_was(told):
    hidden = pod("a", spec="hostNetwork: true")
    assert changes(told({16: OPEN + CLOSED, 23: hidden}))[INGRESS] == "2 of 2 on 16 Nov"


def test_other_settings_compare_no_rules(told):
    other = {16: Settings(thresholds=Thresholds(ipv4_prefix=8))}
    report = told({16: OPEN + BROAD, 23: OPEN + BROAD}, settings=other)
    assert changes(report)[WIDE] == changes(report)[DOUBTFUL] == "not compared with 16 Nov"
    assert changes(report)[INGRESS] == "no change since 16 Nov"
    assert compared(report).endswith("Rules and policies are not compared, as its settings were others.")


def test_another_version_compares_no_rules_and_is_named(told):
    report = told({16: OPEN, 23: OPEN}, last=last(version="0.0.1</p>"))
    assert changes(report)[WIDE] == "not compared with 16 Nov"
    assert "as it was made by segaudit 0.0.1</p>." in compared(report)


def test_another_cluster_is_not_compared(told):
    report = told({16: OPEN, 23: OPEN}, last=last(cluster="staging"))
    assert changes(report) == [""] * 6
    assert compared(report) == (
        "Not compared: the last run in the store, of 16 November 2026, 02:00 UTC, is of another cluster, "
        "staging."
    )


def test_a_later_snapshot_is_not_compared(told):
    report = told({16: OPEN}, last=lambda records: last(taken="2026-11-20T02:00:00Z")([*records, None]))
    assert changes(report) == [""] * 6
    assert compared(report).endswith("of 20 November 2026, 02:00 UTC, is on a later snapshot than this one.")


def test_a_narrowed_report_has_no_figures_to_compare(told):
    report = told({16: OPEN, 23: OPEN + CLOSED}, only=["shop"])
    assert changes(report) == [""] * 6
    assert compared(report) == (
        "Figures are not compared: those that are stored are of the whole cluster, and this report is of a "
        "namespace."
    )


def test_what_could_not_be_read_is_said(told):
    report = told({23: OPEN}, problem="the store could not be read (no rights)")
    assert compared(report) == "Not compared with earlier runs: the store could not be read (no rights)."


# -- since when findings are open ------------------------------------------------------------------------


def firsts(report):
    return [plain(first.text) for first in report.page_one.first]


def test_a_finding_says_since_when_it_is_open(told):
    assert all(text.endswith("Open since 3 November.") for text in firsts(told({3: OPEN, 23: OPEN})))
    assert not any("since" in text or "New" in text for text in firsts(told({23: OPEN})))


def test_a_new_finding_is_new(told):
    found = firsts(told({3: OPEN + CLOSED, 23: OPEN}))
    assert found
    assert all(text.endswith("New in this run.") for text in found)


def test_findings_told_together_say_from_when_to_when(told):
    pods = [pod("a", f"team-{number}") for number in range(3)]
    runs = {1: pods[0], 2: pods[0] + pods[1], 3: "".join(pods[:2])}
    assert any(
        text.endswith("Open since 1 November at the longest, since 2 November at the shortest.")
        for text in firsts(told(runs))
    )
    report = told({**runs, 4: "".join(pods)})
    assert any(
        text.endswith("Open since 1 November at the longest; 1 of them is new.") for text in firsts(report)
    )
    found = next(section for section in report.sections if section.anchor == "findings")
    tables = [block.affected for section in found.sections for block in section.blocks
              if getattr(block, "affected", None)]  # fmt: skip
    table = next(t for t in tables if t.columns[-1].title == "Open since")
    assert {row[-1] for row in table.groups[0].rows} == {"1 November", "2 November", "new"}
