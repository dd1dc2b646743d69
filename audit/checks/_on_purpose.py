"""Rules that are open to everyone on purpose: the one place that says why a rule may be."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np

from audit.checks import _dns
from audit.checks._rules import RuleAt
from audit.checks._webhooks import Webhooks
from audit.collect.kinds import KEPT_KINDS
from audit.exposure.backends import Via
from audit.exposure.container_ports import numbers
from audit.facts import Facts
from audit.listing import listed
from audit.policy.identities import Ints
from audit.policy.model import Direction, NamedPort, Port, Rule

_DNS: Final = {
    Direction.INGRESS: "DNS alone, which everyone has to ask.",
    Direction.EGRESS: "DNS alone, which every pod needs; name its servers to close it for others.",
}
_PUBLISHING: Final = (Via.LOAD_BALANCER, Via.NODE_PORT, Via.INGRESS, Via.GATEWAY)
PUBLISHERS: Final = (
    "pods",
    "services",
    *sorted({kept.plural for kept in KEPT_KINDS.values() if kept.table in ("ingresses", "routes")}),
)
"""Kinds whose objects say what is published."""
EXPOSING: Final = ("endpointslices", *PUBLISHERS)
"""Kinds whose objects say what can be reached from outside."""
_MOST_PORTS: Final = 16
"""A range of more is not taken for ports that are published one by one."""
_MOST_NAMED: Final = 2
_NOT_PUBLISHED: Final = -1

_Key = tuple[str, int]
"""Protocol and number of a port of pods."""


class OnPurpose:
    """What of one cluster is open on purpose."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out yet."""
        self._facts = facts
        self._webhooks = Webhooks(facts)
        self._pods: dict[int, Ints] = {}

    def why(self, at: RuleAt) -> str:
        """Why it is no mistake that this rule is open to everyone, as a sentence; empty if it is one."""
        ports = at.rule.ports or ()
        if not ports:
            return ""
        if is_dns(at.rule):
            return _DNS[at.direction]
        if at.direction is Direction.EGRESS:
            return ""
        return self._published(at, ports) or self._webhooks.why(at)

    @staticmethod
    def never(at: RuleAt) -> bool:
        """Whether no object of PUBLISHERS could be why: they are about single ports, and what comes in."""
        return at.direction is Direction.EGRESS or not at.rule.ports

    def _published(self, at: RuleAt, ports: tuple[Port, ...]) -> str:
        """Who publishes each port that the rule opens, of each pod that it opens it of."""
        if not self._by_port:
            return ""
        pods = self._pods_of(at.at.number)
        by: dict[str, None] = {}
        for entry in ports:
            for key, having in self._opened(entry, pods):
                if key not in self._by_port:
                    return ""
                found = self._by_port[key][having]
                if (found == _NOT_PUBLISHED).any():
                    return ""
                by.update((self._facts.ways[number].called, None) for number in np.unique(found).tolist())
        return f"Published by {listed(list(by), _MOST_NAMED)}." if by else ""

    def _opened(self, entry: Port, pods: Ints) -> Iterator[tuple[_Key, Ints]]:
        """The ports that an entry opens, each with the pods of which it is one."""
        if isinstance(entry, NamedPort):
            for declared, having in self._facts.container_ports.by_set(pods):
                for number in numbers(declared, entry.name, entry.protocol):
                    yield (entry.protocol, number), having
        elif len(pods):
            last = min(entry.last, entry.first + _MOST_PORTS)
            for number in range(entry.first, last + 1):
                yield (entry.protocol, number), pods

    def _pods_of(self, policy: int) -> Ints:
        """The pods that a policy selects."""
        if policy not in self._pods:
            cluster = self._facts.cluster
            self._pods[policy] = cluster.pods_of(cluster.engine.selected[policy])
        return self._pods[policy]

    @cached_property
    def _by_port(self) -> dict[_Key, Ints]:
        """For each port that is published the first way in to it, by number, or none, of each pod."""
        found: dict[_Key, Ints] = {}
        for number, way in enumerate(self._facts.ways):
            if way.via in _PUBLISHING:
                none = np.full(len(self._facts.pods), _NOT_PUBLISHED)
                first = found.setdefault((way.protocol, way.port), none)
                first[way.pods] = np.where(first[way.pods] == _NOT_PUBLISHED, number, first[way.pods])
        return found


def is_dns(rule: Rule) -> bool:
    """Whether it opens DNS and nothing else."""
    return bool(rule.ports) and all(map(_is_dns, rule.ports or ()))


def _is_dns(entry: Port) -> bool:
    if entry.protocol not in _dns.PROTOCOLS:
        return False
    if isinstance(entry, NamedPort):
        return entry.name in _dns.NAMES
    return entry.first == entry.last and entry.first in _dns.PORTS
