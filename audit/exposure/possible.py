"""With whom pods may connect that no policy selects for a direction: what a default deny would close.

Nothing limits it at their own end, so that the policies of the other end decide alone.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.exposure.cluster import Cluster
from audit.policy.engine import Profile
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, Peer, PodPeer

_LARGEST: Final = 3
_NOWHERE: Final = np.empty(0, np.int64)


class Partners(NamedTuple):
    """Pods with which open pods of a namespace may connect."""

    pods: int
    namespaces: int
    """How many these are in."""
    largest: list[tuple[str, int]]
    """Namespaces with most of them, and how many."""


class Known(NamedTuple):
    """A rule of the other end that names open pods of a namespace."""

    policy: int
    rule: int


class Possible:
    """What is possible in one cluster with pods that are not isolated for a direction."""

    def __init__(self, cluster: Cluster, direction: Direction) -> None:
        """Nothing is worked out yet."""
        self._names = cluster.namespaces
        self._engine = cluster.engine
        self._others = direction.opposite
        self._spaces: Ints = cluster.engine.ends.identities.namespace
        count = len(cluster.engine.ends.identities)
        self._sizes: Ints = np.bincount(cluster.identity_of_pod, minlength=count)
        self._open = self._free(direction)
        self._hits: dict[tuple[Peer | None, int], Ints] = {}

    def with_whom(self, namespace: int) -> Partners:
        """The pods with which the open ones of a namespace may connect, beside any address outside."""
        pods, namespaces, largest, whose = self._totals
        names = [self._names[number] for number in whose[:, namespace].tolist()]
        counts = [count for count in largest[:, namespace].tolist() if count]
        named = list(zip(names, counts, strict=False))
        return Partners(int(pods[namespace]), int(namespaces[namespace]), named)

    def known(self, namespace: int, most: int) -> list[Known]:
        """The rules that let other pods connect, if nobody else may and they are at most so many."""
        found = [] if self._unlimited.any() else self._rules.get(namespace, [])
        return found if len(found) <= most else []

    @cached_property
    def _unlimited(self) -> Ints:
        """Pods of each namespace that are not isolated at the other end."""
        free = np.flatnonzero(self._free(self._others))
        sizes = np.bincount(self._spaces[free], weights=self._sizes[free], minlength=len(self._names))
        return sizes.astype(np.int64)

    @cached_property
    def _totals(self) -> tuple[Ints, Ints, Ints, Ints]:
        """For each namespace the pods of all others that may connect, how many these are, and the largest.

        Worked out for one namespace of the other end after the other, in the order of their names, so that of
        equal ones the first is named.
        """
        count = len(self._names)
        pods, namespaces = np.zeros((2, count), np.int64)
        largest, whose = np.zeros((2, _LARGEST, count), np.int64)
        by_home: dict[int, list[tuple[Profile, int]]] = {}
        for profile, home, size in self._isolated():
            by_home.setdefault(home, []).append((profile, size))
        for home in range(count):
            mine = np.full(count, self._unlimited[home])
            for profile, size in by_home.get(home, ()):
                reached = np.zeros(count, np.bool_)
                for _, hit in self._named(profile):
                    reached[hit] = True
                mine[reached] += size
            pods += mine
            namespaces += mine > 0
            who = np.full(count, home)
            for place in range(_LARGEST):
                more = mine > largest[place]
                largest[place], mine = (
                    np.where(more, mine, largest[place]),
                    np.where(more, largest[place], mine),
                )
                whose[place], who = np.where(more, who, whose[place]), np.where(more, whose[place], who)
        return pods, namespaces, largest, whose

    @cached_property
    def _rules(self) -> dict[int, list[Known]]:
        """For each namespace the rules that name open pods of it, of policies that select pods."""
        found: dict[int, dict[Known, None]] = {}
        for profile, _, _ in self._isolated():
            for rule, spaces in self._named(profile):
                for space in spaces.tolist():
                    found.setdefault(space, {})[rule] = None
        return {space: sorted(rules) for space, rules in found.items()}

    def _isolated(self) -> Iterator[tuple[Profile, int, int]]:
        """The profiles of isolated pods at the other end, each with their namespace and how many they are."""
        profiles, of_end = self._engine.profiles(self._others)
        of_identity = of_end[: len(self._sizes)]
        pods = np.bincount(of_identity, weights=self._sizes, minlength=len(profiles)).astype(np.int64)
        home = np.full(len(profiles), NOT_IN_A_NAMESPACE)
        home[of_identity] = self._spaces
        for profile, space, size in zip(profiles, home.tolist(), pods.tolist(), strict=True):
            if profile.policies and size:
                yield profile, space, size

    def _named(self, profile: Profile) -> Iterator[tuple[Known, Ints]]:
        """The rules of a profile, each with the namespaces in which it names open pods."""
        for policy in profile.policies:
            home = int(self._engine.namespaces[policy])
            for index, rule in enumerate(self._engine.policies[policy].written(self._others)):
                hits = [self._hit(peer, home) for peer in ((None,) if rule.peers is None else rule.peers)]
                yield Known(policy, index), hits[0] if len(hits) == 1 else np.concatenate([_NOWHERE, *hits])

    def _hit(self, peer: Peer | None, home: int) -> Ints:
        local = isinstance(peer, PodPeer) and peer.namespaces is None
        key = (peer, home if local else NOT_IN_A_NAMESPACE)
        if key not in self._hits:
            ends = self._engine.ends.members(peer, home).ends
            ends = ends[ends < len(self._open)]
            self._hits[key] = np.unique(self._spaces[ends[self._open[ends]]])
        return self._hits[key]

    def _free(self, direction: Direction) -> NDArray[np.bool_]:
        """Which identities no policy selects for a direction, though one could."""
        free = ~self._engine.isolated(direction)[: len(self._sizes)]
        found: NDArray[np.bool_] = free & (self._spaces != NOT_IN_A_NAMESPACE)
        return found
