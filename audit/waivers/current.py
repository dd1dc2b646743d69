"""Whether waivers are current: the rows of the check waivers-are-current."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from audit.checks import Status, subjects
from audit.language import number
from audit.severity import Severity
from audit.waivers.model import Waiver


@dataclass(frozen=True)
class Use:
    """What a waiver names."""

    found: int = 0
    """Subjects that failed."""
    open: int = 0
    """Of these, those that such a waiver may accept."""
    reported: int = 0
    """Of these, those that are reported."""
    statuses: frozenset[str] = frozenset()
    """Of all subjects that it names, before waivers are applied."""
    unseen: bool = False
    """Whether there may be more that could not be seen."""


def judged(waivers: Sequence[Waiver], uses: Sequence[Use], today: date) -> pd.DataFrame:
    """A row for each waiver, as a Judge gives them."""
    verdicts = [_verdict(waiver, use, today) for waiver, use in zip(waivers, uses, strict=True)]
    return subjects(
        {
            "kind": "Waiver",
            "namespace": [waiver.namespace for waiver in waivers],
            "name": [waiver.subject for waiver in waivers],
            "status": [status.value for status, _, _ in verdicts],
            "message": [message for _, message, _ in verdicts],
            "severity": [int(severity) for _, _, severity in verdicts],
            "source": [waiver.source for waiver in waivers],
        },
        len(waivers),
    )


def _verdict(waiver: Waiver, use: Use, today: date) -> tuple[Status, str, int]:
    """Status, message, and a severity if it is not the check's."""
    wrong, severity = _wrong(waiver, use, today), 0
    if not wrong and not use.found and not _unknown(use) and not waiver.terms.awaited(today):
        wrong, severity = _idle(use)
    if wrong:
        return Status.FAILED, f"{waiver.called} {wrong}.", severity
    if waiver.terms.awaited(today):
        return Status.NOT_APPLICABLE, f"It begins on {waiver.terms.created}.", 0
    if not use.found:
        return Status.NOT_ASSESSED, f"What {waiver.terms.check} says of what it names is not assessed.", 0
    return Status.PASSED, f"It counts until {waiver.terms.expires}.", 0


def _wrong(waiver: Waiver, use: Use, today: date) -> str:
    """Why it does not count, as the end of a sentence; empty if it does."""
    if waiver.defect:
        return f"is not understood: its annotation {waiver.defect}"
    if lapse := waiver.terms.lapse(today):
        if use.reported:
            return f"{lapse}, and names {number(use.reported)} finding{'s' if use.reported > 1 else ''}"
        return lapse if use.found or _unknown(use) else f"{lapse}, and matches nothing that fails"
    if use.found > use.open:
        return "is an annotation, and a critical finding is accepted by the file of waivers alone"
    return ""


def _idle(use: Use) -> tuple[str, int]:
    """Why it accepts nothing, and the severity of that if it is not the check's."""
    if not use.statuses:
        return "matches nothing: take it out, or name what is meant", 0
    told = " and ".join(sorted(status.replace("_", " ") for status in use.statuses))
    return f"matches nothing that fails: what it names is {told}, so that it can be taken out", Severity.LOW


def _unknown(use: Use) -> bool:
    """Whether there may be a finding that nobody could see."""
    return use.unseen or not use.statuses.isdisjoint((Status.NOT_ASSESSED.value, Status.ERROR.value))
