"""Rules that allow more than is meant, and the check that says so."""

from typing import Final

from audit.checks._allow_all import undone
from audit.checks._cidrs import Broad
from audit.checks._likeness import Objects
from audit.checks._model import Status
from audit.checks._on_purpose import OnPurpose
from audit.checks._rules import RuleAt, has_blocks, has_peers, is_everyone, trusts_any_namespace
from audit.checks._split import Splits
from audit.exposure.default_deny import is_whole
from audit.facts import Facts
from audit.policy.model import Direction, PortSpan, Rule

_CIDRS: Final = {d: f"{d}-cidrs-are-narrow" for d in Direction}


class Breadth:
    """The rules of one cluster that a check finds too broad."""

    def __init__(self, facts: Facts) -> None:
        """What is not worked out for all rules at once is when it is asked for."""
        self._undoing = {rule.key for each in undone(facts) for rule in each.rules}
        self._purposes = OnPurpose(facts)
        self._splits = Splits(facts, Objects(facts))
        self._blocks = {direction: Broad(facts, direction) for direction in Direction}
        self._known: dict[tuple[int, Direction, int], str] = {}

    def owner(self, at: RuleAt) -> str:
        """The check that finds this rule too broad; empty if none does."""
        if at.key not in self._known:
            self._known[at.key] = self._work_out(at)
        return self._known[at.key]

    def _work_out(self, at: RuleAt) -> str:
        peers = at.rule.peers
        if at.key in self._undoing:
            return "allow-all-does-not-undo-default-deny"
        if has_peers(at.rule) and self._splits.of(at):
            return "peers-are-not-split"
        if not self._purposes.why_open(at):
            if peers is None or any(map(is_everyone, peers)):
                return "rules-name-their-peers"
            if any(map(trusts_any_namespace, peers)):
                return "peers-do-not-trust-any-namespace"
        if has_blocks(at.rule) and self._blocks[at.direction].verdict(at)[0] is Status.FAILED:
            return _CIDRS[at.direction]
        return "rules-name-their-ports" if undoing_entries(at.rule) else ""


def undoing_entries(rule: Rule) -> list[tuple[int, list[int]]]:
    """Entries that open all of a protocol, each with the places of those of the protocol that have a port."""
    ports = rule.ports or ()
    whole = [place for place, port in enumerate(ports) if isinstance(port, PortSpan) and is_whole(port)]
    named = [place for place in range(len(ports)) if place not in whole]
    return [
        (place, [n for n in named if ports[n].protocol == ports[place].protocol]) for place in whole if named
    ]
