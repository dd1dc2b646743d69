"""Namespaces that do not deny by default: the check of each direction is this with its own words."""

from typing import Final

import numpy as np
import pandas as pd

from audit import language
from audit.checks._model import Status
from audit.checks._subjects import counted, subjects
from audit.checks._words import DESTINATIONS, SOURCES
from audit.exposure.default_deny import CURRENT_PODS, EVERY_POD, NO_PODS, NOT_DENIED, STRICT
from audit.exposure.reach import MOST_SELECTORS
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity

_FIXED: Final = {
    STRICT: (Status.PASSED, "Strict: a policy selects every pod for {} and has no rule."),
    EVERY_POD: (Status.PASSED, "Every pod: policies select for {} whatever pod could be created here."),
    NO_PODS: (Status.NOT_APPLICABLE, "No pod that a policy could govern is here."),
}
_UNDONE: Final = "A rule undoes the default deny for {}: see allow-all-does-not-undo-default-deny."


def judge(facts: Facts, direction: Direction, severity: Severity) -> pd.DataFrame:
    """A row for each namespace; `severity` is one step lower where all pods of today are isolated."""
    rows = facts.namespaces
    kind = rows[f"default_deny_{direction}"].astype("str").to_numpy(dtype=object)
    undone = rows[f"nullified_{direction}"].to_numpy()
    status = np.full(len(rows), Status.FAILED.value, dtype=object)
    message = np.full(len(rows), "", dtype=object)
    for word, (verdict, text) in _FIXED.items():
        status[kind == word] = verdict.value
        message[kind == word] = text.format(direction)
    status[undone] = Status.NOT_APPLICABLE.value
    message[undone] = _UNDONE.format(direction)
    for word, sentence in ((NOT_DENIED, _none), (CURRENT_PODS, _current_pods)):
        chosen = (kind == word) & (status == Status.FAILED.value)
        found = rows[chosen]
        columns = ("namespace", "pods", f"pods_{direction}_isolated", "policies")
        message[chosen] = [
            sentence(direction, *row) for row in zip(*(found[c].tolist() for c in columns), strict=True)
        ]
    many = set(np.flatnonzero(kind == CURRENT_PODS).tolist()) & _many_selectors(facts, direction)
    for number in many:
        message[number] += (
            f" With more than {MOST_SELECTORS} different selectors it is not worked out whether they cover "
            "every pod together."
        )
    return subjects(
        {
            "kind": "Namespace",
            "namespace": rows["namespace"],
            "name": rows["namespace"],
            "status": status,
            "message": message,
            "severity": np.where(kind == CURRENT_PODS, int(severity.shifted(-1)), int(severity)),
        },
        len(rows),
    )


def _none(direction: Direction, namespace: str, pods: int, isolated: int, policies: int) -> str:
    each = "its pod" if pods == 1 else "each of its pods"
    whom = f"{language.number(pods - isolated)} of them" if isolated else each
    lacking = f"no policy selects every pod for {direction}" if policies else "it has no NetworkPolicy"
    if direction is Direction.INGRESS:
        told = f"{SOURCES} may connect to {whom}, and to any pod that is created here"
    else:
        told = f"{whom} may connect to {DESTINATIONS}, and so may any pod that is created here"
    return f"Namespace {namespace} ({counted(pods, 'pod')}): {lacking}, so {told}."


def _current_pods(direction: Direction, namespace: str, pods: int, _isolated: int, _policies: int) -> str:
    if direction is Direction.INGRESS:
        told = f"{SOURCES} may connect to one with other labels"
    else:
        told = f"one with other labels may connect to {DESTINATIONS}"
    return (
        f"Namespace {namespace} ({counted(pods, 'pod')}): the pods of today are isolated for {direction}, "
        f"but no policy selects every pod: {told}."
    )


def _many_selectors(facts: Facts, direction: Direction) -> set[int]:
    """The namespaces with too many selectors to ask whether they cover all labels together."""
    cluster = facts.cluster
    selectors: dict[int, set[object]] = {}
    for number, policy in zip(cluster.namespace_of_policy.tolist(), cluster.policies, strict=True):
        if direction in policy.types:
            selectors.setdefault(number, set()).add(policy.selector)
    return {number for number, distinct in selectors.items() if len(distinct) > MOST_SELECTORS}
