"""Numbers of ports that a rule names for another protocol than the one for which its pods have them."""

from functools import cached_property

from audit.checks import _dns
from audit.checks._rules import RuleAt
from audit.checks._service_ports import ServicePorts
from audit.exposure.default_deny import is_whole
from audit.facts import Facts
from audit.policy.addresses import Block
from audit.policy.model import Direction, Policy, Port, PortSpan


class Protocols:
    """The slips among the rules of one cluster.

    A number that no pod declares may be right all the same. It is told where pods have that very number, for
    another protocol alone, and no rule beside it names it for that one; or where the rule names it twice.
    """

    def __init__(self, facts: Facts, services: ServicePorts) -> None:
        """Nothing is worked out before it is asked for."""
        self._facts = facts
        self._services = services

    def slips(self, at: RuleAt) -> dict[int, list[str]]:
        """The places of entries that name the wrong protocol, and those for which pods have the number."""
        found = {}
        for place, entry in enumerate(at.rule.ports or ()):
            if isinstance(entry, PortSpan) and entry.first == entry.last and self._may_be(at, entry):
                meant = self._meant(at, entry, place)
                if meant:
                    found[place] = meant
        return found

    def _may_be(self, at: RuleAt, entry: PortSpan) -> bool:
        """Whether anybody has the number for another protocol, and the rule is about pods alone."""
        if not self._services.protocols(entry.first) - {entry.protocol}:
            return False
        if at.direction is Direction.INGRESS:
            return True
        # addresses outside declare nothing; DNS is looked at workload by workload
        named = at.rule.peers is not None and not any(isinstance(peer, Block) for peer in at.rule.peers)
        return named and entry.first not in _dns.PORTS

    def _meant(self, at: RuleAt, entry: PortSpan, place: int) -> list[str]:
        have = {protocol for _, protocol, number in self._services.declared(at) if number == entry.first}
        have |= {port.protocol for port in self._services.sending(at, entry.first)}
        twice = entry in (at.rule.ports or ())[:place]
        if (entry.protocol in have and not twice) or self._services.misses(at, entry).mistakes:
            return []
        return sorted(have - {entry.protocol} - self._named(at, entry.first))

    def _named(self, at: RuleAt, number: int) -> set[str]:
        """The protocols for which rules of the namespace name that number."""
        declared = self._services.declared(at)

        def names(entry: Port) -> bool:
            if isinstance(entry, PortSpan):
                return entry.first <= number <= entry.last and not is_whole(entry)
            return (entry.name, entry.protocol, number) in declared

        return {
            entry.protocol
            for policy in self._policies[at.at.policy.namespace]
            for rule in policy.rules(at.direction) or ()
            for entry in rule.ports or ()
            if names(entry)
        }

    @cached_property
    def _policies(self) -> dict[str, list[Policy]]:
        found: dict[str, list[Policy]] = {}
        for policy in self._facts.cluster.policies:
            found.setdefault(policy.namespace, []).append(policy)
        return found
