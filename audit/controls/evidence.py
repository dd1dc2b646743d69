"""How much the evidence says of one control: the rules.

| status | where |
|---|---|
| by_hand | no check speaks for the control |
| contradicts | a subject failed; or some are waived and none passed: to accept a finding makes no evidence of it; or what passed is a verdict on what policies let through, and no policy has an effect |
| not_assessed | no subject passed, failed or is waived: nothing could be judged, or there was nothing to judge |
| supports_in_part | some passed, none failed; but some are waived, or could not be judged, or the network plug-in is not known to enforce policies on every node pool |
| supports | some passed, and none of that |

A subject to which a check is not applicable says nothing, neither for nor against. A check that failed to run
counts as a subject that could not be judged.
"""  # noqa: E501  # a table

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audit.checks import Check
from audit.frameworks import Control
from audit.language import number


class Status(StrEnum):
    """What the evidence says of a control. None says that it is fulfilled."""

    SUPPORTS = "supports"
    IN_PART = "supports_in_part"
    CONTRADICTS = "contradicts"
    NOT_ASSESSED = "not_assessed"
    BY_HAND = "by_hand"


class Plugin(StrEnum):
    """Whether the network plug-in enforces policies, over all node pools."""

    ENFORCES = "Policies are enforced."
    NOT_EVERYWHERE = "Policies are not enforced, or not known to be, on all nodes."
    NOWHERE = "No policy has an effect here."


@dataclass(frozen=True)
class Counts:
    """Subjects that a check judged, by how; those to which it is not applicable left out."""

    passed: int = 0
    failed: int = 0
    waived: int = 0
    not_assessed: int = 0
    """A check that failed to run has one."""

    def __add__(self, other: "Counts") -> "Counts":
        """Of both."""
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.waived + other.waived,
            self.not_assessed + other.not_assessed,
        )


@dataclass(frozen=True)
class Evidence:
    """What the checks say of a control."""

    control: Control
    status: Status
    reason: str
    """Why, as sentences."""
    counts: Mapping[Check, Counts]
    """Of each check that speaks for it."""

    @property
    def total(self) -> Counts:
        """Over all checks."""
        return sum(self.counts.values(), Counts())


def evidence(control: Control, counts: Mapping[Check, Counts], plugin: Plugin) -> Evidence:
    """What is to be said of a control of whose checks each counted so."""
    total = sum(counts.values(), Counts())
    effects = sum(count.passed for check, count in counts.items() if check.verdict)
    in_vain = effects if plugin is Plugin.NOWHERE else 0
    status = _status(bool(counts), total, in_vain, plugin)
    return Evidence(control, status, _reason(status, total, in_vain, plugin), counts)


def _status(any_check: bool, total: Counts, in_vain: int, plugin: Plugin) -> Status:  # noqa: FBT001
    if not any_check:
        return Status.BY_HAND
    if total.failed or in_vain or (total.waived and not total.passed):
        return Status.CONTRADICTS
    if not total.passed:
        return Status.NOT_ASSESSED
    if total.waived or total.not_assessed or plugin is not Plugin.ENFORCES:
        return Status.IN_PART
    return Status.SUPPORTS


def _reason(status: Status, total: Counts, in_vain: int, plugin: Plugin) -> str:
    if status is Status.BY_HAND:
        return "No check judges it."
    judged = total.passed + total.failed + total.waived + total.not_assessed
    if not judged:
        return "There is nothing to judge."
    parts = (
        _told(total.failed, "failed"),
        _told(total.waived, "waived"),
        _told(total.not_assessed, "not assessed"),
        _told(total.passed, "passed"),
    )
    why = f"Of {number(judged)} {'verdict' if judged == 1 else 'verdicts'}: {', '.join(filter(None, parts))}."
    limited = in_vain or (status is Status.IN_PART and plugin is not Plugin.ENFORCES)
    return f"{why} {plugin}" if limited else why


def _told(count: int, word: str) -> str:
    return f"{number(count)} {word}" if count else ""
