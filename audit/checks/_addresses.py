"""Addresses that mean something: of Services, pods and nodes, and ranges set aside for a purpose."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from audit import language
from audit.facts import Facts
from audit.listing import listed
from audit.policy.addresses import (
    BITS,
    FAMILIES,
    Address,
    Block,
    Range,
    merge,
    parse_address,
    parse_cidr,
    subtract,
)
from audit.policy.identities import NOT_IN_A_NAMESPACE

_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_PURPOSES: Final = {
    "private": _PRIVATE,
    "of carriers (100.64.0.0/10)": ("100.64.0.0/10",),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "multicast or reserved": ("224.0.0.0/3", "ff00::/8"),
}
_FEWEST_PODS: Final = 10
_FEWEST_NODES: Final = 3
"""Addresses of fewer say nothing of the network that they are from."""


def ranges_of(texts: Sequence[str]) -> list[Range]:
    """The ranges that CIDRs write; what is none is left out."""
    parsed = (parse_cidr(text) for text in texts)
    return [found[0] for found in parsed if found is not None]


def holds(ranges: Sequence[Range], inner: Sequence[Range]) -> bool:
    """Whether `ranges` hold all of `inner`, and that is something."""
    return bool(inner) and not subtract(inner, ranges)


def amount(family: int, count: int) -> str:
    """`65,536 IPv4 addresses`, `2^64 IPv6 addresses`."""
    number = (
        language.number(count)
        if count <= 1 << BITS[4]
        else f"{'' if count.bit_count() == 1 else 'over '}2^{count.bit_length() - 1}"
    )
    return f"{number} IPv{family} address{'' if count == 1 else 'es'}"


def purposes(family: int, ranges: Sequence[Range]) -> str:
    """What kinds of addresses there are in `ranges`: `private`, `private, loopback and public`."""
    left = list(ranges)
    found = []
    for purpose, texts in _PURPOSES.items():
        rest = subtract(left, [r for r in ranges_of(texts) if r.family == family])
        if rest != left:
            found.append(purpose)
        left = rest
    found += ["public"] if left else []
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


_PRIVATE_RANGES: Final = dict(zip(_PRIVATE, ranges_of(_PRIVATE), strict=True))


class PodCells:
    """The cells of address space that hold the addresses of pods, but of those in their node's network."""

    def __init__(self, facts: Facts) -> None:
        """Of all pods that count."""
        ends = facts.cluster.engine.ends
        self._cells = ends.cells
        identities = ends.identities
        owners = np.repeat(np.arange(len(identities)), np.diff(identities.cell_bounds))
        cells = np.unique(identities.cells[identities.namespace[owners] != NOT_IN_A_NAMESPACE])
        families = ends.cells.families()[cells]
        self._of = {family: cells[families == family] for family in FAMILIES}
        self._within: dict[Block, bool] = {}

    def all_in(self, family: int, ranges: Sequence[Range]) -> bool:
        """Whether `ranges` hold the addresses of all pods that have one of that family."""
        return self._held(family, ranges) == len(self._of[family])

    def some_in(self, block: Block) -> bool:
        """Whether the address of some pod is in the block."""
        if block not in self._within:
            self._within[block] = self._held(block.family, block.ranges()) > 0
        return self._within[block]

    def _held(self, family: int, ranges: Sequence[Range]) -> int:
        cells = self._of[family]
        spans = np.array(list(self._cells.cells(ranges)), np.int64).reshape(-1, 2)
        return int((np.searchsorted(cells, spans[:, 1]) - np.searchsorted(cells, spans[:, 0])).sum())


class Networks:
    """The ranges of one cluster that a rule should not hold whole."""

    def __init__(self, facts: Facts) -> None:
        """As far as they are known: the service network is never inferred."""
        self.services = service_networks(facts)
        self._pod_cells = PodCells(facts)
        self._pods = _pod_addresses(facts)
        self._nodes = _node_addresses(facts)
        self._within: dict[tuple[int, tuple[Range, ...]], list[str]] = {}

    def within(self, family: int, ranges: Sequence[Range]) -> list[str]:
        """Networks of that family that `ranges`, the whole of what a rule's blocks allow, hold."""
        key = (family, tuple(ranges))
        if key not in self._within:
            self._within[key] = self._work_out(family, ranges)
        return self._within[key]

    def _work_out(self, family: int, ranges: Sequence[Range]) -> list[str]:
        size = sum(r.size for r in ranges)
        known = [*((f"private range {text}", whole) for text, whole in _PRIVATE_RANGES.items())]
        known += [(f"service network {network}", network) for network in self.services]
        found = [
            f"the whole {name}"
            for name, whole in known
            if whole.family == family and whole.size <= size and holds(ranges, [whole])
        ]
        pods, (nodes, node_ranges) = self._pods[family], self._nodes[family]
        if pods >= _FEWEST_PODS and self._pod_cells.all_in(family, ranges):
            found.append(f"the addresses of all {language.number(pods)} pods")
        if nodes >= _FEWEST_NODES and nodes <= size and holds(ranges, node_ranges):
            found.append(f"the addresses of all {language.number(nodes)} nodes")
        return found


class ClusterIps:
    """The ClusterIPs of a cluster's Services, and the networks that they come from."""

    def __init__(self, facts: Facts) -> None:
        """As far as they are known."""
        self._services: dict[Address, list[int]] = {}
        for row, text in enumerate(facts.snapshot["services"]["cluster_ips"].tolist()):
            for address in {parse_address(word) for word in text.split()} - {None}:
                if address is not None:
                    self._services.setdefault(address, []).append(row)
        self._sorted = sorted(self._services)
        self._mistakes: dict[Block, str | None] = {}
        self._notes: dict[Block, str] = {}
        self._networks = service_networks(facts)
        rows = facts.snapshot["services"]
        self._names = (rows["namespace"].astype("str") + "/" + rows["name"]).tolist()

    def service(self, block: Block) -> int | None:
        """The row of the Service whose ClusterIP is the one address of the block."""
        left = block.ranges()
        if len(left) != 1 or left[0].size != 1:
            return None
        rows = self._services.get(Address(left[0].family, left[0].first))
        return rows[0] if rows else None

    def mistake(self, block: Block) -> str | None:
        """What is wrong with the block, to stand behind its text; None if nothing is."""
        if block not in self._mistakes:
            self._mistakes[block] = self._mistake(block)
        return self._mistakes[block]

    def _mistake(self, block: Block) -> str | None:
        row = self.service(block)
        if row is not None:
            return f"is the ClusterIP of Service {self._names[row]}"
        network = next((n for n in self._networks if holds([n], block.ranges())), None)
        return None if network is None else f"lies in the service network {network}"

    def note(self, block: Block) -> str:
        """What to know of a block that is wider and holds ClusterIPs; empty if it holds none."""
        if block not in self._notes:
            self._notes[block] = self._note(block)
        return self._notes[block]

    def _note(self, block: Block) -> str:
        names: list[str] = []
        for family, first, last in block.ranges():
            at = bisect_left(self._sorted, Address(family, first))
            while at < len(self._sorted) and self._sorted[at] <= (family, last):
                names += [self._names[row] for row in self._services[self._sorted[at]]]
                at += 1
        if not names:
            return ""
        return (
            f"{block.text} holds the ClusterIP of {listed(names, 3)}, which does not open the pods behind it."
        )


def service_networks(facts: Facts) -> list[Range]:
    """The ranges that ClusterIPs come from: ServiceCIDR objects and the configuration say which."""
    texts = list(facts.settings.service_cidrs)
    for text in facts.snapshot["service_cidrs"]["object"].tolist():
        spec = msgspec.json.decode(text).get("spec")
        written = spec.get("cidrs") if isinstance(spec, dict) else None
        texts += [cidr for cidr in written if isinstance(cidr, str)] if isinstance(written, list) else []
    return ranges_of(list(dict.fromkeys(texts)))


def _pod_addresses(facts: Facts) -> dict[int, int]:
    """How many addresses of each family pods have that count and are not on their node's network."""
    pods, addresses = facts.snapshot["pods"], facts.snapshot["addresses"]
    counts = ~(pods["host_network"].to_numpy() | pods["phase"].isin(["Succeeded", "Failed"]).to_numpy())
    families = addresses["family"].to_numpy()[counts[addresses["pod"].to_numpy()]]
    return {family: int((families == family).sum()) for family in FAMILIES}


def _node_addresses(facts: Facts) -> dict[int, tuple[int, list[Range]]]:
    """For each family how many addresses nodes have, and the ranges that they make up."""
    texts = [word for text in facts.snapshot["nodes"]["addresses"].tolist() for word in text.split()]
    found = {address for address in map(parse_address, texts) if address is not None}
    by_family = {f: [Range(f, a.value, a.value) for a in found if a.family == f] for f in FAMILIES}
    return {f: (len(ranges), merge(ranges)) for f, ranges in by_family.items()}
