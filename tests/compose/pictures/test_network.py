"""The network diagram: boxes, lines, and what is said of the rest."""

import pytest

from reports.model import Diagram, Note, Table
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part


def section(report):
    return next(section for section in report.sections if section.anchor == "network-diagram")


def diagram(report) -> Diagram:
    return next(block for block in section(report).blocks if isinstance(block, Diagram))


def table(report):
    """The cells of the table of boxes, by the box."""
    (found,) = [block for block in section(report).blocks if isinstance(block, Table)]
    return {plain(row[0]): tuple(map(plain, row[1:])) for group in found.groups for row in group.rows}


def lines(flows, sources, destinations):
    return [
        (
            [sources[i].name for i in flow.sources],
            [destinations[i].name for i in flow.destinations],
            flow.weight,
        )
        for flow in flows
    ]


def service(namespace="shop", name="web"):
    return (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        "spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 443}]}\n---\n"
    )


WEB = pod("web", labels="app: web")
OPEN = WEB + pod("x", "blue") + pod("y", "green")


def test_namespaces_of_equal_reach_are_one_box(report):
    found = diagram(report(OPEN + pod("z", "red") + policy("deny", "{podSelector: {}}", "red")))
    assert [(box.name, box.more, box.kind) for box in found.within] == [
        ("blue", "and 2 more", "open"),
        ("red", "", "plain"),
    ]
    assert found.within[0].detail == "3 pods, 3 open, out anywhere"
    assert lines(found.among, found.within, found.within) == [(["blue", "red"], ["blue"], "free")]


def test_an_exposed_workload_that_nothing_restricts_is_bold(report):
    found = diagram(report(OPEN + service()))
    assert [(box.mark, box.name, box.kind) for box in found.near] == [("A", "shop/web", "open")]
    assert [(entry.label, entry.weight) for entry in found.entries] == [("TCP 443", "free")]
    assert lines(found.onward, found.near, found.within) == [(["shop/web"], ["blue"], "free")]


@pytest.mark.parametrize(
    ("rule", "weight", "label"),
    [
        ("[{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]", "plain", "TCP 443"),
        ("[]", "closed", "TCP 443"),
        ("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]", "plain", "TCP 443 from some addresses"),
    ],
)
def test_what_policies_let_in_is_told(report, rule, weight, label):
    closed = policy("p", f"{{podSelector: {{}}, ingress: {rule}}}")
    (entry,) = diagram(report(OPEN + service() + closed)).entries
    assert entry.weight == weight
    assert entry.label == label


def test_workloads_that_outside_and_policies_see_alike_are_one_box(report):
    second = pod("web", "blue", labels="app: web") + service("blue")
    found = diagram(report(OPEN + service() + second))
    assert [(box.name, box.more) for box in found.near] == [("blue/web", "and 1 more")]


def test_an_edge_says_its_ports_and_the_table_all_of_them(report):
    ports = "[{port: 80}, {port: 443}, {port: 8080, endPort: 8090}, {protocol: UDP, port: 53}]"
    rule = policy(
        "p", f"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{}}}}], ports: {ports}}}]}}"
    )
    told = table(report(WEB + pod("x", "blue") + rule))
    assert told["1"][0] == "blue"
    assert told["1"][2] == "2 on TCP 80, 443, 8080-8090; UDP 53"
    assert told["2"][2] == "1 freely"


def test_the_table_names_all_and_says_who_leaves(report):
    names = [f"team-{i}" for i in range(9)]
    egress = policy(
        "e", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    told = table(report("".join(pod("p", name) for name in names) + WEB + egress))
    assert told["1"][0] == "team-0, team-1, team-2, team-3 and 5 more"
    assert told["1"][2] == "each other, 2 freely"
    assert told["1"][3] == "9 pods out to any address"
    assert told["2"][3] == "1 pod out to some addresses"


def test_what_others_may_govern_is_in_doubt(report):
    found = diagram(report(OPEN + service() + CALICO))
    assert {box.kind for box in (*found.near, *found.within)} == {"doubtful"}
    assert {flow.weight for flow in (*found.onward, *found.among)} == {"doubtful"}
    assert {entry.weight for entry in found.entries} == {"doubtful"}


def test_what_does_not_fit_is_in_one_box_and_counted(report):
    """Each namespace may connect to one other, so that no two are alike."""
    count = 60
    parts = []
    for i in range(count):
        parts += [pod("p", f"n{i:02}")]
        parts += [
            policy(
                "p",
                "{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{}], "
                "ingress: [{from: [{namespaceSelector: {matchLabels: "
                f"{{kubernetes.io/metadata.name: n{(i + 1) % count:02}}}}}}}]}}]}}",
                f"n{i:02}",
            )
        ]
    made = report("".join(parts))
    found = diagram(made)
    rest = next(box for box in found.within if box.kind == "rest")
    inside = int(rest.name.split()[0])
    assert inside + len(found.within) - 1 == count
    assert len(found.within) + len(found.near) + 1 <= 40
    assert len(found.entries) + len(found.onward) + len(found.among) <= 80
    assert f"{inside} more namespaces, like few others or none, share one box." in plain(found.caption)
    assert "in 60 sets of equal reach" in plain(section(made).lead)


def test_of_many_exposed_workloads_the_rest_is_counted(report):
    """Each lets in another range, so that no two are alike."""
    parts = []
    for i in range(15):
        source = f"{{from: [{{ipBlock: {{cidr: 10.{i}.0.0/16}}}}], ports: [{{port: {8000 + i}}}]}}"
        svc = service(f"n{i:02}").replace("port: 443", f"port: {8000 + i}")
        parts += [
            pod("web", f"n{i:02}", labels="app: web"),
            svc,
            policy("p", f"{{podSelector: {{}}, ingress: [{source}]}}", f"n{i:02}"),
        ]
    found = diagram(report("".join(parts)))
    assert len(found.near) == 12
    assert found.near[-1].name == "4 more workloads"
    assert "4 more exposed workloads share one box." in plain(found.caption)


def test_the_caption_says_what_when_and_of_what(report):
    caption = plain(
        diagram(report(OPEN + "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n")).caption
    )
    assert caption.startswith("Network diagram of shop-cluster, 23 November 2026, 02:00 UTC: computed from ")
    assert "1 namespace without a pod that policies can govern is left out." in caption
    assert "Nothing that was read exposes a workload to outside." in caption


def test_a_report_on_some_namespaces_has_the_others_in_one_box(report):
    found = diagram(report(OPEN, only=["blue"]))
    assert [(box.name, box.kind) for box in found.within] == [
        ("blue", "open"),
        ("2 namespaces not reported", "rest"),
    ]


def test_without_pods_there_is_nothing_to_draw(report):
    assert "nothing to draw" in plain(section(report(CLOSED)).lead)


def test_what_is_not_known_has_no_picture(snapshot, report_on):
    unread = read_in_part(snapshot(OPEN), {"networkpolicies": "forbidden"})
    (note,) = section(report_on(unread)).blocks
    assert isinstance(note, Note)
    assert note.kind == "gap"


def test_what_was_not_worked_out_is_said(report, monkeypatch):
    monkeypatch.setattr("audit.policy.hops._MOST", 0)
    (note,) = section(report(OPEN)).blocks
    assert "was not worked out" in plain(note.text)


def test_the_same_input_gives_the_same_picture(report):
    assert section(report(OPEN + service())) == section(report(OPEN + service()))
