"""Rules that allow nothing that other rules do not allow too."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._controls import NEEDED
from audit.checks._corrections import Edit, corrected_rows, without
from audit.checks._model import Status
from audit.checks._on_purpose import is_dns
from audit.checks._redundant import Judged, Redundant, judge
from audit.checks._rules import Row, RuleAt, every, judged, rules
from audit.checks._subjects import counted
from audit.facts import Facts
from audit.language import number
from audit.policy.coverage import Idle
from audit.severity import Severity

_MOST: Final = 3
"""Rules that a sentence names before it counts the rest."""
_IDLE: Final = {
    Idle.PODS: "Its policy selects no pod now: see policies-select-something.",
    Idle.PEERS: "Its peers are nobody now: see peers-match-something.",
    Idle.PORTS: "Its ports are none now: see named-ports-resolve.",
}
_REFUSED: Final = "It is not valid, and so allows nothing: see policies-are-well-formed."
_DNS: Final = "DNS alone, which each policy may allow so that it can stand by itself."
_FOR_GOOD: Final = "closes nothing: other rules allow as much."
_NOW: Final = "closes nothing between the pods present; what is for pods yet to come goes with it."


def _corrected(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row its policy without the rules that are redundant."""
    found: list[RuleAt] = [at for at, _ in failed["mend"].tolist()]
    hanging = {at.at.number for at, redundant in failed["mend"].tolist() if not redundant.for_good}
    edits: dict[int, tuple[str, list[Edit]]] = {}
    places: dict[int, list[str]] = {}
    for at in found:
        places.setdefault(at.at.number, []).append(at.place)
    for at in found:
        number = at.at.number
        what = f"without {', '.join(places[number])}. This {_NOW if number in hanging else _FOR_GOOD}"
        changes = edits.setdefault(number, (what, []))[1]
        changes += without(at.at.policy, at.direction, at.index)
    return corrected_rows(facts, edits, [[at.at.number] for at in found])


@check(
    title="Policies are not redundant",
    severity=Severity.LOW,
    subject="policy rule",
    needs=("pods", "networkpolicies"),
    also=("namespaces",),
    unless=("namespaces",),
    remediation=_corrected,
    controls=NEEDED,
)
def policies_are_not_redundant(facts: Facts) -> pd.DataFrame:
    """A rule that others make redundant restricts nothing and opens nothing.

    Policies only add. Where another rule lets in the same and more, the narrow one looks like a limit and is
    none; where both say the same, a change of one alone has no effect. Each end is looked at by its own
    rules, and addresses outside count as much as pods. Of equal rules the first is needed.
    """
    known = judge(facts)

    def verdict(at: RuleAt) -> Sequence[Row]:
        if is_dns(at.rule):
            return [at.row(Status.PASSED, _DNS)]
        found = known.get(at.key)
        return () if found is None else [_row(at, found)]

    return judged(facts, rules(facts, every), verdict, "Other rules do not allow all that it does.")


def _row(at: RuleAt, found: Judged) -> Row:
    if found.idle is not None:
        return at.row(Status.NOT_APPLICABLE, _REFUSED if at.refused else _IDLE[found.idle])
    if found.meeting:
        told = f"{number(found.meeting)} rules hold for a pod that its policy selects: too many to compare."
        return at.row(Status.NOT_ASSESSED, told)
    if found.redundant is None:
        return at.row(Status.NOT_APPLICABLE, f"What allows as much is too broad: see {found.owner}.")
    return at.row(Status.FAILED, _message(at, found.redundant), mend=(at, found.redundant))


def _message(at: RuleAt, redundant: Redundant) -> str:
    allow = "allows" if len(redundant.by) == 1 else "allow together"
    told = f"{at.called}: {_called(at, redundant.by)} {allow} all that it does"
    if redundant.for_good:
        return f"{told}, so it limits nothing, and without it no connection would change."
    return (
        f"{told} between the pods present, so it limits nothing there, and without it none of their "
        "connections would change. That hangs on the labels that they have."
    )


def _called(at: RuleAt, others: Sequence[RuleAt]) -> str:
    """Rules of the same namespace: `ingress[0], ingress[2] of the same policy and ingress[0] of ...`."""
    places: dict[int, list[str]] = {}
    for other in others[:_MOST]:
        places.setdefault(other.at.number, []).append(other.place)
    names = {other.at.number: f"NetworkPolicy {other.at.policy.name}" for other in others}
    names[at.at.number] = "the same policy"
    told = [f"{', '.join(mine)} of {names[number]}" for number, mine in places.items()]
    more = [counted(len(others) - _MOST, "more rule")] if len(others) > _MOST else []
    return " and ".join([*told, *more])
