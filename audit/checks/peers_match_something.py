"""Peers that stand for nobody."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd

from audit.checks import check
from audit.checks._controls import SELECTORS
from audit.checks._corrections import Edit, Mend, corrections, selector_object
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._nobody import Key, Nobodies, Nobody
from audit.checks._rules import Row, RuleAt, has_peers, judged, rules
from audit.checks._split import Splits
from audit.checks._subjects import counted
from audit.facts import Facts
from audit.policy.model import PodPeer
from audit.policy.words import peer_words
from audit.severity import Severity

_MOST: Final = 50
"""Policies that one finding offers to mend."""
_ELSEWHERE: Final = Nobody("See peers-are-not-split.", None, ("split", None, None))


class _Dead(NamedTuple):
    """A peer that is nobody, and why."""

    rule: RuleAt
    place: int
    peer: PodPeer
    nobody: Nobody
    severity: Severity | None
    """In its rule; None if it is no mistake."""


@check(
    title="Peers match something",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("pods", "networkpolicies"),
    also=("namespaces",),
    remediation=corrections,
    controls=SELECTORS,
)
def peers_match_something(facts: Facts) -> pd.DataFrame:
    """A peer that matches no namespace or no pod lets nobody in, or out to nobody.

    Most often a namespace lacks the label that the selector asks for, such as `name`: its name is in
    `kubernetes.io/metadata.name`. Or a label has a letter wrong. Where pods are yet to be made, or other
    peers of the rule are somebody, it is graded lower. What several rules share is one finding, at the first.
    """
    found = list(rules(facts, has_peers))
    dead = _dead(facts, found)
    causes: dict[Key, list[_Dead]] = {}
    for each in dead.values():
        for one in each:
            if one.severity is not None:
                causes.setdefault(one.nobody.key, []).append(one)

    def verdict(at: RuleAt) -> Sequence[Row]:
        mine = dead.get(at.key, ())
        wrong = [one for one in mine if one.severity is not None]
        firsts = [one for one in wrong if causes[one.nobody.key][0] is one]
        if firsts:
            return [_failed(one, causes[one.nobody.key]) for one in firsts]
        if wrong:
            first = causes[wrong[0].nobody.key][0]
            see = f"{first.rule.at.called}, {first.rule.peer(first.place)}"
            return [at.row(Status.NOT_APPLICABLE, f"It is a part of one finding, at {see}.")]
        if not mine:
            return ()
        status = Status.NOT_APPLICABLE if len(mine) == len(at.rule.peers or ()) else Status.PASSED
        told = mine[0].nobody.text
        return [at.row(status, told, note=status is Status.PASSED and not told.startswith("See "))]

    return judged(facts, found, verdict, "Its peers are somebody.")


def _dead(facts: Facts, wanted: Sequence[RuleAt]) -> dict[tuple[object, ...], list[_Dead]]:
    """The peers that are nobody, by the keys of their rules."""
    objects = Objects(facts)
    nobodies, splits = Nobodies(facts, objects), Splits(facts, objects)
    homes = facts.cluster.namespace_of_policy.tolist()
    ends = facts.cluster.engine.ends
    found: dict[tuple[object, ...], list[_Dead]] = {}
    for at in wanted:
        home, peers = homes[at.at.number], at.rule.peers or ()
        places = [
            place
            for place, peer in enumerate(peers)
            if isinstance(peer, PodPeer) and not len(ends.members(peer, home).ends)
        ]
        if not places or not at.in_effect:
            continue
        split = {place for each in splits.of(at) for place in each.places}
        for place in places:
            peer = peers[place]
            if isinstance(peer, PodPeer):
                nobody = _ELSEWHERE if place in split else nobodies.why(peer, home)
                grade = _grade(nobody, others=len(places) < len(peers))
                found.setdefault(at.key, []).append(_Dead(at, place, peer, nobody, grade))
    return found


def _grade(nobody: Nobody, *, others: bool) -> Severity | None:
    """How grave it is in a rule: less so where there are other peers, unless it is clear what is meant."""
    if nobody.severity is None or nobody.meant is not None or not others:
        return nobody.severity
    return Severity.LOW


def _failed(first: _Dead, same: Sequence[_Dead]) -> Row:
    at = first.rule
    message = (
        f"{at.called}: {at.direction.peers}[{first.place}] ({peer_words(first.peer)}) is nobody. "
        f"{first.nobody.text}{_more(same)}"
    )
    mends = tuple(mend for dead in same if (mend := _mend(dead)) is not None)
    offered = bool(mends) and len({mend.number for mend in mends}) <= _MOST
    return at.row(
        Status.FAILED,
        message,
        first.peer,
        rule=at.peer(first.place),
        severity=int(max(dead.severity for dead in same if dead.severity is not None)),
        mend=mends if offered else None,
    )


def _more(same: Sequence[_Dead]) -> str:
    """How many more peers the same is wrong with, as a sentence behind a blank."""
    if len(same) == 1:
        return ""
    policies = {dead.rule.at.number for dead in same}
    namespaces = {dead.rule.at.policy.namespace for dead in same}
    within = f" of {counted(len(policies), 'policy')}" if len(policies) > 1 else ""
    where = f" in {counted(len(namespaces), 'namespace')}" if len(namespaces) > 1 else ""
    return f" It is the same with {counted(len(same) - 1, 'more peer')}, in all{within}{where}."


def _mend(dead: _Dead) -> Mend | None:
    """The peer that is meant in its place."""
    meant = dead.nobody.meant
    if meant is None:
        return None
    path = (*dead.rule.path, dead.rule.direction.peers, dead.place)
    edits = []
    if meant.namespaces is not None and meant.namespaces != dead.peer.namespaces:
        edits.append(Edit((*path, "namespaceSelector"), (selector_object(meant.namespaces),)))
    if meant.pods != dead.peer.pods:
        edits.append(Edit((*path, "podSelector"), (selector_object(meant.pods),)))
    return Mend(dead.rule.at.number, tuple(edits))
