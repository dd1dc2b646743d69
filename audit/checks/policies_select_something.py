"""Policies that select no pod."""

from typing import NamedTuple

import pandas as pd

from audit.checks import check
from audit.checks._corrections import Edit, Mend, corrections, policy_object
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._rules import PolicyAt, Row, policies
from audit.checks._subjects import of_rows
from audit.facts import Facts
from audit.policy.model import NOTHING, Operator, Requirement
from audit.policy.words import selector_words
from audit.severity import Severity


class _Cause(NamedTuple):
    """Why a policy selects nothing, how grave that is, and how to mend it."""

    text: str
    severity: Severity
    mend: Mend | None = None


@check(
    title="Policies select something",
    severity=Severity.MEDIUM,
    subject="policy",
    needs=("pods", "networkpolicies"),
    remediation=corrections,
)
def policies_select_something(facts: Facts) -> pd.DataFrame:
    """A policy that selects no pod protects nothing, however good its rules.

    Most often a label has a letter wrong, or was renamed with the chart. Where pods are yet to be made, by a
    controller or by a workload that is scaled to none, the policy waits for them: that is graded lower.
    """
    objects = Objects(facts)
    counts = facts.policies["pods"].tolist()
    return of_rows([_row(at, counts[at.number], objects) for at in policies(facts)])


def _row(at: PolicyAt, pods: int, objects: Objects) -> Row:
    selector = at.policy.selector
    if pods:
        return at.row(Status.PASSED, "It selects pods.")
    if selector == NOTHING:
        return at.row(Status.NOT_APPLICABLE, "Its podSelector is not valid: see policies-are-well-formed.")
    if selector.empty:
        return at.row(
            Status.NOT_APPLICABLE, "It selects every pod, and its namespace has none that it could."
        )
    if objects.like(selector, objects.own(at.number)) is not None:
        return at.row(Status.NOT_APPLICABLE, "See policies-select-pods-not-services.")
    cause = _cause(at, objects)
    message = f"{at.called}: its podSelector {selector_words(selector)} selects no pod. {cause.text}"
    return at.row(Status.FAILED, message, severity=int(cause.severity), mend=cause.mend)


def _cause(at: PolicyAt, objects: Objects) -> _Cause:
    selector, namespaces = at.policy.selector, objects.own(at.number)
    if objects.picks(selector, namespaces):
        text = "Only pods in their node's network have these labels, and no policy holds for them."
        return _Cause(text, Severity.MEDIUM)
    if found := objects.misspelt(selector, namespaces):
        wrong, key, value = found
        text = f"{wrong.key}={wrong.values[0]} is one letter off {key}={value}, which pods here have."
        return _Cause(text, Severity.MEDIUM, _mend(at, objects.facts, wrong, key, value))
    if text := _waiting(at, objects):
        return _Cause(text, Severity.LOW)
    templates = objects.templates_only(namespaces)
    where = f"{at.policy.namespace} in this input" if templates else at.policy.namespace
    unless = "unless a controller makes such pods, " if templates else ""
    advice = f"{unless}correct them, or delete the policy"
    return _Cause(f"No pod of namespace {where} has these labels: {advice}.", Severity.MEDIUM)


def _waiting(at: PolicyAt, objects: Objects) -> str:
    """What pods the policy may be waiting for, as a sentence; empty if none are in sight."""
    selector, namespaces = at.policy.selector, objects.own(at.number)
    if workload := objects.idle_workload(selector, namespaces):
        return f"The pods of {workload} would have these labels, but it has none now."
    if objects.finished(selector, namespaces):
        return "Only pods that have finished have these labels."
    if service := objects.same_service(selector, namespaces):
        return (
            f"Service {service} looks for the same pods and finds none either: a controller may be yet to "
            "make them, from a custom resource for instance."
        )
    if not objects.populated(namespaces):
        here = "this input" if objects.facts.snapshot.provenance.kind == "files" else "the cluster"
        return f"No workload of namespace {at.policy.namespace} is in {here}."
    return ""


def _mend(at: PolicyAt, facts: Facts, wrong: Requirement, key: str, value: str) -> Mend | None:
    """The label that was meant in the place of the misspelt one; None where it is not in matchLabels."""
    spec = policy_object(facts, at.number).get("spec")
    written = spec.get("podSelector") if isinstance(spec, dict) else None
    labels = written.get("matchLabels") if isinstance(written, dict) else None
    if not isinstance(labels, dict) or wrong.operator is not Operator.IN or wrong.key not in labels:
        return None
    right = {k: v for k, v in labels.items() if k != wrong.key} | {key: value}
    return Mend(at.number, (Edit(("spec", "podSelector", "matchLabels"), (right,)),))
