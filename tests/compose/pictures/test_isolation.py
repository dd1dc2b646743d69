"""Isolation by namespace: which bars there are, in which order, and what is said of the rest."""

from reports.model import Bars
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part


def bars(report):
    section = next(section for section in report.sections if section.anchor == "namespaces")
    return next((block for block in section.blocks if isinstance(block, Bars)), None)


def told(found):
    return [(bar.name, bar.value) for group in found.groups for bar in group.bars]


def test_most_open_first_and_system_namespaces_apart(report):
    found = bars(
        report(
            pod("a")
            + pod("b")
            + CLOSED
            + pod("x", "open")
            + pod("y", "open")
            + pod("z", "half", labels="app: web")
            + pod("w", "half")
            + policy("p", "{podSelector: {matchLabels: {app: web}}}", "half")
            + pod("dns", "kube-system")
        )
    )
    assert told(found) == [
        ("open", "2 of 2"),
        ("half", "1 of 2"),
        ("shop", "none of 2"),
        ("kube-system", "1 of 1"),
    ]
    assert [group.title for group in found.groups] == ["", "System namespaces"]
    half = found.groups[0].bars[1]
    assert [(part.kind, part.share) for part in half.parts] == [("isolated", 0.5), ("open", 0.5)]
    assert half.alternative == "1 isolated, 1 open"
    assert half.anchor == "namespace-half"
    assert [key.word for key in found.key] == ["isolated for ingress", "open"]


def test_pods_in_their_nodes_network_are_not_counted(report):
    found = bars(report(pod("a") + pod("n", spec="hostNetwork: true") + pod("b", "other")))
    assert told(found) == [("other", "1 of 1"), ("shop", "1 of 1")]


def test_at_most_thirty_and_the_rest_is_counted(report):
    pods = "".join(pod(f"p{i}", f"open-{i:02}") for i in range(34))
    found = bars(report(pods + pod("a") + CLOSED))
    assert sum(len(group.bars) for group in found.groups) == 30
    assert found.more == "and 5 more with 4 open pods, in the table below."


def test_what_others_may_govern_is_hatched_and_said(report):
    found = bars(report(pod("a") + pod("b", "other") + CALICO))
    assert {part.kind for group in found.groups for bar in group.bars for part in bar.parts} == {
        "not-assessed"
    }
    assert told(found)[0] == ("other", "1 of 1, not assessed")
    assert "by NetworkPolicies alone" in plain(found.caption)


def test_one_namespace_has_no_picture(report):
    assert bars(report(pod("a"))) is None


def test_what_is_not_known_has_no_picture(snapshot, report_on):
    unread = read_in_part(snapshot(pod("a") + pod("b", "other")), {"networkpolicies": "forbidden"})
    assert bars(report_on(unread)) is None
