"""Selectors that carry the labels or the name of a Service or a workload in place of the pods'."""

from collections.abc import Iterator

import pandas as pd

from audit.checks import check
from audit.checks._corrections import Edit, Mend, Path, corrections
from audit.checks._likeness import Likeness, Objects
from audit.checks._model import Status
from audit.checks._rules import PolicyAt, Row, RuleAt, policies, rules_of
from audit.checks._subjects import of_rows
from audit.facts import Facts
from audit.policy.identities import Ints
from audit.policy.model import PodPeer
from audit.policy.words import selector_words
from audit.severity import Severity


@check(
    title="Policies select pods, not Services",
    severity=Severity.HIGH,
    subject="policy",
    needs=("pods", "services", "networkpolicies"),
    remediation=corrections,
)
def policies_select_pods_not_services(facts: Facts) -> pd.DataFrame:
    """A policy looks at the labels of pods: those of a Service or a Deployment mean nothing to it.

    A podSelector with the labels or the name of a Service selects nothing, so the policy protects nothing; a
    peer written that way lets nobody in. The Service's selector, or the labels in the Deployment's template,
    are what to write.
    """
    objects = Objects(facts)
    idle = facts.policies["pods"].to_numpy() == 0
    found = []
    for at in policies(facts):
        rows = [*_own(at, objects, idle=bool(idle[at.number])), *_peers(at, objects)]
        found += rows or [at.row(Status.PASSED, "No selector is a Service's or a workload's.")]
    return of_rows(found)


def _own(at: PolicyAt, objects: Objects, *, idle: bool) -> Iterator[Row]:
    like = objects.like(at.policy.selector, objects.own(at.number)) if idle else None
    if like is not None:
        namespaces = objects.own(at.number)
        message = (
            f"{at.called}: its podSelector {selector_words(at.policy.selector)} {like.what} and picks no "
            "pod, so the policy protects nothing."
        )
        yield at.row(
            Status.FAILED, message, **_mended(at, ("spec", "podSelector"), like, objects, namespaces)
        )


def _peers(at: PolicyAt, objects: Objects) -> Iterator[Row]:
    ends = objects.facts.cluster.engine.ends
    namespace = int(objects.own(at.number)[0])
    for rule in rules_of(at):
        for place, peer in enumerate(rule.rule.peers or ()) if rule.in_effect else ():
            if not isinstance(peer, PodPeer) or peer.pods.empty or len(ends.members(peer, namespace).ends):
                continue
            namespaces = objects.spaces(peer, namespace)
            like = objects.like(peer.pods, namespaces)
            if like is not None:
                yield _peer(rule, place, peer, like, objects, namespaces)


def _peer(  # noqa: PLR0913, PLR0917  # a place and what is there
    rule: RuleAt, place: int, peer: PodPeer, like: Likeness, objects: Objects, namespaces: Ints
) -> Row:
    message = (
        f"{rule.at.called}: the podSelector {selector_words(peer.pods)} of {rule.peer(place)} {like.what} "
        "and picks no pod, so this peer is nobody."
    )
    path = (*rule.path, rule.direction.peers, place, "podSelector")
    columns = {"rule": rule.peer(place), **_mended(rule.at, path, like, objects, namespaces)}
    return rule.row(Status.FAILED, message, peer, **columns)


def _mended(
    at: PolicyAt, path: Path, like: Likeness, objects: Objects, namespaces: Ints
) -> dict[str, object]:
    selector = objects.mend(like, namespaces)
    return {"mend": None if selector is None else Mend(at.number, (Edit(path, (selector,)),))}
