"""Selectors that carry the labels or the name of a Service or a workload in place of the pods'."""

from collections.abc import Iterator

import pandas as pd

from audit.checks import check
from audit.checks._controls import SELECTORS
from audit.checks._corrections import Edit, Mend, Path, corrections, what_selecting_closes
from audit.checks._likeness import Likeness, Objects
from audit.checks._model import WORKLOADS, Status
from audit.checks._rules import PolicyAt, Row, RuleAt, has_peers, policies, rules, with_passed
from audit.facts import Facts
from audit.policy.ends import Ends
from audit.policy.model import PodPeer
from audit.policy.words import selector_words
from audit.severity import Severity


@check(
    title="Policies select pods, not Services",
    severity=Severity.HIGH,
    subject="policy",
    needs=("pods", "services", "networkpolicies"),
    also=("namespaces", *WORKLOADS),
    remediation=corrections,
    controls=SELECTORS,
)
def policies_select_pods_not_services(facts: Facts) -> pd.DataFrame:
    """A policy looks at the labels of pods: those of a Service or a Deployment mean nothing to it.

    A podSelector with the labels or the name of a Service selects nothing, so the policy protects nothing; a
    peer written that way lets nobody in. The Service's selector, or the labels in the Deployment's template,
    are what to write.
    """
    objects = Objects(facts)
    idle = (facts.policies["pods"] == 0).tolist()
    namespaces = facts.cluster.namespace_of_policy.tolist()
    ends = facts.cluster.engine.ends
    found = [
        (at.number, row)
        for at in policies(facts)
        if idle[at.number]
        for row in _own(at, namespaces[at.number], objects)
    ]
    found += [
        (rule.at.number, row)
        for rule in rules(facts, has_peers)
        if rule.in_effect
        for row in _peers(rule, namespaces[rule.at.number], objects, ends)
    ]
    wrong = {number for number, _ in found}
    sentence = "No selector is a Service's or a workload's."
    return with_passed(facts, [row for _, row in found], wrong, sentence)


def _own(at: PolicyAt, namespace: int, objects: Objects) -> Iterator[Row]:
    like = objects.like(at.policy.selector, namespace)
    if like is not None:
        message = (
            f"{at.called}: its podSelector {selector_words(at.policy.selector)} {like.what} and picks no "
            "pod, so the policy protects nothing."
        )
        selector = objects.mend(like, namespace)
        mend = _mend(at, ("spec", "podSelector"), selector, what_selecting_closes(at.policy))
        yield at.row(Status.FAILED, message, mend=mend)


def _peers(rule: RuleAt, namespace: int, objects: Objects, ends: Ends) -> Iterator[Row]:
    for place, peer in enumerate(rule.rule.peers or ()):
        if isinstance(peer, PodPeer) and not peer.pods.empty and not len(ends.members(peer, namespace).ends):
            where = namespace if peer.namespaces is None else peer.namespaces
            like = objects.like(peer.pods, where)
            if like is not None:
                yield _peer(rule, place, like, objects.mend(like, where))


def _peer(rule: RuleAt, place: int, like: Likeness, selector: dict[str, object] | None) -> Row:
    peer = (rule.rule.peers or ())[place]
    written = selector_words(peer.pods) if isinstance(peer, PodPeer) else ""
    message = (
        f"{rule.at.called}: the podSelector {written} of {rule.peer(place)} {like.what} and picks no pod, "
        "so this peer is nobody."
    )
    mend = _mend(rule.at, (*rule.path, rule.direction.peers, place, "podSelector"), selector)
    return rule.row(Status.FAILED, message, peer, rule=rule.peer(place), mend=mend)


def _mend(at: PolicyAt, path: Path, selector: dict[str, object] | None, closes: str = "") -> Mend | None:
    return None if selector is None else Mend(at.number, (Edit(path, (selector,)),), closes)
