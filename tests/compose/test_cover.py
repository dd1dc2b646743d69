"""The cover."""

from audit import checks
from audit.compose import compose
from audit.facts import evaluate
from audit.settings import Settings
from reports.text import plain
from tests.compose.conftest import AS_OF
from tests.compose.objects import pod


def told(report):
    return {term: plain(text) for term, text in report.cover}


def test_it_says_of_what_time_and_how_far(snapshot, report_on):
    taken = snapshot(pod("a") + pod("b", "bank"))
    report = report_on(taken)
    assert told(report) == {
        "Period": "This snapshot alone",
        "Snapshot": "Taken 23 November 2026, 02:00 UTC, read from 1 file with 2 objects",
        "SHA-256": taken.sha256,
        "Scope": "The whole input",
        "Looked at": "2 pods, 2 namespaces, 0 Services, 0 NetworkPolicies",
        "Left out": "Nothing that was asked for: everything was readable",
        "Made by": "segaudit 0.1.0",
    }


def test_what_it_is_narrowed_to_and_what_is_missing_is_said(snapshot):
    facts = evaluate(snapshot(pod("a") + pod("b", "bank") + "\n---\na: [\n"), Settings())
    only = ("bank",)
    report = compose(facts, checks.run(facts, only), as_of=AS_OF, generator="g", only=only)
    assert told(report)["Scope"] == "Narrowed to bank"
    assert told(report)["Left out"] == "Not everything was readable: see looked-at"
