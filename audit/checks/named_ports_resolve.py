"""Rules with a port name that no pod has at which it is looked up."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import NEEDED
from audit.checks._corrections import Edit, Mend, corrections
from audit.checks._likeness import one_letter_off
from audit.checks._model import Status
from audit.checks._protocols import Protocols
from audit.checks._rules import Row, RuleAt, has_ports, judged, rules
from audit.checks._service_ports import ServicePorts
from audit.facts import Facts
from audit.listing import listed
from audit.policy.addresses import Block
from audit.policy.identities import Ints
from audit.policy.model import Direction, NamedPort, PortSpan, Rule
from audit.policy.words import port_words
from audit.severity import Severity


@check(
    title="Named ports resolve",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("pods", "networkpolicies"),
    also=("namespaces",),
    remediation=corrections,
    controls=NEEDED,
)
def named_ports_resolve(facts: Facts) -> pd.DataFrame:
    """A port name is looked up among the container ports of the pod that is connected to.

    For ingress that is the pod that the policy selects, for egress the peer. Where none of them has a port of
    that name and protocol the entry opens nothing. Addresses have no names of ports, and nor have pods in
    their node's network. A number needs no name, but for a protocol other than the one for which the pods
    declare it, it is as idle.
    """
    services = ServicePorts(facts)
    names, protocols = _Names(facts, services), Protocols(facts, services)
    slips = {
        at.key: found for at in rules(facts, has_ports) if at.in_effect and (found := protocols.slips(at))
    }

    def verdict(at: RuleAt) -> Sequence[Row]:
        named = names.rows(at) if _has_names(at.rule) else ()
        return [*named, *(_slip(at, place, meant) for place, meant in slips.get(at.key, {}).items())]

    subjects = (at for at in rules(facts, has_ports) if at.key in slips or _has_names(at.rule))
    return judged(facts, subjects, verdict, "Its port names are those of pods.")


def _has_names(rule: Rule) -> bool:
    return any(isinstance(port, NamedPort) for port in rule.ports or ())


class _Names:
    """The port names of one cluster's pods."""

    def __init__(self, facts: Facts, services: ServicePorts) -> None:
        self._services = services
        self._engine = facts.cluster.engine
        rows = facts.snapshot["ports"]
        rows = rows[(rows["name"] != "").to_numpy()]
        self._of_set: dict[int, set[tuple[str, str]]] = {}
        columns = (rows[c].tolist() for c in ("set", "name", "protocol"))
        for number, name, protocol in zip(*columns, strict=True):
            self._of_set.setdefault(number, set()).add((name, protocol))
        self._known: dict[bytes, frozenset[tuple[str, str]]] = {}

    def rows(self, at: RuleAt) -> Iterator[Row]:
        """A row for each entry that names a port which nobody has; one alone where there is nobody at all."""
        ends = self._ends(at)
        if not len(ends):
            egress = at.direction is Direction.EGRESS
            see = "peers-match-something" if egress else "policies-select-something"
            yield at.row(Status.NOT_APPLICABLE, f"There is no pod that could have the port: see {see}.")
            return
        have = self._names(ends)
        for place, entry in enumerate(at.rule.ports or ()):
            if not isinstance(entry, NamedPort) or (entry.name, entry.protocol) in have:
                continue
            if self._services.misses(at, entry).mistakes:
                yield at.row(Status.NOT_APPLICABLE, "See rules-use-pod-ports-not-service-ports.")
            else:
                yield _row(at, place, entry, have)

    def _ends(self, at: RuleAt) -> Ints:
        """The ends at which the rule's ports are."""
        if at.direction is Direction.INGRESS:
            return self._engine.selected[at.at.number]
        home = int(self._engine.namespaces[at.at.number])
        peers = (None,) if at.rule.peers is None else at.rule.peers
        found = [self._engine.ends.members(peer, home).ends for peer in peers]
        return np.unique(np.concatenate(found)) if len(found) > 1 else found[0]

    def _names(self, ends: Ints) -> frozenset[tuple[str, str]]:
        """Name and protocol of all ports that some of these ends have."""
        sets = np.unique(self._engine.ends.ports[ends])
        key = sets.tobytes()
        if key not in self._known:
            each = (self._of_set.get(number, set()) for number in sets.tolist())
            self._known[key] = frozenset().union(*each)
        return self._known[key]


def _row(at: RuleAt, place: int, entry: NamedPort, have: frozenset[tuple[str, str]]) -> Row:
    whose = "that this policy selects" if at.direction is Direction.INGRESS else "that it names as peer"
    why, right = _cause(at, entry, have)
    mend = None
    if right is not None:
        name, protocol = right
        path = (*at.path, "ports", place)
        mend = Mend(at.at.number, (Edit(path, ({"protocol": protocol, "port": name},)),))
    message = (
        f"{at.called}: ports[{place}] is {entry.protocol} {entry.name}, and no pod {whose} has a port of "
        f"that name, so it opens nothing.{why}"
    )
    return at.row(Status.FAILED, message, entry, rule=f"{at.place}.ports[{place}]", mend=mend)


def _slip(at: RuleAt, place: int, meant: Sequence[str]) -> Row:
    """An entry with a number that the pods have for other protocols."""
    entry = (at.rule.ports or ())[place]
    called = port_words(entry)
    whose = "that this policy selects" if at.direction is Direction.INGRESS else "that it names as peer"
    again = entry in (at.rule.ports or ())[:place]
    have = f"and pods {whose} have that number as {listed(meant)}"
    message = f"{at.called}: ports[{place}] is {called}" + (
        f" once more, {have} too, for which no rule names it."
        if again
        else f", {have} alone, so it does not open what it means to."
    )
    mend = None
    if len(meant) == 1 and isinstance(entry, PortSpan):
        right = {"protocol": meant[0], "port": entry.first}
        closes = "" if again else f"This closes {called} for {at.place}, which no pod there is seen to have."
        mend = Mend(at.at.number, (Edit((*at.path, "ports", place), (right,)),), closes)
    return at.row(Status.FAILED, message, entry, rule=f"{at.place}.ports[{place}]", mend=mend)


def _cause(
    at: RuleAt, entry: NamedPort, have: frozenset[tuple[str, str]]
) -> tuple[str, tuple[str, str] | None]:
    """The likely cause as a sentence, and the name and protocol that were meant where they are clear."""
    others = sorted(protocol for name, protocol in have if name == entry.name)
    if others:
        return f" They have it as {listed(others)}.", (entry.name, others[0])
    near = sorted(n for n, p in have if p == entry.protocol and one_letter_off(n, entry.name))
    if near:
        told = f" It is one letter off {listed(near)}, which they have."
        return told, (near[0], entry.protocol) if len(near) == 1 else None
    if have:
        return f" Theirs are {listed(sorted({name for name, _ in have}))}.", None
    peers = at.rule.peers or ()
    if at.direction is Direction.EGRESS and peers and all(isinstance(peer, Block) for peer in peers):
        return " An address has no names of ports: write the number.", None
    return " They name none: write the number.", None
