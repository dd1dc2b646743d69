"""What a connection can begin or end at: identities of pods, and cells of outside addresses.

Ends are numbered: first the identities in their order, then the cells. A peer
stands for a set of ends, here an array of their numbers in order.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.policy.addresses import Address, Block, Cells
from audit.policy.identities import (
    BOTH_FAMILIES,
    FAMILY_BIT,
    NOT_IN_A_NAMESPACE,
    Identities,
    Ints,
    Pods,
    stretches,
)
from audit.policy.model import EVERYTHING, DefectivePeer, NamedPort, Peer, PodPeer, Port, PortSpan, Selector
from audit.policy.ports import ALL, NONE, Connections, of
from audit.policy.selectors import LabelIndex

_NO_PORTS = -1
_MOST_HELD = 1 << 26
"""Ends that are kept in memory, all together, for peers that reach over namespaces."""
_FEW = 8
"""Namespaces below this number are looked at one by one, not as a part of all."""


class Members(NamedTuple):
    """The ends that a peer stands for, over the address families (FAMILY_BITs) in which it does."""

    ends: Ints
    families: int = BOTH_FAMILIES


class Ends:
    """All ends of one cluster, and the peers and ports of its policies resolved to them."""

    def __init__(
        self, pods: Pods, identities: Identities, cells: Cells, namespace_labels: pd.DataFrame
    ) -> None:
        """`namespace_labels` is as `frames.LABELS`; its sets are the numbers of the namespaces."""
        self.identities = identities
        self.cells = cells
        outside = len(cells)
        self.families: NDArray[np.int8] = np.concatenate(
            [identities.families, np.array([FAMILY_BIT[f] for f in cells.families()], np.int8)]
        )
        self.namespace: Ints = np.concatenate([identities.namespace, np.full(outside, NOT_IN_A_NAMESPACE)])
        ports = np.where(identities.namespace == NOT_IN_A_NAMESPACE, _NO_PORTS, identities.ports)
        # Names never match addresses, nodes or hostNetwork pods: there is no container port to look at
        self.ports: Ints = np.concatenate([ports, np.full(outside, _NO_PORTS)])
        self.pod_labels = LabelIndex(pods.label_sets)
        self.namespace_labels = LabelIndex(namespace_labels)
        self._every = np.arange(len(self.namespace))
        self._port_rows = pods.port_sets
        self._named: dict[int, dict[tuple[str, str], list[int]]] = {}
        self._by_namespace: dict[tuple[int, Selector], Ints] = {}
        self._by_peer: dict[PodPeer | Block, Ints] = {}
        self._held = 0
        self._namespaces: dict[Selector, NDArray[np.bool_]] = {}
        self._connections: dict[tuple[tuple[Port, ...] | None, int], Connections] = {}
        self._at_cell: tuple[Ints, Ints] | None = None
        self._by_labels: tuple[Ints, Ints] | None = None

    def __len__(self) -> int:
        """How many ends there are."""
        return len(self.namespace)

    def cell_end(self, cell: int) -> int:
        """The end that stands for an outside address of that cell."""
        return len(self.identities) + cell

    def outside(self, addresses: Sequence[Address]) -> Ints:
        """The ends that stand for addresses outside, a few of them."""
        return self.cell_end(0) + self.cells.of(addresses)

    def members(self, peer: Peer | None, namespace: int) -> Members:
        """The ends that `peer` of a policy in `namespace` stands for; no peer stands for all."""
        match peer:
            case None:
                return Members(self._every)
            case PodPeer(pods=pods, namespaces=None):
                return Members(self.selected(pods, namespace))
            case PodPeer():
                return Members(self._wide(peer))
            case Block():
                return Members(self._wide(peer), FAMILY_BIT[peer.family])
            case DefectivePeer():
                return Members(self._every[:0])

    def selected(self, selector: Selector, namespace: int) -> Ints:
        """The identities of `namespace` that a pod selector selects; never hostNetwork pods."""
        key = (namespace, selector)
        known = self._by_namespace.get(key)
        if known is None:
            first, last = self.identities.bounds[namespace : namespace + 2]
            known = self._every[first:last]
            if not selector.empty:
                known = known[self.pod_labels.matches(selector, self.identities.labels[first:last])]
            self._by_namespace[key] = known
        return known

    def namespaces(self, selector: Selector) -> NDArray[np.bool_]:
        """Which namespaces the selector selects."""
        known = self._namespaces.get(selector)
        if known is None:
            numbers = np.arange(len(self.identities.bounds) - 1)
            known = self._namespaces[selector] = self.namespace_labels.matches(selector, numbers)
        return known

    def connections(self, ports: tuple[Port, ...] | None, port_set: int) -> Connections:
        """What a rule's `ports` are at a destination with that set of container ports."""
        key = (ports, port_set)
        known = self._connections.get(key)
        if known is None:
            known = self._connections[key] = ALL if ports is None else of(self._spans(ports, port_set))
        return known

    def _wide(self, peer: PodPeer | Block) -> Ints:
        """The ends of a peer that looks beyond its policy's namespace."""
        known = self._by_peer.get(peer)
        if known is None:
            known = self._within(peer) if isinstance(peer, Block) else self._anywhere(peer)
            self._held += len(known)
            if self._held > _MOST_HELD:
                self._by_peer.clear()
                self._held = len(known)
            self._by_peer[peer] = known
        return known

    def _anywhere(self, peer: PodPeer) -> Ints:
        chosen = self.namespaces(peer.namespaces or EVERYTHING)
        if chosen.sum() < _FEW:
            return _joined([self.selected(peer.pods, int(n)) for n in np.flatnonzero(chosen)])
        of_ends, labels = self.identities.namespace, self.identities.labels
        sets = self.pod_labels.candidates(peer.pods)
        possible = self._every[: len(of_ends)] if sets is None else self._having(sets)
        ends: Ints = possible[np.append(chosen, [False])[of_ends[possible]]]
        return ends[self.pod_labels.matches(peer.pods, labels[ends])]

    def _having(self, sets: Ints) -> Ints:
        """The identities in order that stand for pods with one of these sets of labels."""
        if self._by_labels is None:
            order = np.argsort(self.identities.labels, kind="stable")
            self._by_labels = (self.identities.labels[order], order)
        labels, ends = self._by_labels
        begin, end = (np.searchsorted(labels, sets, side) for side in ("left", "right"))
        return np.sort(ends[stretches(begin, end)])

    def _within(self, block: Block) -> Ints:
        """Identities with an address in the block, and the cells of the block."""
        cells, owners = self._by_cell()
        pods: list[Ints] = []
        outside: list[Ints] = []
        for first, last in self.cells.cells(block.ranges()):
            begin, end = np.searchsorted(cells, [first, last])
            pods.append(owners[begin:end])
            outside.append(self._every[self.cell_end(first) : self.cell_end(last)])
        return np.concatenate([np.unique(_joined(pods)), _joined(outside)])

    def _by_cell(self) -> tuple[Ints, Ints]:
        """Cells in order, and beside each the identity that has an address in it."""
        if self._at_cell is None:
            bounds = self.identities.cell_bounds
            owners = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
            order = np.argsort(self.identities.cells, kind="stable")
            self._at_cell = (self.identities.cells[order], owners[order])
        return self._at_cell

    def _spans(self, ports: Sequence[Port], port_set: int) -> list[tuple[str, int, int]]:
        spans: list[tuple[str, int, int]] = []
        for port in ports:
            if isinstance(port, PortSpan):
                spans.append((port.protocol, port.first, port.last))
            else:
                spans += [(port.protocol, number, number) for number in self._numbers(port, port_set)]
        return spans

    def _numbers(self, port: NamedPort, port_set: int) -> list[int]:
        """The numbers of all container ports of that name and protocol."""
        if not self._named:
            rows = self._port_rows
            named = rows[(rows["name"] != "").to_numpy()]
            for number_of_set, name, protocol, number in zip(
                *(named[c].tolist() for c in ("set", "name", "protocol", "number")), strict=True
            ):
                self._named.setdefault(number_of_set, {}).setdefault((protocol, name), []).append(number)
            self._named.setdefault(_NO_PORTS, {})
        return self._named.get(port_set, {}).get((port.protocol, port.name), [])

    def reaches_nothing(self, ports: tuple[Port, ...] | None, port_set: int) -> bool:
        """Whether a rule's `ports` are no connection at all at such a destination."""
        return self.connections(ports, port_set) == NONE


class Among:
    """Some of the ends, in order, and at which places of them those stand that a peer stands for."""

    def __init__(self, ends: Ends, some: Ints) -> None:
        """What peers over namespaces stand for is kept."""
        self.some = some
        self._ends = ends
        self._whole = len(some) == len(ends)
        self._bounds = some.searchsorted(ends.identities.bounds)
        """Where the identities of each namespace are among them, as `Identities.bounds` has it."""
        self._wide: dict[Peer, Members] = {}
        self._held = 0

    def has_pods_of(self, namespaces: Ints) -> NDArray[np.bool_]:
        """In which of these namespaces, by number, some of them are."""
        has: NDArray[np.bool_] = (np.diff(self._bounds) > 0)[namespaces]
        return has

    def members(self, peer: Peer | None, namespace: int) -> Members:
        """As `Ends.members`, with places in place of ends."""
        if self._whole or peer is None:
            return Members(np.arange(len(self.some))) if peer is None else self._ends.members(peer, namespace)
        if isinstance(peer, PodPeer) and peer.namespaces is None:
            first, last = self._bounds[namespace : namespace + 2]
            return self._placed(peer, namespace) if first < last else _NONE
        known = self._wide.get(peer)
        if known is None:
            known = self._placed(peer, namespace)
            self._held += len(known.ends)
            if self._held > _MOST_HELD:
                self._wide.clear()
                self._held = len(known.ends)
            self._wide[peer] = known
        return known

    def _placed(self, peer: Peer, namespace: int) -> Members:
        found = self._ends.members(peer, namespace)
        return found._replace(ends=places(found.ends, self.some))


class Part:
    """Those at some places of an Among, for one question."""

    def __init__(self, among: Among, at: Ints) -> None:
        """`at` are in order."""
        self.some = among.some[at]
        self._among = among
        self._at = at

    def members(self, peer: Peer | None, namespace: int) -> Members:
        """As `Among.members`."""
        found = self._among.members(peer, namespace)
        return found._replace(ends=places(found.ends, self._at))


_NONE: Final = Members(np.empty(0, np.int64))


def places(members: Ints, others: Ints) -> Ints:
    """Where in `others` those stand that are among `members`; both are in order."""
    if not len(members) or not len(others) or members[-1] < others[0] or members[0] > others[-1]:
        return members[:0]
    begin, end = members.searchsorted((others[0], others[-1] + 1))
    near = members[begin:end]
    at: Ints = near - others[0]
    if others[-1] - others[0] + 1 != len(others):
        at = others.searchsorted(near)
        at = at[others[at] == near]
    return at


def _joined(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, np.int64), *arrays])
