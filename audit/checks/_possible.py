"""Connections that are possible now with pods that no policy selects: what a default deny closes.

Who may connect is what the other end's policies say alone, as nothing limits it at this end.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.checks._subjects import counted
from audit.facts import Facts
from audit.policy.engine import Profile
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, Peer, PodPeer

_MOST: Final = 3
"""Namespaces that are named."""
_OUTSIDE: Final = "every address that is no pod's"
_MOST_KNOWN: Final = 5
"""Rules that stand in an offered policy for all who may connect."""


class Known(NamedTuple):
    """A rule at the other end that names pods of a namespace, by the number of its policy and its own."""

    policy: int
    rule: int


class _Others(NamedTuple):
    """Isolated pods at the other end that may connect with open ones of the same namespaces."""

    spaces: Ints
    pods: Counter[int]
    """By the number of their namespace."""
    rules: list[Known]


class Possible:
    """What is possible in one cluster, seen from pods that are not isolated for a direction."""

    def __init__(self, facts: Facts, direction: Direction) -> None:
        """Nothing is worked out yet."""
        self._cluster = facts.cluster
        self._engine = facts.cluster.engine
        self._direction = direction
        self._others = direction.opposite
        self._hits: dict[tuple[Peer | None, int], Ints] = {}

    def told(self, namespace: int) -> str:
        """With whom the open pods of a namespace may connect, counted by namespace: part of a sentence."""
        some: Counter[int] = Counter()
        for group in self._places.get(namespace, ()):
            some.update(self._reached[group].pods)
        free = self._free
        # of those who may connect to all open pods the largest are enough to find the largest of all
        shown = {*some, *(number for number, _ in free.most_common(_MOST))}
        names = self._cluster.namespaces
        order = sorted(shown, key=lambda number: (-some[number] - free[number], names[number]))
        spaces = len(some.keys() | free.keys())
        if not spaces:
            return _OUTSIDE
        pods = counted(some.total() + free.total(), "pod")
        if spaces == 1:
            return f"{pods} of namespace {names[order[0]]} and {_OUTSIDE}"
        each = [f"{names[number]} {some[number] + free[number]:,}" for number in order[:_MOST]]
        more = f" and {spaces - len(each):,} more" if spaces > len(each) else ""
        return f"{pods} of {spaces:,} namespaces ({', '.join(each)}{more}) and {_OUTSIDE}"

    def known(self, namespace: int) -> list[Known]:
        """The rules at the other end that let these pods connect, where they are few and nobody else may."""
        if self._free:
            return []
        found = {rule for group in self._places.get(namespace, ()) for rule in self._reached[group].rules}
        return sorted(found) if len(found) <= _MOST_KNOWN else []

    @cached_property
    def _free(self) -> Counter[int]:
        """Pods at the other end that are not isolated: all of them may connect."""
        return self._by_space(np.flatnonzero(self._free_for(self._others)))

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        """For each namespace the groups that reach it."""
        found: dict[int, list[int]] = {}
        for group, others in enumerate(self._reached):
            for space in others.spaces.tolist():
                found.setdefault(space, []).append(group)
        return found

    @cached_property
    def _reached(self) -> list[_Others]:
        """Isolated pods of the other end, by the namespaces with open pods that they may connect with."""
        profiles, of_end = self._engine.profiles(self._others)
        of_identity = of_end[: len(self._sizes)]
        order = np.argsort(of_identity, kind="stable")
        bounds = np.searchsorted(of_identity[order], np.arange(len(profiles) + 1))
        found: dict[bytes, _Others] = {}
        for number, profile in enumerate(profiles):
            mine = order[bounds[number] : bounds[number + 1]]
            if not (profile.policies and len(mine)):
                continue
            rules = list(self._rules(profile))
            spaces = np.unique(np.concatenate([self._spaces[:0], *(hit for _, hit in rules)]))
            others = found.setdefault(spaces.tobytes(), _Others(spaces, Counter(), []))
            others.pods.update(self._by_space(mine))
            others.rules.extend(rule for rule, hit in rules if len(hit))
        return list(found.values())

    def _rules(self, profile: Profile) -> Iterator[tuple[Known, Ints]]:
        """The rules of a profile, each with the namespaces in which it names pods that are open."""
        for policy in profile.policies:
            home = int(self._engine.namespaces[policy])
            for index, rule in enumerate(self._engine.policies[policy].written(self._others)):
                peers = (None,) if rule.peers is None else rule.peers
                hits = [self._hit(peer, home) for peer in peers]
                yield Known(policy, index), np.unique(np.concatenate(hits)) if hits else self._spaces[:0]

    def _hit(self, peer: Peer | None, home: int) -> Ints:
        local = isinstance(peer, PodPeer) and peer.namespaces is None
        key = (peer, home if local else NOT_IN_A_NAMESPACE)
        if key not in self._hits:
            ends = self._engine.ends.members(peer, home).ends
            ends = ends[ends < len(self._open)]
            self._hits[key] = np.unique(self._spaces[ends[self._open[ends]]])
        return self._hits[key]

    def _by_space(self, identities: Ints) -> Counter[int]:
        spaces, place = np.unique(self._spaces[identities], return_inverse=True)
        sizes = np.bincount(place, weights=self._sizes[identities]).astype(np.int64)
        return Counter(dict(zip(spaces.tolist(), sizes.tolist(), strict=True)))

    @cached_property
    def _spaces(self) -> Ints:
        return self._engine.ends.identities.namespace

    @cached_property
    def _sizes(self) -> Ints:
        """Pods of each identity."""
        return np.bincount(self._cluster.identity_of_pod, minlength=len(self._engine.ends.identities))

    @cached_property
    def _open(self) -> NDArray[np.bool_]:
        """Which identities are open for the direction."""
        return self._free_for(self._direction)

    def _free_for(self, direction: Direction) -> NDArray[np.bool_]:
        """Which identities no policy selects for a direction, though one could."""
        free = ~self._engine.isolated(direction)[: len(self._sizes)]
        found: NDArray[np.bool_] = free & (self._spaces != NOT_IN_A_NAMESPACE)
        return found
