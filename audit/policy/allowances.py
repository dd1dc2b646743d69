"""What rules allow as they are written, and whether one is a part of others whatever pods there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from audit.policy.addresses import Block, Range, merge, subtract
from audit.policy.model import (
    NamedPort,
    Operator,
    Peer,
    PodPeer,
    Policy,
    Port,
    PortSpan,
    Requirement,
    Rule,
    Selector,
)
from audit.policy.ports import ALL, NONE, PROTOCOLS, Connections, difference, intersection, of
from audit.policy.selectors import NAME_LABEL, implies, of_both, of_namespace

_JOINT_NAME: Final = of_namespace(NAME_LABEL)


class Written(NamedTuple):
    """A rule's ports as they are written: numbers, and names with their protocols."""

    numbers: Connections = NONE
    names: frozenset[tuple[str, str]] = frozenset()

    def less(self, other: "Written") -> "Written":
        """What is not among the other's; a name is among all numbers of its protocol."""
        names = {name for name in self.names - other.names if not _is_whole(other.numbers, name[0])}
        return Written(difference(self.numbers, other.numbers), frozenset(names))

    def within(self, others: Iterable["Written"]) -> bool:
        """Whether the others have all of it together."""
        left = self
        for other in others:
            left = left.less(other)
        return left == _NONE

    def meets(self, other: "Written") -> bool:
        """Whether they may have a port in common."""
        return (
            intersection(self.numbers, other.numbers) != NONE
            or bool(self.names & other.names)
            or any(_has(self.numbers, protocol) for protocol, _ in other.names)
            or any(_has(other.numbers, protocol) for protocol, _ in self.names)
        )


_NONE: Final = Written()


@dataclass(frozen=True, eq=False)
class Allowance:
    """A rule that has effect, and what it allows as it is written. Each is equal to itself alone."""

    number: int
    """Of its policy."""
    index: int
    """Its place among the policy's rules of its direction."""
    place: int
    """Its place among all allowances."""
    policy: Policy
    rule: Rule
    ports: Written

    @property
    def peers(self) -> Sequence[Peer | None]:
        """Whom it names; None is everyone."""
        return (None,) if self.rule.peers is None else self.rule.peers

    @property
    def entries(self) -> Sequence[Port | None]:
        """On what ports; None is every one."""
        return (None,) if self.rule.ports is None else self.rule.ports

    @cached_property
    def pods(self) -> list[PodPeer | None]:
        """Its peers but for blocks."""
        return [peer for peer in self.peers if peer is None or isinstance(peer, PodPeer)]

    @cached_property
    def ranges(self) -> list[Range]:
        """What its blocks are together."""
        return merge(r for peer in self.peers if isinstance(peer, Block) for r in peer.ranges())


@lru_cache(maxsize=1 << 16)
def written(ports: tuple[Port, ...] | None) -> Written:
    """Of a rule's ports; None is all of them."""
    if ports is None:
        return Written(ALL)
    spans = [port for port in ports if isinstance(port, PortSpan)]
    names = [port for port in ports if isinstance(port, NamedPort)]
    return Written(
        of((span.protocol, span.first, span.last) for span in spans),
        frozenset((port.protocol, port.name) for port in names),
    )


def allows_pods_for_good(one: Allowance, others: Sequence[Allowance]) -> bool:
    """Whether others allow as much with all pods that `one` names, and everyone if it names everyone.

    All are of one namespace. What selectors name together is not looked for: for each peer one has to name
    all of it. Everyone is named by everyone alone.
    """
    return all(one.ports.within(other.ports for other in others if _names(other, peer)) for peer in one.pods)


def allows_addresses(one: Allowance, ports: Written, others: Iterable[tuple[Allowance, Written]]) -> bool:
    """Whether others allow on `ports` all addresses in the blocks of `one`, each on the ports beside it.

    The names of ports among them are those of pods with an address there, whichever those are.
    """
    left: Mapping[Written, Sequence[Range]] = {ports: one.ranges} if one.ranges else {}
    for other, theirs in others:
        if not left:
            break
        left = _less(left, other, theirs)
    return not left


def _names(other: Allowance, peer: PodPeer | None) -> bool:
    """Whether one of its peers is whoever `peer` is, in a policy of the same namespace."""
    return any(wide is None or peer == wide or _is_part(peer, wide, other) for wide in other.pods)


def _is_part(peer: PodPeer | None, wide: PodPeer, other: Allowance) -> bool:
    home = other.policy.namespace
    return peer is not None and implies(_joint(peer, home), _joint(wide, home), _JOINT_NAME)


@lru_cache(maxsize=1 << 16)
def _joint(peer: PodPeer, home: str) -> Selector:
    """Whom a peer of a policy in the namespace `home` is, by the labels of pods and of their namespaces."""
    own = Selector((Requirement(NAME_LABEL, Operator.IN, (home,)),))
    return of_both(own if peer.namespaces is None else peer.namespaces, peer.pods)


def _less(
    left: Mapping[Written, Sequence[Range]], other: Allowance, theirs: Written
) -> dict[Written, list[Range]]:
    """What is left of those ports at those addresses without what `other` allows on its own."""
    found: dict[Written, list[Range]] = {}
    for mine, ranges in left.items():
        outside = [] if other.rule.peers is None else subtract(ranges, other.ranges)
        inside = subtract(ranges, outside)
        for what, where in ((mine, outside), (mine.less(theirs), inside)):
            if where and what != _NONE:
                found.setdefault(what, []).extend(where)
    return {what: merge(where) for what, where in found.items()}


def _has(numbers: Connections, protocol: str) -> bool:
    return bool(numbers[PROTOCOLS.index(protocol)])


def _is_whole(numbers: Connections, protocol: str) -> bool:
    return numbers[PROTOCOLS.index(protocol)] == ALL.tcp
