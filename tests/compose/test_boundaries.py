"""The section of declared boundaries."""

from audit.settings import Boundary, BoundaryEnd, BoundaryPort, Settings
from reports.text import plain
from tests.checks.objects import pod, policy

PODS = pod("web", "dev") + pod("db", "prod") + policy("{podSelector: {}}", "deny", "prod")


def end(name):
    return BoundaryEnd(namespaces=(name,))


def section(report, *boundaries):
    found = report(PODS, settings=Settings(boundaries=boundaries)).sections
    return next((one for one in found if one.anchor == "boundaries"), None)


def test_each_boundary_with_its_verdict(report):
    ports = (BoundaryPort(80, end_port=90),)
    found = section(
        report,
        Boundary(name="in", source=end("dev"), destination=end("prod"), ports=ports, hops=2, control="1.4.2"),
        Boundary(name="out", source=end("prod"), destination=end("dev")),
        Boundary(name="none", source=end("prod"), destination=end("gone")),
    )
    assert found.lead == "1 of 3 boundaries is crossed by what policies allow; 1 is not assessed."
    [table] = found.blocks
    [inward, outward, none] = [row for group in table.groups for row in group.rows]
    assert inward[:5] == (
        "in",
        "namespaces dev",
        "namespaces prod on TCP 80-90; at most 2 connections",
        "1.4.2",
        "holds",
    )
    assert outward[4] == "crossed"
    assert plain(outward[5]).startswith("Pod prod/db can reach Pod dev/web on every port (")
    assert none[4] == "not assessed"


def test_one_boundary_is_told_by_itself(report):
    inward = Boundary(name="in", source=end("dev"), destination=end("prod"))
    outward = Boundary(name="out", source=end("prod"), destination=end("dev"))
    none = Boundary(name="none", source=end("prod"), destination=end("gone"))
    assert [section(report, one).lead for one in (inward, outward, none)] == [
        "The one boundary holds. Every allowed connection was looked at.",
        "The one boundary is crossed. Every allowed connection was looked at.",
        "The one boundary is not assessed.",
    ]
    assert section(report, inward, outward).lead == (
        "1 of 2 boundaries is crossed by what policies allow. Every allowed connection was looked at."
    )


def test_without_boundaries_there_is_no_section(report):
    assert section(report) is None
