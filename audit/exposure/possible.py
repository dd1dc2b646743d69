"""With whom pods may connect that no policy selects for a direction: what a default deny would close.

Nothing limits it at their own end, so that the policies of the other end decide alone.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.exposure.cluster import Cluster
from audit.policy.engine import Profile
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, Peer, PodPeer

_LARGEST: Final = 3
_KEPT: Final = _LARGEST + 1
"""One more: an open pod that is taken out as itself may make its namespace the smaller one."""
_PIECE: Final = 1 << 21
"""Pairs of namespaces that are held at a time, about."""
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


class _Limited(NamedTuple):
    """What isolated pods may reach, by the number of the namespace that is reached."""

    pods: Ints
    """How many may."""
    namespaces: Ints
    """How many these are in, but for those with pods that are not isolated, which all reach everything."""
    targets: Ints
    """In order, each as often as `homes` has namespaces for it: those with most pods that reach it ..."""
    homes: Ints
    sizes: Ints
    """... and how many, with those that are not isolated."""

    def with_more(self, more: Sequence[tuple[Ints, int, Ints]], unlimited: Ints) -> "_Limited":
        """With what further namespaces reach: the namespaces reached, their own number, and pods for each."""
        targets = np.concatenate([reached for reached, _, _ in more])
        homes = np.repeat([home for _, home, _ in more], [len(reached) for reached, _, _ in more])
        pods = np.concatenate([size for _, _, size in more])
        count = len(self.pods)
        new = np.bincount(targets[unlimited[homes] == 0], minlength=count)
        total = np.bincount(targets, weights=pods, minlength=count).astype(np.int64)
        targets = np.concatenate([self.targets, targets])
        homes = np.concatenate([self.homes, homes])
        sizes = np.concatenate([self.sizes, pods + unlimited[homes[len(self.homes) :]]])
        order = np.lexsort((homes, -sizes, targets))
        targets = targets[order]
        # of each namespace the first few
        kept = np.arange(len(targets)) - np.searchsorted(targets, targets) < _KEPT
        return _Limited(
            self.pods + total, self.namespaces + new, targets[kept], homes[order][kept], sizes[order][kept]
        )


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
        self._of_policy: dict[int, Ints] = {}

    def with_whom(self, namespace: int) -> Partners:
        """The pods with which the open ones of a namespace may connect, beside any address outside.

        Where it is one pod, that is no partner of its own.
        """
        limited, unlimited = self._limited, self._unlimited
        mine = slice(*np.searchsorted(limited.targets, [namespace, namespace + 1]))
        largest = dict(self._most) | dict(
            zip(limited.homes[mine].tolist(), limited.sizes[mine].tolist(), strict=True)
        )
        pods = int(limited.pods[namespace] + unlimited.sum())
        namespaces = int(limited.namespaces[namespace] + np.count_nonzero(unlimited))
        if self._itself[namespace]:
            pods -= 1
            namespaces -= int(unlimited[namespace] == 1 and namespace not in limited.homes[mine])
            if namespace in largest:
                largest[namespace] -= 1
        order = sorted(filter(largest.get, largest), key=lambda home: (-largest[home], self._names[home]))
        return Partners(pods, namespaces, [(self._names[home], largest[home]) for home in order[:_LARGEST]])

    def known(self, namespace: int, most: int) -> list[Known]:
        """The rules that let other pods connect, if nobody else may and they are at most so many."""
        found = [] if self._unlimited.any() else self._rules.get(namespace, [])
        return found if len(found) <= most else []

    @cached_property
    def _unlimited(self) -> Ints:
        """Pods of each namespace that are not isolated at the other end."""
        return self._pods(self._free(self._others))

    @cached_property
    def _itself(self) -> NDArray[np.bool_]:
        """Of each namespace whether it has one open pod, which is not isolated at its other end either."""
        both = self._open & self._free(self._others)
        alone: NDArray[np.bool_] = (self._pods(self._open) == 1) & (self._pods(both) == 1)
        return alone

    def _pods(self, chosen: NDArray[np.bool_]) -> Ints:
        """How many pods of each namespace have one of the chosen identities."""
        sizes = np.bincount(self._spaces[chosen], weights=self._sizes[chosen], minlength=len(self._names))
        return sizes.astype(np.int64)

    @cached_property
    def _most(self) -> list[tuple[int, int]]:
        """The namespaces with most pods that are not isolated, and how many."""
        order = np.argsort(-self._unlimited, kind="stable")[:_KEPT].tolist()
        return [(home, int(self._unlimited[home])) for home in order if self._unlimited[home]]

    @cached_property
    def _limited(self) -> "_Limited":
        """What isolated pods of the other end may reach, in pieces that fit into memory."""
        count = len(self._names)
        zeros = np.zeros(count, np.int64)
        found = _Limited(zeros, zeros, _NOWHERE, _NOWHERE, _NOWHERE)
        waiting: list[tuple[Ints, int, Ints]] = []
        held = 0
        for home, targets, pods in self._reached():
            waiting.append((targets, home, pods))
            held += len(targets)
            if held > _PIECE:
                found, waiting, held = found.with_more(waiting, self._unlimited), [], 0
        return found.with_more(waiting, self._unlimited) if waiting else found

    def _reached(self) -> Iterator[tuple[int, Ints, Ints]]:
        """For each namespace those with open pods that isolated pods of it may reach, and how many may."""
        by_home: dict[int, list[tuple[Ints, int]]] = {}
        for profile, home, size in self._isolated():
            reached = _together([self._spaces_of(policy) for policy in profile.policies])
            by_home.setdefault(home, []).append((reached, size))
        for home, each in by_home.items():
            if len(each) == 1:
                ((targets, size),) = each
                yield home, targets, np.full(len(targets), size)
                continue
            targets, place = np.unique(np.concatenate([hit for hit, _ in each]), return_inverse=True)
            sizes = np.repeat([size for _, size in each], [len(hit) for hit, _ in each])
            yield home, targets, np.bincount(place, weights=sizes, minlength=len(targets)).astype(np.int64)

    @cached_property
    def _rules(self) -> dict[int, list[Known]]:
        """For each namespace the rules that name open pods of it, of policies that select pods."""
        found: dict[int, list[Known]] = {}
        for policy in sorted({policy for profile, _, _ in self._isolated() for policy in profile.policies}):
            for index, spaces in enumerate(self._named(policy)):
                for space in spaces.tolist():
                    found.setdefault(space, []).append(Known(policy, index))
        return found

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

    def _spaces_of(self, policy: int) -> Ints:
        """The namespaces in which the rules of a policy name open pods."""
        if policy not in self._of_policy:
            self._of_policy[policy] = _together(list(self._named(policy)))
        return self._of_policy[policy]

    def _named(self, policy: int) -> Iterator[Ints]:
        """For each rule of a policy the namespaces in which it names open pods."""
        home = int(self._engine.namespaces[policy])
        for rule in self._engine.policies[policy].written(self._others):
            yield _together(
                [self._hit(peer, home) for peer in ((None,) if rule.peers is None else rule.peers)]
            )

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


def _together(numbers: Sequence[Ints]) -> Ints:
    """All of them in order, each once, as each of the arrays has them."""
    some = [each for each in numbers if len(each)]
    if len(some) < 2:  # as of most rules: to sort what is sorted would take longer than all else
        return some[0] if some else _NOWHERE
    return np.unique(np.concatenate(some))
