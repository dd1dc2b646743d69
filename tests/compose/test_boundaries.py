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
    assert found.lead.startswith("1 of 3 boundaries is crossed by what policies allow.")
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
    assert plain(outward[5]).startswith("Pod prod/db can reach Pod dev/web on All (")
    assert none[4] == "not assessed"


def test_without_boundaries_there_is_no_section(report):
    assert section(report) is None
