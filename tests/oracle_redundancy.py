"""Whether other rules allow all that a rule allows, cell by cell.

The parts are those of the oracle. What a rule allows is judged at the end that its policy selects: with pods
by their labels alone (an end without an address), with addresses by blocks alone, whatever pod has them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.oracle import Cluster, End, Pod, peers, pod_selector, port_matches, ports_match, rules
from tests.oracle_metrics import interesting_ports
from tests.oracle_values import Address, Object, mapping, name, namespace, selects, sequence

NAMELESS = Pod({"metadata": {"name": "", "namespace": ""}, "spec": {"hostNetwork": True}})
"""An end that only everyone is: on a node whose address is not known."""


class Rule(NamedTuple):
    policy: Object
    direction: str
    index: int

    @property
    def written(self) -> Object:
        return rules(self.policy, self.direction)[self.index]

    @property
    def id(self) -> str:
        at = f"{self.direction.lower()}[{self.index}]"
        return f"{namespace(self.policy)}/{name(self.policy)} {at}"


class Redundancy:
    """One cluster's rules against each other; `addresses` are outside, one at least between any two cuts."""

    def __init__(self, cluster: Cluster, addresses: Iterable[Address]):
        self.cluster = cluster
        self.ports = interesting_ports(cluster)
        self.addresses = list(addresses)
        self.rules = [
            Rule(policy, direction, index)
            for policy in cluster.policies
            for direction in ("Ingress", "Egress")
            for index in range(len(rules(policy, direction)))
        ]

    def pods(self, rule: Rule) -> list[Pod]:
        return [p for p in self.cluster.pods if self._holds(rule, p)]

    def idle(self, rule: Rule) -> bool:
        """Whether the rule allows nothing: nobody to hold for, nobody to name, or no port."""
        return not any(self._opened(rule, peer, entry) for peer in _peers(rule) for entry in _ports(rule))

    def idle_in_part(self, rule: Rule) -> bool:
        """Whether one of its peers or ports is nothing."""
        peers_are = [bool(self._ends(rule, peer)) for peer in _peers(rule)]
        ports_are = [any(self._opened(rule, p, entry) for p in _peers(rule)) for entry in _ports(rule)]
        return not all(peers_are + ports_are)

    def covered(self, rule: Rule, others: Iterable[Rule]) -> bool:
        """Whether the others allow as much at each pod for which the rule holds."""
        others = [o for o in others if o != rule and o.direction == rule.direction]
        return all(
            any(self._holds(o, pod) and self._allows(o, other, at, port, there) for o in others)
            for pod in self.pods(rule)
            for other, at in self._everyone()
            for port in self.ports
            for there in self._destinations(rule, pod, other)
            if self._allows(rule, other, at, port, there)
        )

    def _holds(self, rule: Rule, pod: Pod) -> bool:
        return (
            not pod.host_network
            and namespace(rule.policy) == pod.namespace
            and selects(pod_selector(rule.policy), pod.labels)
        )

    def _everyone(self) -> Iterator[tuple[End, Address | None]]:
        yield from ((pod, None) for pod in [*self.cluster.pods, NAMELESS])
        yield from ((address, address) for address in self.addresses)

    def _allows(self, rule: Rule, other: End, at: Address | None, port: tuple[str, int], there: End) -> bool:
        return self._names(rule, other, at) and ports_match(rule.written, *port, there)

    def _names(self, rule: Rule, other: End, at: Address | None) -> bool:
        return any(
            peer is None or self.cluster.peer_matches(rule.policy, peer, other, at) for peer in _peers(rule)
        )

    def _destinations(self, rule: Rule, pod: Pod, other: End) -> Iterator[End]:
        """At whom ports are looked up; at an address outside any pod may be, with whatever named ports."""
        if rule.direction == "Ingress":
            yield pod
        elif isinstance(other, Pod):
            yield other
        else:
            yield from (_with_names(number) for number in sorted({number for _, number in self.ports}))

    def _ends(self, rule: Rule, peer: Object | None) -> list[End]:
        """Whom one peer names now; a pod by its address too."""
        named: list[End] = [NAMELESS] if peer is None else []
        for other in self.cluster.pods:
            at: list[Address | None] = [None, *other.addresses]
            if peer is None or any(self.cluster.peer_matches(rule.policy, peer, other, a) for a in at):
                named.append(other)
        addresses = (
            a for a in self.addresses if peer is None or self.cluster.peer_matches(rule.policy, peer, a, a)
        )
        return [*named, *addresses]

    def _opened(self, rule: Rule, peer: Object | None, entry: Object | None) -> bool:
        return any(
            entry is None or port_matches(entry, *port, pod if rule.direction == "Ingress" else other)
            for pod in self.pods(rule)
            for other in self._ends(rule, peer)
            for port in self.ports
        )


def _peers(rule: Rule) -> list[Object | None]:
    return list(peers(rule.written, rule.direction)) or [None]


def _ports(rule: Rule) -> list[Object | None]:
    return [mapping(entry) for entry in sequence(rule.written.get("ports"))] or [None]


def _with_names(number: int) -> Pod:
    """A pod with every name of a port that is in use, all with one number."""
    ports = [
        {"name": port, "protocol": protocol, "containerPort": number}
        for port in ("web", "dns")
        for protocol in ("TCP", "UDP", "SCTP")
    ]
    return Pod({"metadata": {"name": "", "namespace": ""}, "spec": {"containers": [{"ports": ports}]}})
