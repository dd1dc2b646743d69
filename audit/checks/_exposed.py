"""What leads from outside to the pods of workloads, and what their policies open to every address."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from audit.facts import Facts
from audit.policy.addresses import BITS, FAMILIES, Block, Range, merge
from audit.policy.ends import Among
from audit.policy.engine import Profile
from audit.policy.identities import FAMILY_BIT, NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction
from audit.policy.ports import NONE, Connections, difference, of, union
from audit.policy.sets import ALL_NUMBER

Served = tuple[str, int]
"""Protocol and number of a port of pods."""


class Exposed:
    """Of the workloads of one cluster, by their number in WORKLOAD_FACTS."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out yet."""
        self._facts = facts
        self._engine = facts.cluster.engine
        self._open: dict[tuple[int, int], Connections] = {}

    @cached_property
    def led_to(self) -> frozenset[int]:
        """The workloads with pods that any way leads to, be it from outside or not."""
        return frozenset(self.published)

    @cached_property
    def published(self) -> dict[int, dict[Served, dict[str, None]]]:
        """The ports of each workload that ways lead to, and what these are by: LoadBalancer, Ingress, ..."""
        found: dict[int, dict[Served, dict[str, None]]] = {}
        for way in self._facts.ways:
            for workload in np.unique(self._facts.workload_of_pod[way.pods]).tolist():
                ports = found.setdefault(workload, {})
                by = ports.setdefault((way.protocol, way.port), {})
                if way.from_outside:
                    by[str(way.via)] = None
        return found

    def pods(self, workload: int) -> Ints:
        """Its pods."""
        order, bounds = self._by_workload
        return order[bounds[workload] : bounds[workload + 1]]

    def served(self, pods: Ints) -> set[Served]:
        """The ports that some of these pods declare or publish."""
        declared = {
            (protocol, number)
            for ports in self._facts.container_ports.of(pods)
            for _, protocol, number in ports
        }
        workloads = np.unique(self._facts.workload_of_pod[pods]).tolist()
        return declared.union(*(self.published.get(workload, ()) for workload in workloads))

    def connections(self, workload: int) -> Connections:
        """The ports that some of its pods declare or publish, as connections."""
        served = self.served(self.pods(workload))
        return of((protocol, number, number) for protocol, number in served)

    def unserved(self, workload: int) -> Connections:
        """What policies open of its pods to every address that these do not serve."""
        opened = NONE
        for identity in np.unique(self._facts.cluster.identity_of_pod[self.pods(workload)]).tolist():
            opened = union(opened, self._opened(identity))
        return difference(opened, self.connections(workload))

    def wide(self, workload: int) -> Iterator[tuple[int, int]]:
        """The rules that open such ports each by itself: numbers of policies, and places of their rules."""
        identities = np.unique(self._facts.cluster.identity_of_pod[self.pods(workload)])
        profiles, of_end = self._engine.profiles(Direction.INGRESS)
        served = self.connections(workload)
        for profile in [profiles[number] for number in np.unique(of_end[identities]).tolist()]:
            for number in profile.policies:
                for place, rule in enumerate(self._engine.policies[number].ingress):
                    blocks = [peer for peer in rule.peers or () if isinstance(peer, Block)]
                    whole = rule.peers is None or bool(_whole(blocks))
                    opened = self._engine.ends.connections(rule.ports, profile.ports)
                    if whole and difference(opened, served) != NONE:
                        yield number, place

    def _opened(self, identity: int) -> Connections:
        """What every address of a family that the pods have may connect to, of pods that are isolated."""
        ends = self._engine.ends
        if ends.namespace[identity] == NOT_IN_A_NAMESPACE:
            return NONE
        profiles, of_end = self._engine.profiles(Direction.INGRESS)
        key = (int(of_end[identity]), int(ends.families[identity]))
        if key not in self._open:
            self._open[key] = self._to_everyone(profiles[key[0]], key[1])
        return self._open[key]

    def _to_everyone(self, profile: Profile, families: int) -> Connections:
        ends, found, blocks = self._engine.ends, NONE, list[Block]()
        for number in profile.policies:
            for step in self._engine.steps(Direction.INGRESS, number):
                if step.peer is None:
                    found = union(found, ends.connections(step.ports, profile.ports))
                elif isinstance(step.peer, Block):
                    blocks.append(step.peer)
        for family in _whole(blocks):
            if FAMILY_BIT[family] & families:
                cells = np.flatnonzero(ends.cells.families() == family)
                outside = Among(ends, ends.cell_end(0) + cells)
                verdicts = self._engine.verdicts(Direction.INGRESS, profile, family, outside)
                common = np.array([ALL_NUMBER], np.int32)
                for verdict in np.unique(verdicts).tolist():
                    common = self._engine.sets.intersection(common, verdict)
                found = union(found, self._engine.sets[int(common[0])])
        return found

    @cached_property
    def _by_workload(self) -> tuple[Ints, Ints]:
        """The pods in the order of their workloads, and where in it each workload begins."""
        of_pod = self._facts.workload_of_pod
        order = np.argsort(of_pod, kind="stable")
        return order, np.searchsorted(of_pod[order], np.arange(len(self._facts.workloads) + 1))


def _whole(blocks: list[Block]) -> list[int]:
    """The families of which blocks together leave out no address."""
    found = merge(each for block in blocks for each in block.ranges())
    return [family for family in FAMILIES if Range(family, 0, (1 << BITS[family]) - 1) in found]
