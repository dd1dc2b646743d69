"""Who reaches whom: shares, ports, order, and what was left out."""

from reports.model import Matrix
from reports.text import plain
from tests.compose.objects import CALICO, pod, policy


def matrix(report):
    section = next(section for section in report.sections if section.anchor == "network-diagram")
    return next((b for below in section.sections for b in below.blocks if isinstance(b, Matrix)), None)


def cells(found):
    names = [side.name for side in found.sides]
    return {(names[cell.row], names[cell.column]): cell for cell in found.cells}


DB = (
    pod("web", "front")
    + pod("db", "back", labels="app: db")
    + pod("db-1", "back", labels="app: db")
    + pod("db-2", "back", labels="app: db")
    + pod("job", "back")
    + policy("deny", "{podSelector: {}}", "back")
    + policy(
        "db",
        "{podSelector: {matchLabels: {app: db}}, "
        "ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 5432}]}]}",
        "back",
    )
)


def test_shares_are_of_destination_pods(report):
    found = cells(matrix(report(DB)))
    assert set(found) == {("front", "back"), ("back", "front"), ("back", "back")}
    assert found["front", "back"].share == 0.75
    assert found["front", "back"].text == "3 of 4 pods, TCP 5432"
    assert not found["front", "back"].whole
    assert found["back", "front"].text == "1 of 1 pod, all ports"
    assert found["back", "front"].whole


def test_system_namespaces_are_apart_and_open_ones_first(report):
    found = matrix(report(DB + pod("dns", "kube-system")))
    assert [(side.name, side.apart) for side in found.sides] == [
        ("front", False),
        ("back", False),
        ("kube-system", True),
    ]


def test_what_is_to_be_seen_is_said(report):
    assert matrix(report(DB)).alternative.startswith("Each of the 2 namespaces reaches all others;")
    closed = policy("deny", "{podSelector: {}}", "front")
    told = matrix(report(DB + closed)).alternative
    assert told == ("Of 2 pairs of 2 namespaces 1 has some connection; pods of 1 namespace reach each other.")


def test_at_most_forty_and_the_rest_is_counted(report):
    pods = "".join(pod("p", f"n{i:02}") for i in range(45))
    found = matrix(report(pods + pod("dns", "kube-system")))
    assert len(found.sides) == 40
    assert found.sides[-1].name == "kube-system"
    assert plain(found.more).startswith("and 6 more namespaces with 6 open pods; all pairs: ")


def test_what_others_may_govern_is_hatched_and_said(report):
    found = matrix(report(DB + CALICO))
    assert all(side.doubtful for side in found.sides)
    assert "Hatched" in plain(found.caption)
    assert "Hatched" not in plain(matrix(report(DB)).caption)


def test_a_report_on_some_namespaces_is_on_those(report):
    found = matrix(report(DB + pod("x", "other"), only=["front", "back"]))
    assert [side.name for side in found.sides] == ["front", "back"]
    assert matrix(report(DB, only=["front"])) is None
