from audit.settings import Scope, Settings, Thresholds
from reports.model import Items, KeyValues
from reports.text import plain
from tests.compose.objects import pod


def parts(report):
    method = next(section for section in report.sections if section.anchor == "method")
    return {section.anchor: section for section in method.sections}


def test_the_six_open_points_are_printed(report):
    points = next(
        b for b in parts(report(pod("a")))["decisions"].blocks if isinstance(b, Items) and b.ordered
    )
    assert len(points.items) == 6


def test_the_configuration_in_force_is_printed(report):
    settings = Settings(
        thresholds=Thresholds(ipv4_prefix=20),
        system_namespaces=("istio-system",),
        service_cidrs=("10.96.0.0/12",),
    )
    made = parts(report(pod("a"), settings=settings))["made"].blocks[0]
    assert isinstance(made, KeyValues)
    pairs = {term: plain(text) for term, text in made.pairs}
    assert pairs["Broad CIDR"].startswith(
        "more than an IPv4 /20 or an IPv6 /32; a rule that opens to outside"
    )
    assert pairs["System namespaces"] == "istio-system and kube-system"
    assert pairs["Service ranges"] == "10.96.0.0/12"
    assert "23 November 2026, 02:00 UTC" in pairs["As of"]
    assert pairs["Made by"] == "segaudit 0.1.0"


def test_scopes_are_printed_with_what_they_hold(report):
    settings = Settings(
        scopes=(
            Scope(name="cards", namespaces=("shop",)),
            Scope(name="lab", namespaces=("none",), sensitive=False),
        )
    )
    made = parts(report(pod("a"), settings=settings))["made"].blocks[0]
    assert [plain(text) for term, text in made.pairs if term == "Scope"] == [
        "cards (sensitive): 1 pod of 1 namespace",
        "lab (not sensitive): no pods",
    ]


def test_the_report_is_of_one_moment_and_one_snapshot(report, snapshot):
    made = report(pod("a"))
    assert made.created == "2026-11-23T02:00:00Z"
    assert made.date == "23 November 2026, 02:00 UTC"
    assert made.identifier == snapshot(pod("a")).sha256
    assert made.subject == "shop-cluster"


def test_what_becomes_of_verdicts_on_what_was_not_read_is_printed(report):
    choices = next(
        b for b in parts(report(pod("a")))["decisions"].blocks if isinstance(b, Items) and not b.ordered
    )
    assert any(
        plain(item).startswith("A verdict that hangs on what could not be read") for item in choices.items
    )
