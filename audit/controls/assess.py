"""The frameworks that are told of a cluster, and what the evidence says of each of their controls."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit import checks, frameworks
from audit.checks import CheckResult
from audit.controls.catalogue import speaking
from audit.controls.evidence import Counts, Evidence, Plugin, evidence
from audit.controls.scoped import Scoped
from audit.enforcement import Answer
from audit.facts import Facts
from audit.frames import CONTROL_FACTS
from audit.frameworks import Control, Framework, Platform

_COUNTED: Final = {
    checks.Status.PASSED: "passed",
    checks.Status.FAILED: "failed",
    checks.Status.WAIVED: "waived",
    checks.Status.NOT_ASSESSED: "not_assessed",
    checks.Status.ERROR: "not_assessed",
}
"""What a subject counts as; one to which the check is not applicable counts as nothing."""

_OTHER: Final = {"ingress": "egress", "egress": "ingress"}

_Tally: TypeAlias = Mapping[tuple[str, str], int]
"""Subjects of a check by status and direction of the rule that is meant; empty of what is no rule."""


@dataclass(frozen=True)
class Assessment:
    """A framework, and what the evidence says of its controls."""

    framework: Framework
    scope: str
    """The scopes for which it was judged, by name; empty for the whole cluster."""
    pods: int
    """Pods of these scopes, or of the cluster."""
    controls: tuple[Evidence, ...]
    """In the framework's order."""


def assess(facts: Facts, results: Sequence[CheckResult]) -> list[Assessment]:
    """Each framework that is told, in the order of their ids, or as they are configured."""
    whole = {result.check.id: _tally(result.subjects) for result in results}
    plugin = _plugin(facts)
    return [_assessed(each, facts, results, whole, plugin) for each in told(facts)]


def told(facts: Facts) -> list[Framework]:
    """Those of the configuration; without any those that are for all clusters, or for one of this platform.

    One of this platform stands in the place of that of which it is a variant.
    """
    known = frameworks.load()
    if facts.settings.frameworks:
        return [known[name] for name in dict.fromkeys(facts.settings.frameworks)]
    return list(_fitting(known, facts.platform))


def table(assessments: Sequence[Assessment]) -> pd.DataFrame:
    """The frame CONTROL_FACTS: a row for each control."""
    rows = [(assessment, one) for assessment in assessments for one in assessment.controls]
    controls = [one.control for _, one in rows]
    texts = ("framework", "title", "covers", "does_not_cover", "by_hand", "applies_to", "frequency")
    totals = [one.total for _, one in rows]
    return CONTROL_FACTS.frame(
        {
            **{name: [getattr(control, name) for control in controls] for name in texts},
            "control": [control.id for control in controls],
            "status": [one.status.value for _, one in rows],
            "checks": [" ".join(check.id for check in one.counts) for _, one in rows],
            "reason": [one.reason for _, one in rows],
            "scope": [assessment.scope for assessment, _ in rows],
            **{name: [getattr(total, name) for total in totals] for name in set(_COUNTED.values())},
        }
    )


def _fitting(known: Mapping[str, Framework], platform: Platform | None) -> Iterator[Framework]:
    fitting = [each for each in known.values() if each.platform in {None, platform}]
    replaced = {each.variant_of for each in fitting}
    return (each for each in fitting if each.id not in replaced)


def _assessed(
    framework: Framework,
    facts: Facts,
    results: Sequence[CheckResult],
    whole: Mapping[str, _Tally],
    plugin: Plugin,
) -> Assessment:
    scopes = [one for one in facts.scopes if framework.id in one.scope.frameworks]
    by_control = speaking(framework)
    tallies, scope, pods = whole, "", len(facts.pods)
    if scopes:
        part = Scoped(facts, scopes)
        wanted = {check.id for found in by_control.values() for check in found}
        tallies = {
            r.check.id: _tally(r.subjects, part.within(r.subjects)) for r in results if r.check.id in wanted
        }
        scope, pods = part.name, int(part.pods.sum())
    return Assessment(
        framework,
        scope,
        pods,
        tuple(
            evidence(control, {check: _counts(tallies.get(check.id, {}), control) for check in found}, plugin)
            for control, found in by_control.items()
        ),
    )


def _tally(subjects: pd.DataFrame, inside: NDArray[np.bool_] | None = None) -> _Tally:
    """Of all subjects, or of those that are `inside`."""
    counted = subjects if inside is None else subjects[inside]
    parts, texts = counted["rule"].factorize()
    states, names = counted["status"].factorize()
    shape = (len(texts), len(names))
    numbers = np.bincount(parts * shape[1] + states, minlength=shape[0] * shape[1]).reshape(shape)
    tally = Counter[tuple[str, str]]()
    for text, row in zip(texts.tolist(), numbers.tolist(), strict=True):
        direction = next(filter(text.startswith, _OTHER), "")
        tally.update({(name, direction): number for name, number in zip(names, row, strict=True)})
    return +tally


def _counts(tally: _Tally, control: Control) -> Counts:
    """Of a check, those of its subjects that say something of the control."""
    other = _OTHER.get(control.direction)
    found: dict[str, int] = {}
    for (status, direction), number in tally.items():
        name = _COUNTED.get(checks.Status(status))
        if name is not None and direction != other:
            found[name] = found.get(name, 0) + number
    return Counts(**found)


def _plugin(facts: Facts) -> Plugin:
    answers = {pool.verdict.answer for pool in facts.pools}
    if answers == {Answer.ENFORCED}:
        return Plugin.ENFORCES
    return Plugin.NOWHERE if answers == {Answer.NOT_ENFORCED} else Plugin.NOT_EVERYWHERE
