"""Services that select no pods, and the addresses and ports that their EndpointSlices send to."""

import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from audit.checks._addresses import holds
from audit.checks._rules import RuleAt
from audit.checks._service_ports import ServicePort
from audit.exposure.slices import API_SERVER, Slice, slices
from audit.facts import Facts
from audit.policy.addresses import Address, Block, Range, merge, subtract
from audit.policy.identities import NOT_IN_A_NAMESPACE
from audit.policy.model import Direction, Port, PortSpan


class Behind(NamedTuple):
    """A port of a Service, and where it is sent to."""

    port: ServicePort
    number: int
    """Of the port there."""
    addresses: tuple[Address, ...]

    def holds(self, block: Block) -> bool:
        """Whether a block is addresses behind the Service and no others."""
        return holds(self._ranges, block.ranges())

    def meets(self, block: Block) -> bool:
        """Whether some address behind the Service is in the block."""
        return subtract(self._ranges, block.ranges()) != self._ranges

    @property
    def _ranges(self) -> list[Range]:
        return merge(Range(address.family, address.value, address.value) for address in self.addresses)

    def missed_by(self, entry: Port) -> bool:
        """Whether a rule's entry names the Service's port, and not that behind it."""
        return (
            isinstance(entry, PortSpan)
            and self.port.meant_by(entry)
            and not entry.first <= self.number <= entry.last
        )

    def opened_by(self, entry: Port) -> bool:
        """Whether a rule's entry opens the port behind it."""
        return (
            isinstance(entry, PortSpan)
            and entry.protocol == self.port.protocol
            and entry.first <= self.number <= entry.last
        )


class Endpoints:
    """The Services without pods of which EndpointSlices are seen: above all the API server's."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out before it is asked for."""
        self._facts = facts

    def of(self, service: int) -> list[Behind]:
        """The ports of the Service of that row."""
        return self._by_service.get(service, [])

    def missed(self, at: RuleAt, entry: Port) -> Behind | None:
        """The port that an entry misses: it is a Service's, and blocks of the rule are addresses behind that.

        Not where a rule of the namespace opens it, or where a pod with the address has the entry's port.
        """
        if at.direction is Direction.INGRESS:
            return None
        for behind in self._named(at, entry):
            if not self._is_open(at, behind) and not self._has(at, entry):
                return behind
        return None

    def out_of_reach(self, at: RuleAt, entry: Port) -> Behind | None:
        """The port of the API server, where a rule for many addresses opens that of its Service alone.

        It may be meant for the others of these addresses, as HTTPS is; no rule of the namespace opens it.
        """
        if at.direction is Direction.INGRESS:
            return None
        for behind in self._by_service.get(self._api_server, ()):
            wide = at.rule.peers is None or any(
                isinstance(peer, Block) and behind.meets(peer) for peer in at.rule.peers
            )
            if wide and behind.missed_by(entry) and not self._is_open(at, behind):
                return behind
        return None

    def _named(self, at: RuleAt, entry: Port) -> Iterator[Behind]:
        blocks = [peer for peer in at.rule.peers or () if isinstance(peer, Block)]
        for block in blocks:
            for each in block.ranges()[:1]:
                for behind in self._by_address.get(Address(each.family, each.first), ()):
                    if behind.missed_by(entry) and behind.holds(block):
                        yield behind

    def _is_open(self, at: RuleAt, behind: Behind) -> bool:
        """Whether rules of the namespace open the port behind the Service for some of its addresses."""
        return any(
            any(behind.opened_by(entry) for entry in rule.ports) if rule.ports is not None else True
            for policy in self._facts.cluster.policies
            if policy.namespace == at.at.policy.namespace
            for rule in policy.rules(Direction.EGRESS) or ()
            if rule.peers is None
            or any(isinstance(peer, Block) and behind.meets(peer) for peer in rule.peers)
        )

    def _has(self, at: RuleAt, entry: Port) -> bool:
        """Whether a pod with an address that the rule names, as its node's, has a port of the entry."""
        cluster = self._facts.cluster
        blocks = (peer for peer in at.rule.peers or () if isinstance(peer, Block))
        ends = [cluster.engine.ends.members(block, NOT_IN_A_NAMESPACE).ends for block in blocks]
        pods = np.isin(cluster.identity_of_pod, np.concatenate(ends))
        ports = self._facts.snapshot["ports"]
        ports = ports[ports["set"].isin(cluster.pods["ports"][pods]) & (ports["protocol"] == entry.protocol)]
        return isinstance(entry, PortSpan) and bool(ports["number"].between(entry.first, entry.last).any())

    @cached_property
    def _api_server(self) -> int:
        """The row of the API server's Service; -1 if there is none."""
        services = self._facts.snapshot["services"]
        is_it = (services["namespace"] == API_SERVER[0]) & (services["name"] == API_SERVER[1])
        return int(is_it.to_numpy().argmax()) if is_it.any() else -1

    @cached_property
    def _by_address(self) -> dict[Address, list[Behind]]:
        found: dict[Address, list[Behind]] = {}
        for behind in itertools.chain.from_iterable(self._by_service.values()):
            for address in behind.addresses:
                found.setdefault(address, []).append(behind)
        return found

    @cached_property
    def _by_service(self) -> dict[int, list[Behind]]:
        """For each Service without pods its ports that are sent to some address."""
        found: dict[tuple[ServicePort, int], list[Address]] = {}
        rows = self._facts.snapshot["service_ports"]
        columns = (rows[c].tolist() for c in ("service", "protocol", "port", "name", "target"))
        for each in itertools.starmap(ServicePort, zip(*columns, strict=True)):
            for known in self._slices.get(each.service, ()):
                for number in known.numbers(each.name, each.protocol):
                    found.setdefault((each, number), []).extend(known.addresses)
        by_service: dict[int, list[Behind]] = {}
        for (each, number), addresses in found.items():
            behind = Behind(each, number, tuple(sorted(set(addresses))))
            by_service.setdefault(each.service, []).append(behind)
        return by_service

    @cached_property
    def _slices(self) -> dict[int, list[Slice]]:
        """The EndpointSlices of Services without pods, by the row of the Service."""
        services, selected = self._facts.snapshot["services"], self._facts.selected_by_service
        keys = zip(services["namespace"].tolist(), services["name"].tolist(), strict=True)
        return slices(
            self._facts.snapshot, {key: row for row, key in enumerate(keys) if not len(selected[row])}
        )
