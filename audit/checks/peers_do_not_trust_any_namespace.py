"""Peers that are pods with a label, in whatever namespace."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import PEERS
from audit.checks._corrections import Edit, Mend, corrections
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._nobody import Nobodies
from audit.checks._on_purpose import PUBLISHERS, OnPurpose
from audit.checks._rules import Row, RuleAt, has_peers, judged, rules, trusts_any_namespace
from audit.facts import Facts
from audit.listing import listed
from audit.policy.identities import NOT_IN_A_NAMESPACE
from audit.policy.model import NOTHING, Direction, PodPeer
from audit.policy.selectors import NAME_LABEL
from audit.policy.words import selector_words
from audit.severity import Severity

_MOST: Final = 5
"""Namespaces that may stand in the place of all."""
_WHO: Final = {
    Direction.INGRESS: "whoever can create a pod in any namespace can give it the label and connect",
    Direction.EGRESS: "whoever can create a pod in any namespace can give it the label and be connected to",
}


@check(
    title="Peers do not trust any namespace",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("networkpolicies",),
    local=True,
    unless=PUBLISHERS,
    remediation=corrections,
    controls=PEERS,
)
def peers_do_not_trust_any_namespace(facts: Facts) -> pd.DataFrame:
    """An empty namespaceSelector beside a podSelector trusts a label, whoever put it on.

    Everyone who may create a pod in some namespace of the cluster chooses its labels: another team, or who
    got into its pipeline. The namespaces that are meant should be named. For egress less hangs on it, which
    is graded lower, and DNS alone passes.
    """
    purpose = OnPurpose(facts)
    nobodies = Nobodies(facts, Objects(facts))

    def verdict(at: RuleAt) -> Sequence[Row]:
        found = [
            (place, peer)
            for place, peer in enumerate(at.rule.peers or ())
            if isinstance(peer, PodPeer) and trusts_any_namespace(peer) and not peer.pods.empty
            if peer.pods != NOTHING
        ]
        if found and (why := purpose.why(at)):
            return [at.row(Status.PASSED, why)]
        return [_row(facts, nobodies, at, place, peer) for place, peer in found]

    return judged(facts, rules(facts, has_peers), verdict, "It names the namespaces of its peers.")


def _row(facts: Facts, nobodies: Nobodies, at: RuleAt, place: int, peer: PodPeer) -> Row:
    home = int(facts.cluster.namespace_of_policy[at.at.number])
    ends = facts.cluster.engine.ends
    numbers = np.unique(ends.namespace[ends.members(peer, home).ends])
    names = [facts.cluster.namespaces[n] for n in numbers.tolist() if n != NOT_IN_A_NAMESPACE]
    if not names and nobodies.why(peer, home).severity is not None:
        return at.row(Status.NOT_APPLICABLE, "See peers-match-something.")
    now = f" Such pods are in {listed(names, _MOST)} now." if names else " No pod has it now."
    message = (
        f"{at.called}: {at.direction.peers}[{place}] is pods with {selector_words(peer.pods)} in any "
        f"namespace, so {_WHO[at.direction]}.{now}"
    )
    grade = {"severity": int(Severity.LOW)} if at.direction is Direction.EGRESS else {}
    mend = _mend(at, place, names)
    return at.row(
        Status.FAILED, message, peer, rule=at.peer(place), mend=mend, stands=OnPurpose.never(at), **grade
    )


def _mend(at: RuleAt, place: int, names: Sequence[str]) -> Mend | None:
    """The namespaces that have such pods in the place of all, where they are few."""
    if not 0 < len(names) <= _MOST:
        return None
    selector: dict[str, object] = (
        {"matchLabels": {NAME_LABEL: names[0]}}
        if len(names) == 1
        else {"matchExpressions": [{"key": NAME_LABEL, "operator": "In", "values": list(names)}]}
    )
    path = (*at.path, at.direction.peers, place, "namespaceSelector")
    closes = f"This closes no connection of today; pods of other namespaces than {listed(names)} stay closed."
    return Mend(at.at.number, (Edit(path, (selector,)),), closes)
