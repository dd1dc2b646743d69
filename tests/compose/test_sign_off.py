"""The section Sign-off."""

from datetime import UTC, datetime

import pytest

from audit.compose.sign_off import next_review
from audit.settings import Settings, SignOff
from reports.text import plain
from tests.compose.objects import pod


def told(report):
    section = report.sections[-1]
    assert section.anchor == "sign-off"
    return [[(term, plain(text)) for term, text in part.blocks[0].pairs] for part in section.sections], [
        part.blocks[0].form for part in section.sections
    ]


def test_it_says_what_was_reviewed_and_leaves_lines_for_the_rest(snapshot, report_on):
    taken = snapshot(pod("a"))
    (reviewed, outcome, signatures), forms = told(report_on(taken))
    assert forms == [False, True, True]
    assert reviewed[:3] == [
        ("Policies", "0 NetworkPolicies with 0 rules"),
        ("As they were", "23 November 2026, 02:00 UTC"),
        ("Snapshot", f"SHA-256 {taken.sha256}"),
    ]
    assert {text for _, text in outcome} == {""}
    assert signatures == [
        ("Prepared by", ""),
        ("Date and signature", ""),
        ("Reviewed by", ""),
        ("Date and signature", ""),
        ("Next review due", "23 May 2027, 6 months after 23 November 2026"),
    ]


def test_who_signs_and_when_again_is_configured(snapshot, report_on):
    asked = SignOff(prepared_by="A. Engineer", reviewed_by="B. Auditor", review_every="90 days")
    (_, _, signatures), _ = told(report_on(snapshot(pod("a")), settings=Settings(sign_off=asked)))
    assert signatures[0] == ("Prepared by", "A. Engineer")
    assert signatures[2] == ("Reviewed by", "B. Auditor")
    assert signatures[4][1] == "21 February 2027, 90 days after 23 November 2026"


@pytest.mark.parametrize(
    ("after", "every", "due"),
    [
        ((2026, 11, 23), "1 day", (2026, 11, 24)),
        ((2026, 11, 23), "2 weeks", (2026, 12, 7)),
        ((2026, 8, 31), "6 months", (2027, 2, 28)),
        ((2027, 8, 31), "6 months", (2028, 2, 29)),
        ((2026, 12, 1), "1 month", (2027, 1, 1)),
        ((2026, 1, 31), "12 months", (2027, 1, 31)),
        ((2024, 2, 29), "1 year", (2025, 2, 28)),
    ],
)
def test_the_next_review_is_on_a_day_that_there_is(after, every, due):
    assert next_review(datetime(*after, tzinfo=UTC), every) == datetime(*due, tzinfo=UTC)
