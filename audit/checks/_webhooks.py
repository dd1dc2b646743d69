"""Rules for webhooks alone: the API server calls these, and no selector matches it."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from audit.checks._rules import RuleAt
from audit.checks._service_ports import ServicePorts
from audit.exposure.services import selectors_of
from audit.facts import Facts
from audit.policy.model import Direction, NamedPort, Policy, Port, Selector
from audit.policy.selectors import implies

Declared: TypeAlias = frozenset[tuple[str, str, int]]
"""Name, protocol and number of ports."""

_CALLED: Final = "the API server calls those of admission, and no selector matches it."
_WEBHOOK: Final = re.compile(r"(?<![a-z])webhooks?(?![a-z])", re.IGNORECASE)


class Webhooks:
    """The webhooks of one cluster, as far as names of Services tell."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out before it is asked for."""
        self._facts = facts

    def why(self, at: RuleAt) -> str:
        """What shows that it is for webhooks alone, if anything does.

        The API server calls those of admission, from an address that is no pod's, so that no selector matches
        it. Which Services it calls is in objects that are not read: it is told by the name of a Service that
        selects all pods for which the policy is, or of one of its ports.
        """
        if at.direction is Direction.EGRESS or at.rule.peers is not None:
            return ""
        over = self._over(at.at.policy)
        if not over:
            return ""
        declared = self._services.declared(at)
        numbers = _numbers(at.rule.ports or (), declared)
        own = {number for row in over for number in self._sent_to(row, declared)}
        # ports beside its own that no pod declares are as likely those of an earlier version
        if not numbers & own or numbers & {number for _, _, number in declared} - own:
            return ""
        if any(p.service not in over for number in numbers for p in self._services.sending(at, number)):
            return ""
        service = self._facts.snapshot["services"].iloc[over[0]]
        by = "the name" if _WEBHOOK.search(service["name"]) else "a port's name"
        return f"Webhooks alone, by {by} of Service {service['namespace']}/{service['name']}: {_CALLED}"

    def _over(self, policy: Policy) -> list[int]:
        """The rows of webhooks' Services that select whatever pods the policy selects."""
        found = self._webhooks_of.get(policy.namespace, ())
        return [row for row, selector in found if implies(policy.selector, selector)]

    def _sent_to(self, service: int, declared: Declared) -> Iterator[int]:
        """Where the ports of a Service are sent to; its own number where no pod has the name."""
        ports = self._facts.snapshot["service_ports"]
        ports = ports[ports["service"] == service]
        columns = (ports[c].tolist() for c in ("protocol", "port", "target"))
        for protocol, number, target in zip(*columns, strict=True):
            named = [n for name, p, n in declared if (name, p) == (target, protocol)]
            yield from [int(target)] if target.isdecimal() else named or [number]

    @cached_property
    def _services(self) -> ServicePorts:
        return ServicePorts(self._facts)

    @cached_property
    def _webhooks_of(self) -> dict[str, list[tuple[int, Selector]]]:
        """By namespace the rows of Services that are of webhooks by a name of theirs, and their selectors."""
        services = self._facts.snapshot["services"]
        ports = self._facts.snapshot["service_ports"]
        columns = (ports[c].astype("str").tolist() for c in ("name", "target"))
        called = [bool(_WEBHOOK.search(f"{name} {target}")) for name, target in zip(*columns, strict=True)]
        by_port = set(ports.loc[called, "service"].tolist())
        rows = [
            row
            for row, name in enumerate(services["name"].tolist())
            if row in by_port or _WEBHOOK.search(name)
        ]
        chosen = services.iloc[rows]
        selectors = selectors_of(self._facts.snapshot["labels"], chosen["selector"].tolist())
        found: dict[str, list[tuple[int, Selector]]] = {}
        for row, namespace, selector in zip(rows, chosen["namespace"].tolist(), selectors, strict=True):
            if selector is not None:
                found.setdefault(namespace, []).append((row, selector))
        return found


def _numbers(ports: Sequence[Port], declared: Declared) -> set[int]:
    """The numbers of entries, if each is of some alone, by number or by name; else none."""
    found: set[int] = set()
    for entry in ports:
        if isinstance(entry, NamedPort):
            mine = {n for name, protocol, n in declared if (name, protocol) == (entry.name, entry.protocol)}
        else:
            mine = {entry.first} if entry.first == entry.last else set()
        if not mine:
            return set()
        found |= mine
    return found
