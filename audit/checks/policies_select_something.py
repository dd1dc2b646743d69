"""Policies that select no pod."""

from typing import NamedTuple

import pandas as pd

from audit.checks import check
from audit.checks._controls import SELECTORS
from audit.checks._corrections import Edit, at_path, corrected_rows, policy_objects, what_selecting_closes
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._rules import PolicyAt, Row, policies, with_passed
from audit.facts import Facts
from audit.policy.model import NOTHING
from audit.policy.words import selector_words
from audit.severity import Severity


class _Misspelt(NamedTuple):
    """A label of the podSelector that is one letter off, and the one that was meant."""

    number: int
    wrong: str
    key: str
    value: str


class _Cause(NamedTuple):
    """Why a policy selects nothing, how grave that is, and how to mend it."""

    text: str
    severity: Severity
    mend: _Misspelt | None = None


def _corrected(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each policy with a misspelt label the policy with the right one, where matchLabels has it."""
    found = [mend for mend in failed["mend"].tolist() if mend is not None]
    objects = policy_objects(facts, [misspelt.number for misspelt in found])
    path = ("spec", "podSelector", "matchLabels")
    edits = {}
    for misspelt, obj in zip(found, objects, strict=True):
        labels = at_path(obj, path)
        if isinstance(labels, dict) and misspelt.wrong in labels:
            right = {k: v for k, v in labels.items() if k != misspelt.wrong} | {misspelt.key: misspelt.value}
            closes = what_selecting_closes(facts.cluster.policies[misspelt.number])
            what = f"with the label that was meant; all else is as it was read. {closes}"
            edits[misspelt.number] = (what, [Edit(path, (right,))])
    numbers = [() if mend is None else (mend.number,) for mend in failed["mend"].tolist()]
    return corrected_rows(facts, edits, numbers)


@check(
    title="Policies select something",
    severity=Severity.MEDIUM,
    subject="policy",
    needs=("pods", "networkpolicies"),
    local=True,
    remediation=_corrected,
    controls=SELECTORS,
)
def policies_select_something(facts: Facts) -> pd.DataFrame:
    """A policy that selects no pod protects nothing, however good its rules.

    Most often a label has a letter wrong, or was renamed with the chart. Where pods are yet to be made, by a
    controller or by a workload that is scaled to none, the policy waits for them: that is graded lower.
    """
    objects = Objects(facts)
    counts = facts.policies["pods"].tolist()
    namespaces = facts.cluster.namespace_of_policy.tolist()
    idle = [at for at in policies(facts) if not counts[at.number]]
    rows = [_row(at, namespaces[at.number], objects) for at in idle]
    return with_passed(facts, rows, [at.number for at in idle], "It selects pods.")


def _row(at: PolicyAt, namespace: int, objects: Objects) -> Row:
    selector = at.policy.selector
    if selector == NOTHING:
        return at.row(Status.NOT_APPLICABLE, "Its podSelector is not valid: see policies-are-well-formed.")
    if selector.empty:
        return at.row(
            Status.NOT_APPLICABLE, "It selects every pod, and its namespace has none that it could."
        )
    if objects.like(selector, namespace) is not None:
        return at.row(Status.NOT_APPLICABLE, "See policies-select-pods-not-services.")
    cause = _cause(at, namespace, objects)
    message = f"{at.called}: its podSelector {selector_words(selector)} selects no pod. {cause.text}"
    return at.row(Status.FAILED, message, severity=int(cause.severity), mend=cause.mend)


def _cause(at: PolicyAt, namespace: int, objects: Objects) -> _Cause:
    selector = at.policy.selector
    if objects.picks(selector, namespace):
        text = "Only pods in their node's network have these labels, and no policy holds for them."
        return _Cause(text, Severity.MEDIUM)
    if text := objects.waiting(selector, namespace):
        return _Cause(text, Severity.LOW)
    if found := objects.misspelt(selector, namespace):
        wrong, key, value = found
        text = f"{wrong.key}={wrong.values[0]} is one letter off {key}={value}, which pods here have."
        return _Cause(text, Severity.MEDIUM, _Misspelt(at.number, wrong.key, key, value))
    if not objects.populated(namespace):
        return _Cause(f"No workload of namespace {at.policy.namespace} is in {objects.here}.", Severity.LOW)
    templates = objects.templates_only(namespace)
    where = f"{at.policy.namespace} in this input" if templates else at.policy.namespace
    unless = "unless a controller makes such pods, " if templates else ""
    advice = f"{unless}correct them, or delete the policy"
    return _Cause(f"No pod of namespace {where} has these labels: {advice}.", Severity.MEDIUM)
