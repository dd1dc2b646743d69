"""Who may connect to a pod, and whom it may connect to, by the rules of this end alone."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from audit.policy.addresses import BITS, FAMILIES, Block, Range, merge
from audit.policy.engine import Engine, Profile
from audit.policy.identities import FAMILY_BIT, NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, Peer, PodPeer, Port, Rule, Selector
from audit.policy.selectors import NAME_LABEL, covers, of_both, of_namespace

NONE, NAMESPACE, NAMESPACES, CLUSTER = range(4)
LEVELS: Final = ("none", "namespace", "namespaces", "cluster")
"""How far a pod may be reached, the farther the later."""
OUTSIDE: Final = ("none", "limited", "any")
MOST_SELECTORS: Final = 12
"""Whether selectors cover everything together is worked out for this many at most."""

_WHOLE: Final = tuple(Range(family, 0, (1 << BITS[family]) - 1) for family in FAMILIES)
_NO_CONTAINER_PORTS: Final = -1

_Extent = tuple[int, int]
"""The first and the last namespace that has pods of a peer."""
_NOWHERE: Final = (NOT_IN_A_NAMESPACE, NOT_IN_A_NAMESPACE)


class Reach(NamedTuple):
    """What some rules let in or out."""

    level: int = NONE
    """A place in LEVELS, by the pods that are there."""
    outside: tuple[Range, ...] = ()
    everywhere: tuple[Selector, ...] = ()
    """Peers over namespaces, as selectors on the labels of both; if they cover all, the level is CLUSTER."""

    @staticmethod
    def together(reaches: "Iterable[Reach]") -> "Reach":
        """What any of them lets in or out."""
        each = list(reaches)
        if len(each) == 1:
            return each[0]
        return Reach(
            max((reach.level for reach in each), default=NONE),
            tuple(chain.from_iterable(reach.outside for reach in each)),
            tuple(chain.from_iterable(reach.everywhere for reach in each)),
        )


class ReachOf:
    """The reach of profiles in one direction; what a rule gives is worked out once."""

    def __init__(self, engine: Engine, direction: Direction) -> None:
        """Of the verdicts of `engine`."""
        self._engine = engine
        self._ends = engine.ends
        self._direction = direction
        self._extents: dict[tuple[Peer | None, int, tuple[Port, ...] | None], _Extent] = {}
        self._policies: dict[tuple[int, int], Reach] = {}
        self._covering: dict[frozenset[Selector], bool] = {}

    def of(self, profile: Profile, families: int) -> tuple[str, str]:
        """A word of LEVELS, and one of OUTSIDE for pods with addresses of these families (FAMILY_BITs)."""
        if not profile.policies:
            return LEVELS[CLUSTER], OUTSIDE[-1]
        reach = Reach.together(self._policy(number, profile.ports) for number in profile.policies)
        level = CLUSTER if reach.level < CLUSTER and self._covers(reach.everywhere) else reach.level
        return LEVELS[level], _external(reach.outside, families)

    def _policy(self, number: int, ports: int) -> Reach:
        key = (number, ports)
        known = self._policies.get(key)
        if known is None:
            namespace = int(self._engine.namespaces[number])
            rules = self._engine.policies[number].written(self._direction)
            known = Reach.together(self._rule(rule, namespace, ports) for rule in rules)
            self._policies[key] = known
        return known

    def _rule(self, rule: Rule, namespace: int, ports: int) -> Reach:
        # A name is looked up at the destination. For ingress that is this pod: the rule lets in nothing
        # if the pod lacks the name. For egress it is the other end, and only some ends may have it.
        inward = self._direction is Direction.INGRESS
        anywhere = not self._ends.reaches_nothing(rule.ports, ports if inward else _NO_CONTAINER_PORTS)
        if inward and not anywhere:
            return Reach()
        return Reach.together(
            Reach(
                self._level(peer, namespace, None if anywhere else rule.ports),
                _ranges(peer) if anywhere else (),
                _over_namespaces(peer) if anywhere else (),
            )
            for peer in (rule.peers if rule.peers is not None else (None,))
        )

    def _level(self, peer: Peer | None, namespace: int, ports: tuple[Port, ...] | None) -> int:
        """The level of one peer; `ports` that only ends with container ports of a name have, or None."""
        if peer is None and ports is None:
            return CLUSTER
        local = isinstance(peer, PodPeer) and peer.namespaces is None
        key = (peer, namespace if local else NOT_IN_A_NAMESPACE, ports)
        extent = self._extents.get(key)
        if extent is None:
            extent = self._extents[key] = self._extent(peer, namespace, ports)
        if extent == _NOWHERE:
            return NONE
        return NAMESPACE if extent == (namespace, namespace) else NAMESPACES

    def _extent(self, peer: Peer | None, namespace: int, ports: tuple[Port, ...] | None) -> _Extent:
        ends = self._ends.members(peer, namespace).ends
        pods = ends[self._ends.namespace[ends] != NOT_IN_A_NAMESPACE]
        if ports is not None:
            pods = self._having(pods, ports)
        # identities are in the order of their namespaces
        return (
            (int(self._ends.namespace[pods[0]]), int(self._ends.namespace[pods[-1]]))
            if len(pods)
            else _NOWHERE
        )

    def _having(self, pods: Ints, ports: tuple[Port, ...]) -> Ints:
        """Those of `pods` at which `ports` are some connection."""
        sets, where = np.unique(self._ends.ports[pods], return_inverse=True)
        having = np.array([not self._ends.reaches_nothing(ports, int(s)) for s in sets], np.bool_)
        return pods[having[where]]

    def _covers(self, selectors: Sequence[Selector]) -> bool:
        distinct = frozenset(selectors)
        known = self._covering.get(distinct)
        if known is None:
            few = 0 < len(distinct) <= MOST_SELECTORS
            known = few and covers(list(distinct), always=of_namespace(NAME_LABEL))
            self._covering[distinct] = known
        return known


def _external(outside: Sequence[Range], families: int) -> str:
    """The word of OUTSIDE for these ranges; `any` is all addresses of a family that the pod has."""
    met = merge(r for r in outside if FAMILY_BIT[r.family] & families)
    if not met:
        return OUTSIDE[0]
    return OUTSIDE[2 if any(whole in met for whole in _WHOLE) else 1]


def _ranges(peer: Peer | None) -> tuple[Range, ...]:
    """The outside addresses that a peer stands for."""
    if peer is None:
        return _WHOLE
    return tuple(peer.ranges()) if isinstance(peer, Block) else ()


def _over_namespaces(peer: Peer | None) -> tuple[Selector, ...]:
    """A peer with a namespaceSelector as one selector on the labels of namespace and pod together."""
    if not isinstance(peer, PodPeer) or peer.namespaces is None:
        return ()
    return (of_both(peer.namespaces, peer.pods),)
