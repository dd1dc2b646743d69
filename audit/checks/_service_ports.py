"""Ports of Services that are not the ports of their pods, and the rules that name them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from audit.checks._rules import RuleAt
from audit.exposure.container_ports import numbers
from audit.facts import Facts
from audit.policy.addresses import Block
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, NamedPort, Peer, PodPeer, Port, PortSpan


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service that selects pods."""

    service: int
    protocol: str
    number: int
    name: str
    target: str

    def meant_by(self, entry: Port) -> bool:
        """Whether a rule's entry names the Service's port, by number or by name."""
        if isinstance(entry, NamedPort):
            return (entry.protocol, entry.name) == (self.protocol, self.name)
        return entry.protocol == self.protocol and entry.first <= self.number <= entry.last

    @property
    def target_number(self) -> int | None:
        """The target as a number; None if it is a name."""
        return int(self.target) if self.target.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A rule's entry that names a Service's port, and what the pods behind that Service listen on."""

    port: ServicePort
    numbers: tuple[int, ...]
    """Of the target port at those pods; none if it is a name that they do not have."""

    @property
    def target(self) -> int | str:
        """The target's number, or its name where that is another number from pod to pod."""
        return self.numbers[0] if len(self.numbers) == 1 else self.port.target


class Misses(NamedTuple):
    """What an entry of a rule misses."""

    mistakes: tuple[Mistake, ...] = ()
    needed: bool = False
    """Whether other pods that the rule is about declare a port that the entry opens."""
    targets: tuple[int | str, ...] = ()
    """What to name instead; nothing where that is not known."""


_NONE: Final = Misses()
_NO_PROTOCOLS: Final = frozenset[str]()


class ServicePorts:
    """What the rules of one cluster say of Services' ports."""

    def __init__(self, facts: Facts) -> None:
        """Services without pods are left out."""
        self._facts = facts
        self._engine = facts.cluster.engine
        self._ports = facts.container_ports
        self._of_pod = facts.cluster.identity_of_pod
        self._by_namespace: dict[int, list[ServicePort]] = {}
        self._by_number: dict[tuple[int, str, int], list[ServicePort]] = {}
        self._by_name: dict[tuple[int, str, str], list[ServicePort]] = {}
        self._unlike: dict[tuple[str, int, str], ServicePort] = {}
        self._is_meant: dict[Port, bool] = {}
        self._by_target: dict[tuple[int, str], list[ServicePort]] = {}
        self._declared: dict[tuple[object, ...], frozenset[tuple[str, str, int]]] = {}
        self._known: dict[tuple[object, ...], Misses] = {}
        self._peers: dict[tuple[object, ...], Ints] = {}
        number = {name: i for i, name in enumerate(facts.cluster.namespaces)}
        namespaces = facts.snapshot["services"]["namespace"].tolist()
        rows = facts.snapshot["service_ports"]
        columns = (rows[c].tolist() for c in ("service", "protocol", "port", "name", "target"))
        for service, *port in zip(*columns, strict=True):
            if not len(facts.selected_by_service[service]):
                continue
            found = ServicePort(service, *port)
            where = number[namespaces[service]]
            self._unlike.setdefault((found.protocol, found.number, found.name), found)
            self._by_target.setdefault((where, found.target), []).append(found)
            if found.name:
                self._by_name.setdefault((where, found.protocol, found.name), []).append(found)
            if found.target_number != found.number:
                self._by_number.setdefault((where, found.protocol, found.number), []).append(found)
                self._by_namespace.setdefault(where, []).append(found)

    def misses(self, at: RuleAt, entry: Port) -> Misses:
        """The Services whose port the entry names where it should name their pods'.

        A Service counts if the pods that the rule is about are among its own, and the entry opens none of
        the ports that they listen on: neither the target nor any other that they declare.
        """
        if entry not in self._is_meant:
            self._is_meant[entry] = any(port.meant_by(entry) for port in self._unlike.values())
        if entry == PortSpan(entry.protocol) or not self._is_meant[entry]:
            return _NONE
        home = (int(self._engine.namespaces[at.at.number]),)
        if at.direction is Direction.INGRESS and not any(self._meant(entry, home)):
            return _NONE
        about = self._about(at)
        key = (entry, about)
        known = self._known.get(key)
        if known is None:
            meant = list(self._meant(entry, self._where(at, about)))
            found = self._work_out(entry, meant, self._members(at, about)) if meant else _NONE
            known = self._known[key] = found
        return known

    def protocols(self, number: int) -> frozenset[str]:
        """Those with which some pod declares that number, or some Service sends to it."""
        return self._protocols.get(number, _NO_PROTOCOLS)

    def declared(self, at: RuleAt) -> frozenset[tuple[str, str, int]]:
        """Name, protocol and number of what the pods declare that the rule is about."""
        about = self._about(at)
        if about not in self._declared:
            pods = self._facts.cluster.pods_of(self._members(at, about))
            self._declared[about] = frozenset(port for ports in self._ports.of(pods) for port in ports)
        return self._declared[about]

    def sending(self, at: RuleAt, number: int) -> list[ServicePort]:
        """The ports of Services over those pods that are sent to that number there."""
        declared, about = self.declared(at), self._about(at)
        texts = {str(number), *(name for name, _, n in declared if n == number and name)}
        found = [
            port
            for namespace in self._where(at, about)
            for text in texts
            for port in self._by_target.get((namespace, text), ())
            if port.target_number is not None or (text, port.protocol, number) in declared
        ]
        if not found:
            return []
        pods = self._facts.cluster.pods_of(self._members(at, about))
        selected = self._facts.selected_by_service
        return [port for port in found if np.isin(selected[port.service], pods).any()]

    def _where(self, at: RuleAt, about: tuple[object, ...]) -> Sequence[int]:
        """The namespaces of the pods that the rule is about."""
        if at.direction is Direction.INGRESS:
            return [int(self._engine.namespaces[at.at.number])]
        found: list[int] = np.unique(self._engine.ends.namespace[self._members(at, about)]).tolist()
        return found

    def _work_out(self, entry: Port, meant: Sequence[ServicePort], members: Ints) -> Misses:
        found = [mistake for port in meant if (mistake := self._mistake(port, entry, members)) is not None]
        if not found:
            return _NONE
        needed = self._opens(entry, self._facts.cluster.pods_of(members), ())
        known = all(mistake.numbers for mistake in found)
        return Misses(tuple(found), needed, tuple({m.target: None for m in found}) if known else ())

    def _members(self, at: RuleAt, about: tuple[object, ...]) -> Ints:
        """The identities of pods at which the rule's ports are: of its policy, or of its peers for egress."""
        if at.direction is Direction.INGRESS:
            return self._engine.selected[at.at.number]
        if about not in self._peers:
            ends = self._engine.ends
            namespace = int(self._engine.namespaces[at.at.number])
            peers: Sequence[Peer | None] = (None,) if at.rule.peers is None else at.rule.peers
            each = [ends.members(peer, namespace).ends for peer in peers]
            found: Ints = each[0] if len(each) == 1 else np.unique(np.concatenate(each))
            self._peers[about] = found[ends.namespace[found] != NOT_IN_A_NAMESPACE]
        return self._peers[about]

    def _about(self, at: RuleAt) -> tuple[object, ...]:
        """What decides which pods the rule is about."""
        namespace = int(self._engine.namespaces[at.at.number])
        if at.direction is Direction.INGRESS:
            return namespace, at.at.policy.selector
        wide = all(
            isinstance(p, Block) or (isinstance(p, PodPeer) and p.namespaces) for p in at.rule.peers or ()
        )
        return NOT_IN_A_NAMESPACE if wide else namespace, at.rule.peers

    def _meant(self, entry: Port, namespaces: Sequence[int]) -> Iterator[ServicePort]:
        for namespace in namespaces:
            if isinstance(entry, NamedPort):
                yield from self._by_name.get((namespace, entry.protocol, entry.name), ())
            elif entry.first == entry.last:
                yield from self._by_number.get((namespace, entry.protocol, entry.first), ())
            else:
                yield from (p for p in self._by_namespace.get(namespace, ()) if p.meant_by(entry))

    def _mistake(self, port: ServicePort, entry: Port, members: Ints) -> Mistake | None:
        pods = self._facts.selected_by_service[port.service]
        if not len(members):
            return None
        identities = self._of_pod[pods]
        places = np.minimum(np.searchsorted(members, identities), len(members) - 1)
        pods = pods[members[places] == identities]
        if not len(pods):
            return None
        numbers = self._numbers(port, pods)
        right = ((port.protocol, number) for number in numbers)
        return None if self._opens(entry, pods, tuple(right)) else Mistake(port, numbers)

    def _numbers(self, port: ServicePort, pods: Ints) -> tuple[int, ...]:
        if port.target_number is not None:
            return (port.target_number,)
        named = (numbers(ports, port.target, port.protocol) for ports in self._ports.of(pods))
        return tuple(sorted({number for found in named for number in found}))

    def _opens(self, entry: Port, pods: Ints, right: Sequence[tuple[str, int]]) -> bool:
        """Whether the entry opens, at some of the pods, one of the ports `right` or one that they declare."""
        for declared in self._ports.of(pods):
            known = {*right, *((protocol, n) for _, protocol, n in declared)}
            if isinstance(entry, PortSpan):
                if any(p == entry.protocol and entry.first <= n <= entry.last for p, n in known):
                    return True
            elif numbers(declared, entry.name, entry.protocol):
                return True
        return False

    @cached_property
    def _protocols(self) -> dict[int, frozenset[str]]:
        """For each number that some pod declares, or some Service sends to, with which protocols."""
        rows = self._facts.snapshot["ports"][["protocol", "number"]].drop_duplicates()
        found: dict[int, set[str]] = {}
        for protocol, number in zip(rows["protocol"].tolist(), rows["number"].tolist(), strict=True):
            found.setdefault(number, set()).add(protocol)
        for (_, target), ports in self._by_target.items():
            if target.isdecimal():
                found.setdefault(int(target), set()).update(port.protocol for port in ports)
        return {number: frozenset(protocols) for number, protocols in found.items()}
