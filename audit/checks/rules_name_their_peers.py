"""Rules that let everyone in, or out to everyone."""

from collections.abc import Sequence

import pandas as pd

from audit.checks import check
from audit.checks._allow_all import undone
from audit.checks._controls import PEERS
from audit.checks._corrections import Edit, Mend, corrections
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._on_purpose import PUBLISHERS, OnPurpose
from audit.checks._rules import Row, RuleAt, every, is_everyone, judged, rules
from audit.checks._split import Splits
from audit.checks._words import DESTINATIONS, SOURCES
from audit.facts import Facts
from audit.policy.model import Direction, PodPeer
from audit.policy.words import ports_words
from audit.severity import Severity

_ADDRESSES = " and every address"
_LETS = {Direction.INGRESS: "may connect", Direction.EGRESS: "may be connected to"}


@check(
    title="Rules name their peers",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("networkpolicies",),
    local=True,
    unless=PUBLISHERS,
    remediation=corrections,
    controls=PEERS,
)
def rules_name_their_peers(facts: Facts) -> pd.DataFrame:
    """A rule without `from` or `to` is for everyone, and an empty namespaceSelector is every pod there is.

    Such a rule limits ports alone: whoever gets a foothold in any namespace, or outside, may use them. Often
    it is what a template left when nothing was filled in. DNS alone may be open to all, in either direction.
    So may be what a Service, an Ingress or a Gateway publishes of the very pods that the policy selects, and
    webhooks, which the API server calls, that no selector matches.
    """
    told = {rule.key for each in undone(facts) for rule in each.rules}
    splits = Splits(facts, Objects(facts))

    purpose = OnPurpose(facts)

    def verdict(at: RuleAt) -> Sequence[Row]:
        everyone = [place for place, peer in enumerate(at.rule.peers or ()) if is_everyone(peer)]
        if at.rule.peers is not None and not everyone:
            return ()
        if at.refused:
            return [at.row(Status.NOT_APPLICABLE, "It is not valid: see policies-are-well-formed.")]
        if why := purpose.why(at):
            return [at.row(Status.PASSED, why)]
        if at.key in told:
            return [at.row(Status.NOT_APPLICABLE, "See allow-all-does-not-undo-default-deny.")]
        if everyone and {p for split in splits.of(at) for p in split.places} >= set(everyone):
            return [at.row(Status.NOT_APPLICABLE, "See peers-are-not-split.")]
        return [_everyone(at, everyone)]

    return judged(facts, rules(facts, every), verdict, "It names its peers.")


def _everyone(at: RuleAt, places: Sequence[int]) -> Row:
    ports = "on every port" if at.rule.ports is None else f"on {ports_words(at.rule.ports)}"
    lets = _LETS[at.direction]
    more: Row = {"mend": _mend(at, places), "stands": OnPurpose.never(at)}
    if not places:
        whom = DESTINATIONS if at.direction is Direction.EGRESS else SOURCES + _ADDRESSES
        message = (
            f"{at.called}: it has no `{at.direction.peers}`, so {whom} {lets}, {ports}. Name who has to."
        )
        return at.row(Status.FAILED, message, **more)
    peer = (at.rule.peers or ())[places[0]]
    written = isinstance(peer, PodPeer) and peer.namespaces is not None and not peer.namespaces.empty
    what = "a namespaceSelector that selects every namespace" if written else "an empty namespaceSelector"
    message = (
        f"{at.called}: {at.direction.peers}[{places[0]}] is {what} and nothing else, so {SOURCES} {lets}, "
        f"{ports}. Name who has to."
    )
    return at.row(Status.FAILED, message, rule=at.peer(places[0]), **more)


def _mend(at: RuleAt, places: Sequence[int]) -> Mend | None:
    """The pods of the own namespace in everyone's place; where a rule lets out to, nobody can tell whom."""
    if at.direction is Direction.EGRESS:
        return None
    own: dict[str, object] = {"podSelector": {}}
    path = (*at.path, at.direction.peers)
    edits = tuple(Edit((*path, place), (own,)) for place in places) or (Edit(path, ([own],)),)
    outside = "" if places else " and for addresses outside"
    closes = (
        f"This closes {at.place} for pods of other namespaces{outside}, but for those that other peers and "
        "rules name: add who else has to connect."
    )
    return Mend(at.at.number, edits, closes)
