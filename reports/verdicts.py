"""What machine outputs are made of: checks with their words and counts, and findings, a tuple each."""

from typing import Final, NamedTuple

from reports import values
from reports.model import Report

GRAVEST_FIRST: Final = ("critical", "high", "medium", "low")
COUNTS: Final = ("passed", "failed", "waived", "not_applicable", "not_assessed", "error")


class Check(NamedTuple):
    """A row of `checks`; `title` and `rationale` are those of `catalogue`."""

    check: str
    severity: str
    subjects: int
    passed: int
    failed: int
    waived: int
    not_applicable: int
    not_assessed: int
    error: int
    reason: str
    title: str
    rationale: str

    @property
    def counts(self) -> dict[str, int]:
        """How many subjects were judged how, in the order of COUNTS."""
        return {name: getattr(self, name) for name in COUNTS}

    @property
    def told(self) -> str:
        """Those that there are, in words: `3 passed, 2 failed`; empty if there was nothing to judge."""
        return ", ".join(
            f"{count:,} {name.replace('_', ' ')}" for name, count in self.counts.items() if count
        )

    @property
    def gap(self) -> str:
        """What the check could not judge, and why, as sentences; empty if there is nothing."""
        left_out = self.not_assessed or self.error
        if not left_out:
            return ""
        return f"{self.title}: not assessed for {left_out:,} of its subjects. {self.reason}".strip()


class Finding(NamedTuple):
    """A row of `findings`; what is not known is empty."""

    check: str
    severity: str
    status: str
    kind: str
    namespace: str
    name: str
    message: str
    remediation: str
    rule: str
    id: str
    workload: str
    waiver: str
    since: str
    source: str

    @property
    def waived(self) -> bool:
        """Whether somebody accepts it; if not, it failed."""
        return self.status == "waived"

    @property
    def subject(self) -> str:
        """`namespace/Kind/name`, as far as it has them."""
        return "/".join(part for part in (self.namespace, self.kind, self.name) if part)


def checks(report: Report) -> list[Check]:
    """The checks in their order; RenderFailure if a table that they are in is missing."""
    words = {
        check: told
        for check, *told in values.rows(values.table(report, "catalogue"), "check", "title", "rationale")
    }
    counted = Check._fields[:-2]
    rows = values.rows(values.table(report, "checks"), *counted)
    return [Check(*row, *words[row[0]]) for row in rows]  # type: ignore[arg-type] # the types of their columns


def gaps(report: Report) -> list[str]:
    """What checks could not judge, if the report has checks; it may be told on page one, too."""
    return [check.gap for check in checks(report) if check.gap] if values.find(report, "checks") else []


def findings(report: Report) -> list[Finding]:
    """The findings in their order; RenderFailure if there is no such table."""
    rows = values.rows(values.table(report, "findings"), *Finding._fields)
    return [Finding(*(cell or "" for cell in row)) for row in rows]  # type: ignore[arg-type] # all are texts
