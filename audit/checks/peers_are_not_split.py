"""Peers that are two items of a list where one item with both selectors was meant."""

from collections.abc import Sequence

import pandas as pd

from audit.checks import check
from audit.checks._controls import SELECTORS
from audit.checks._corrections import Edit, Mend, corrections, selector_object
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._rules import Row, RuleAt, has_peers, judged, rules
from audit.checks._split import Split, Splits
from audit.facts import Facts
from audit.policy.words import selector_words
from audit.severity import Severity


@check(
    title="Peers are not split",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("pods", "networkpolicies"),
    also=("namespaces",),
    remediation=corrections,
    controls=SELECTORS,
)
def peers_are_not_split(facts: Facts) -> pd.DataFrame:
    """A namespaceSelector and a podSelector in two items of a list mean either; in one item they mean both.

    One dash too many lets in whole namespaces where some of their pods were meant. Two items are often right,
    so they are told only where the podSelector alone makes no sense: no pod of the policy's own namespace has
    its labels, and pods of the namespaces beside it have them; or the own namespace is among those. Where the
    pods of those namespaces are not to be seen, it is graded lower.
    """
    splits = Splits(facts, Objects(facts))

    def verdict(at: RuleAt) -> Sequence[Row]:
        return [_row(at, split) for split in splits.of(at)]

    return judged(facts, rules(facts, has_peers), verdict, "No peer of it looks like a part of another.")


def _row(at: RuleAt, split: Split) -> Row:
    first, second = split.places
    where, what = selector_words(split.namespaces), selector_words(split.pods)
    spaces = f"namespaces with {where}" if where else "every namespace"
    message = (
        f"{at.called}: {at.direction.peers}[{first}] and [{second}] are every pod of {spaces}, or pods with "
        f"{what} of the own namespace; both in one item is what is likely meant, as "
        f"{split.why}."
    )
    path = (*at.path, at.direction.peers)
    both = {
        "namespaceSelector": selector_object(split.namespaces),
        "podSelector": selector_object(split.pods),
    }
    closes = f"This closes {at.place} for pods of {spaces} that do not have {what}."
    mend = Mend(at.at.number, (Edit((*path, first), (both,)), Edit((*path, second), ())), closes)
    grade = {} if split.sure else {"severity": int(Severity.LOW)}
    return at.row(
        Status.FAILED, message, (split.namespaces, split.pods), rule=at.peer(first), mend=mend, **grade
    )
