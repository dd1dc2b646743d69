"""Sign-off: what was reviewed, what came of it, by whom, and when it is due again."""

import calendar
from datetime import datetime, timedelta
from typing import Final

from audit.compose import words
from audit.compose.view import View
from audit.settings import SignOff
from reports.model import KeyValues, Section, Text, code

ANCHOR: Final = "sign-off"
_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}
_OUTCOME: Final = (
    "Rules that are still needed, and why",
    "Rules to change or to remove, by whom and until when",
    "Findings that are accepted, by which waiver",
    "Remarks",
)


def sign_off(view: View) -> Section:
    """The section: a form, of which the report fills in what it knows."""
    asked = view.facts.settings.sign_off
    return Section(
        ANCHOR,
        "Sign-off",
        lead=(
            "The record of a review of the network policies. Filled in and signed it can serve as the one "
            "that PCI DSS v4.0.1 asks for in 1.2.7, every six months."
        ),
        sections=(
            Section("sign-off-reviewed", "What was reviewed", blocks=(KeyValues(_reviewed(view)),)),
            Section(
                "sign-off-outcome",
                "What came of it",
                blocks=(KeyValues(tuple((line, "") for line in _OUTCOME), form=True),),
            ),
            Section(
                "sign-off-signatures",
                "Signatures",
                blocks=(KeyValues(_signatures(view, asked), form=True),),
            ),
        ),
        new_page=True,
    )


def _reviewed(view: View) -> tuple[tuple[str, Text], ...]:
    policies = view.policies[view.policies["evaluated"]]
    rules = words.counted(len(view.rules), "rule")
    snapshot = view.facts.snapshot
    read = view.readable("networkpolicies")
    open_ones = view.findings[view.findings["status"] == "failed"]
    waived = len(view.findings) - len(open_ones)
    counts = {str(word): int(count) for word, count in open_ones["severity"].value_counts().items()}
    graded = words.joined(words.graded(counts))
    unknown = int(view.checks[["not_assessed", "error"]].sum().sum())
    least = "" if read else "At least "
    return (
        ("Policies", f"{least}{words.counted(len(policies), 'NetworkPolicy')} with {rules}"),
        ("As they were", words.written(snapshot.provenance.taken)),
        ("Snapshot", words.text("SHA-256 ", (code(snapshot.sha256),))),
        ("Findings", f"{graded or 'None'}; {words.number(waived)} waived"),
        ("Not assessed", words.counted(unknown, "subject") if unknown else "Nothing"),
    )


def _signatures(view: View, asked: SignOff) -> tuple[tuple[str, Text], ...]:
    due = next_review(view.as_of, asked.review_every)
    return (
        ("Prepared by", asked.prepared_by),
        ("Date and signature", ""),
        ("Reviewed by", asked.reviewed_by),
        ("Date and signature", ""),
        ("Next review due", f"{words.date_of(due)}, {asked.review_every} after {words.date_of(view.as_of)}"),
    )


def next_review(after: datetime, every: str) -> datetime:
    """So many days, weeks, months or years later; the last day of a month that has no such day."""
    number, _, unit = every.removesuffix("s").partition(" ")
    if unit in _DAYS:
        return after + timedelta(days=int(number) * _DAYS[unit])
    years, month = divmod(after.month - 1 + int(number) * _MONTHS[unit], 12)
    year = after.year + years
    day = min(after.day, calendar.monthrange(year, month + 1)[1])
    return after.replace(year=year, month=month + 1, day=day)
