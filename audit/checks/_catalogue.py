"""The catalogue of checks, for `segaudit checks` and the README."""

import json
from typing import TypedDict

from audit import frameworks
from audit.checks._model import Check
from audit.checks._runner import load


class Speaks(TypedDict):
    """A control for which a check speaks."""

    framework: str
    control: str
    title: str


class Entry(TypedDict):
    """One check, in words."""

    id: str
    title: str
    severity: str
    subject: str
    rationale: str
    needs: list[str]
    also: list[str]
    local: bool
    controls: list[Speaks]


def catalogue() -> list[Entry]:
    """All checks by id."""
    return [
        Entry(
            id=check.id,
            title=check.title,
            severity=check.severity.word,
            subject=check.subject,
            rationale=check.rationale,
            needs=list(check.needs),
            also=list(check.also),
            local=check.local,
            controls=_controls(check),
        )
        for check in load()
    ]


def _controls(check: Check) -> list[Speaks]:
    """Those of variants of a framework too, which number them anew."""
    return [
        Speaks(framework=each.id, control=control.id, title=control.title)
        for each in frameworks.load().values()
        for control in each.controls
        if (control.base or control) in check.controls
    ]


def as_json() -> str:
    """The catalogue as a JSON list."""
    return json.dumps(catalogue(), indent=2, ensure_ascii=False) + "\n"


def as_markdown() -> str:
    """The catalogue as a Markdown table."""
    rows = [("check", "subject", "severity", "what it asks"), ("---",) * 4]
    rows += [(f"`{e['id']}`", e["subject"], e["severity"], e["title"]) for e in catalogue()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
