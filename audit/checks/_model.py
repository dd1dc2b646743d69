"""What a check is, and what it gives: one symbol holds its code and its words."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import pandas as pd

from audit.collect.kinds import KINDS
from audit.facts import Facts
from audit.frameworks import Control
from audit.settings import Settings
from audit.severity import Severity

Judge = Callable[[Facts], pd.DataFrame]
Remedy = Callable[[Facts, pd.DataFrame], list[str]]
"""The manifests for failed rows of a Judge's frame, a text each, empty where YAML cannot mend it."""

_NO_OWNERS: Final = ("pods", "namespaces", "services", "nodes")
WORKLOADS: Final = tuple(sorted({kind.plural for kind in KINDS.values()} - set(_NO_OWNERS)))
"""Kinds whose objects own pods."""


class Status(StrEnum):
    """The verdict on one subject."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"
    ERROR = "error"


NOTES: Final = ["namespace", "name", "rule", "message"]
FOUND: Final = (Status.FAILED.value, Status.WAIVED.value)
"""Of a subject that is a finding."""
UNASSESSED: Final = (Status.NOT_ASSESSED.value, Status.ERROR.value)
"""Of a subject that could not be judged."""


@dataclass(frozen=True)
class Check:
    """One check of the catalogue."""

    id: str
    title: str
    severity: Severity
    """Before context."""
    subject: str
    """What it judges, in a word or two: workload, namespace, policy, policy rule."""
    needs: tuple[str, ...]
    """Kinds (plural) without all of whose objects nothing can be said."""
    verdict: bool
    """Whether policies that are not evaluated could change the verdict on the pods that they govern."""
    local: bool
    """Whether what the subject's own namespace holds of `needs` decides: then it is judged in namespaces that
    could be read whole, even if others could not."""
    also: tuple[str, ...]
    """Further kinds whose objects could turn a passed into a failed: where one could not be read whole,
    subjects that pass are not assessed, and those that fail stand. Without the `namespaces` their labels are
    not known, so that both hang on them where a policy asks for such labels."""
    unless: tuple[str, ...]
    """Kinds whose objects could turn a failed into a passed: where one could not be read whole, subjects that
    fail are not assessed, and those that pass stand."""
    among: tuple[str, ...]
    """Further kinds whose objects are subjects: where one could not be read whole, the cluster is one more
    subject, not assessed."""
    declared: Callable[[Settings], object] | None
    """What of the settings are its subjects: without any there is nothing to judge, whatever was read."""
    rationale: str
    """Why it matters, for a reader who has never seen it: the docstring of `judge`."""
    judge: Judge
    """A row for each subject, with the columns of `_subjects.COLUMNS`."""
    remedy: Remedy | None
    controls: tuple[Control, ...]
    """The controls for which its verdicts are evidence."""


@dataclass(frozen=True)
class CheckResult:
    """What a check found in one cluster."""

    check: Check
    subjects: pd.DataFrame
    """The frame `frames.RESULTS`, sorted by namespace, kind and name; empty if there was nothing to judge."""
    reason: str = ""
    """Why subjects were not assessed, or the check failed to run."""
    notes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=NOTES, dtype="str"))
    """Of policies and rules that passed, but not for the common reason: columns NOTES."""
    unread: tuple[str, ...] = ()
    """Kinds that could not be read whole and for whose sake subjects were not assessed."""


def check(  # noqa: PLR0913  # what a check declares, each by its name
    *,
    title: str,
    severity: Severity,
    subject: str,
    needs: tuple[str, ...],
    verdict: bool = False,
    local: bool = False,
    also: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    among: tuple[str, ...] = (),
    declared: Callable[[Settings], object] | None = None,
    remediation: Remedy | None = None,
    controls: tuple[Control, ...] = (),
) -> Callable[[Judge], Check]:
    """Make a Check of the function, which takes its id from its name and its rationale from its docstring."""

    def decorate(judge: Judge) -> Check:
        return Check(
            id=judge.__name__.replace("_", "-"),
            title=title,
            severity=severity,
            subject=subject,
            needs=needs,
            verdict=verdict,
            local=local,
            also=also,
            unless=unless,
            among=among,
            declared=declared,
            rationale=" ".join(inspect.cleandoc(judge.__doc__ or "").split()),
            judge=judge,
            remedy=remediation,
            controls=tuple(dict.fromkeys(controls)),
        )

    return decorate
