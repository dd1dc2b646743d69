"""Namespaces whose default deny a rule undoes that allows everyone on every port."""

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.checks import _dns, check
from audit.checks._allow_all import Undone, undone
from audit.checks._controls import (
    BETWEEN_NAMESPACES,
    CLOSED_TO_EGRESS,
    CLOSED_TO_INGRESS,
    EFFECTIVE,
    WITHIN_NAMESPACES,
)
from audit.checks._corrections import Edit, corrected_rows, without
from audit.checks._manifests import applicable
from audit.checks._model import Status
from audit.checks._published import Published, kept_words
from audit.checks._rules import RuleAt
from audit.checks._subjects import counted, of_rows
from audit.checks._words import EVERYONE
from audit.facts import Facts
from audit.listing import listed
from audit.policy.model import Direction
from audit.severity import Severity

_MOST: Final = 3


def _corrected(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each namespace the policies with an allow-all rule, without it."""
    found: list[list[RuleAt]] = failed["mend"].tolist()
    counts = facts.policies["pods"].tolist()
    edits: dict[int, tuple[str, list[Edit]]] = {}
    every = list(itertools.chain.from_iterable(found))
    out = {undoing.at.number for undoing in every if undoing.direction is Direction.EGRESS}
    dns = _dns.find(facts).rule_to() if out else {}
    for undoing in every:
        number = undoing.at.number
        what = f"without what allows everyone: {_closes(counts[number], dns=number in out)}"
        changes = edits.setdefault(number, (what, []))[1]
        changes += without(undoing.at.policy, undoing.direction, undoing.index)
        if undoing.direction is Direction.EGRESS:
            changes[-1] = changes[-1]._replace(values=(dns,))
    texts = corrected_rows(facts, edits, [[undoing.at.number for undoing in mine] for mine in found])
    published = Published(facts)
    return [
        text and "---\n".join(filter(None, (text, _kept_open(facts, published, mine))))
        for text, mine in zip(texts, found, strict=True)
    ]


def _kept_open(facts: Facts, published: Published, undoing: Sequence[RuleAt]) -> str:
    """What keeps open what is published of the pods that the rules of a namespace open to everyone."""
    cluster = facts.cluster
    is_open = np.zeros(len(facts.pods), np.bool_)
    for one in undoing:
        if one.direction is Direction.INGRESS:
            is_open[cluster.pods_of(cluster.engine.selected[one.at.number])] = True
    kept = published.kept_open(undoing[0].at.policy.namespace, is_open)
    texts = [text for _, text in kept if text]
    return applicable(kept_words(kept).strip(), texts) if texts else ""


@check(
    title="No allow-all undoes a default deny",
    severity=Severity.HIGH,
    subject="namespace",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    remediation=_corrected,
    controls=(*CLOSED_TO_INGRESS, *CLOSED_TO_EGRESS, *BETWEEN_NAMESPACES, *WITHIN_NAMESPACES, *EFFECTIVE),
)
def allow_all_does_not_undo_default_deny(facts: Facts) -> pd.DataFrame:
    """Policies only add: beside one rule that allows everyone on every port, a default deny closes nothing.

    Such a rule is often what was put there to make something work, or to try, and stayed. For all pods it
    takes the default deny away; for some it frees those. It should name who has to connect, and on what.
    """
    counts = facts.policies["pods"].tolist()
    return of_rows([_row(told, counts) for told in undone(facts)])


def _row(told: Undone, counts: list[int]) -> dict[str, object]:
    row = {"kind": "Namespace", "namespace": told.namespace, "name": told.namespace}
    if not told.denied:
        message = "It has no default deny that a rule could undo."
        return {**row, "status": Status.NOT_APPLICABLE.value, "message": message}
    if not told.rules:
        return {**row, "message": f"Nothing undoes its default deny for {' and '.join(told.denied)}."}
    by_direction = [(d, [u for u in told.rules if u.direction is d]) for d in told.denied]
    sentence = "; it ".join(_told(d, mine, counts) for d, mine in by_direction if mine)
    message = f"Namespace {told.namespace} {sentence}."
    return {**row, "status": Status.FAILED.value, "message": message, "mend": told.rules}


def _told(direction: Direction, found: Sequence[RuleAt], counts: Sequence[int]) -> str:
    """What rules of one direction do, policies with an empty podSelector first."""
    everyone = [undoing for undoing in found if undoing.at.policy.selector.empty]
    meant = everyone or found
    numbers = dict.fromkeys(undoing.at.number for undoing in meant)
    whom = "every pod" if everyone else counted(sum(counts[number] for number in numbers), "pod")
    rules = listed(
        [f"{undoing.at.policy.name} {undoing.direction}[{undoing.index}]" for undoing in meant], _MOST
    )
    return (
        f"denies {direction} by default, but {counted(len(meant), 'rule')} of its policies "
        f"{'allows' if len(meant) == 1 else 'allow'} {EVERYONE[direction]} on every port for {whom} ({rules})"
    )


def _closes(pods: int, *, dns: bool) -> str:
    """What goes with an allow-all rule."""
    but = ", but for DNS" * dns
    return f"for {counted(pods, 'pod')} this closes every connection that no other rule allows{but}."
