"""Whether other rules allow all that a rule allows.

Only what does not hang on a plug-in or on the addresses of today counts: pods that a rule names by labels are
covered by rules that do the same, not by blocks in which their addresses lie; addresses by blocks, whatever
pod has them; and everyone by everyone alone.
"""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import cached_property
from typing import Final

import numpy as np

from audit.policy.addresses import Block
from audit.policy.allowances import (
    Allowance,
    Written,
    allows_addresses,
    allows_pods_for_good,
    written,
)
from audit.policy.ends import places
from audit.policy.engine import Engine
from audit.policy.identities import Ints
from audit.policy.model import Direction, NamedPort, Peer, PodPeer, Port
from audit.policy.selectors import implies
from audit.policy.sets import NONE_NUMBER

_FEW: Final = 16
"""Ends below this number are looked at all at once."""

Counts = Callable[[Allowance], bool]
"""Which others may cover one."""


class Idle(Enum):
    """What of a rule is nothing now, so that it allows nothing."""

    PODS = auto()
    """Its policy selects none."""
    PEERS = auto()
    PORTS = auto()


class Coverage:
    """The rules of one direction that have effect, and what others of them allow too."""

    def __init__(self, engine: Engine, direction: Direction) -> None:
        """Of the verdicts of `engine`; work grows with rules and with those that hold for the same pods."""
        self._engine = engine
        self._ends = engine.ends
        self._direction = direction
        self._profiles, self._of_end = engine.profiles(direction)
        self._of_policy: dict[int, list[Allowance]] = {}
        self._of_profile: dict[int, list[Allowance]] = {}
        self._met: dict[int, list[int]] = {}
        self.allowances: list[Allowance] = []
        """By namespace, by name of the policy, and as they are written."""
        policies = engine.policies
        for number in sorted(range(len(policies)), key=lambda n: (policies[n].namespace, policies[n].name)):
            rules = policies[number].rules(direction) or ()
            first = len(self.allowances)
            self._of_policy[number] = [
                Allowance(number, index, first + index, policies[number], rule, written(rule.ports))
                for index, rule in enumerate(rules)
            ]
            self.allowances += self._of_policy[number]

    def meeting(self, policy: int) -> int:
        """How many rules hold for one of the pods that a policy selects, at most."""
        return max((len(self._holding(number)) for number in self._profiles_of(policy)), default=0)

    def beside(self, one: Allowance) -> list[Allowance]:
        """The others that hold for some of the pods that it holds for, in their order."""
        found = {other for number in self._profiles_of(one.number) for other in self._holding(number)}
        return sorted(found - {one}, key=lambda other: other.place)

    def idle(self, one: Allowance) -> Idle | None:
        """Why the rule allows nothing now; None if it allows something."""
        if not len(self._engine.selected[one.number]):
            return Idle.PODS
        peers = [peer for peer in one.peers if self._is_somebody(peer, one)]
        if not peers:
            return Idle.PEERS
        return None if any(self._opens(entry, peers, one) for entry in one.entries) else Idle.PORTS

    def covered(self, one: Allowance, counts: Counts) -> bool:
        """Whether rules that count allow all that this one does, in one way or the other."""
        # for good is now too, but for what is nothing now
        return self.now(one, counts) or (not self._is_whole(one) and self.for_good(one, counts))

    def for_good(self, one: Allowance, counts: Counts) -> bool:
        """Whether rules that count allow all that this one does, whatever pods and namespaces there are.

        What selectors select together is not looked for.
        """
        profiles = self._profiles_of(one.number)
        if not profiles:
            return False
        selector = one.policy.selector
        # a policy for all pods that this one can select is one for the first of them
        others = [o for o in self._others(one, profiles[0], counts) if implies(selector, o.policy.selector)]
        return (
            bool(others)
            and allows_pods_for_good(one, others)
            and allows_addresses(one, one.ports, [(other, other.ports) for other in others])
        )

    def now(self, one: Allowance, counts: Counts) -> bool:
        """Whether rules that count allow all that this one does between the pods present.

        Not if a part of it is nothing now: nobody can tell what covers what is yet to come.
        """
        known: set[tuple[tuple[Allowance, ...], int]] = set()
        for number in self._profiles_of(one.number):
            own = self._profiles[number].ports
            others = tuple(self._others(one, number, counts))
            if (others, own) not in known and not self._is_covered(one, others, own):
                return False
            known.add((others, own))
        return bool(known) and self._is_whole(one)

    def _is_covered(self, one: Allowance, others: Sequence[Allowance], own: int) -> bool:
        """Whether others allow as much, at pods with container ports `own`."""
        if not others or not all(self._are_pods_covered(peer, one, others, own) for peer in one.pods):
            return False
        ports = ((other, self._ports(other, own)) for other in others)
        return not one.ranges or allows_addresses(one, self._ports(one, own), ports)

    def _are_pods_covered(
        self, peer: PodPeer | None, one: Allowance, others: Sequence[Allowance], own: int
    ) -> bool:
        ends = self._whom(peer, one)
        # most that are not covered are seen to be so at the first or the last
        parts = (ends,) if len(ends) < _FEW else (ends[:1], ends[-1:], ends)
        return all(self._are_covered(some, peer, one, others, own) for some in parts)

    def _are_covered(
        self, some: Ints, peer: PodPeer | None, one: Allowance, others: Sequence[Allowance], own: int
    ) -> bool:
        """Whether others allow as much with those ends, which are some of the peer."""
        opened, sets = self._engine.opened, self._engine.sets
        left = np.full(len(some), NONE_NUMBER, np.int32)
        left[:] = opened(self._direction, one.rule.ports, own, some)
        for other in others:
            for wide in other.pods:
                if wide is None:
                    at = np.arange(len(some))
                elif peer is not None:
                    at = places(self._whom(wide, one), some)
                else:
                    continue
                if len(at):
                    theirs = opened(self._direction, other.rule.ports, own, some[at])
                    left[at] = sets.difference(left[at], theirs)
            if not left.any():
                return True
        return not left.any()

    def _is_whole(self, one: Allowance) -> bool:
        """Whether none of its peers and ports is nothing now."""
        return all(self._is_somebody(peer, one) for peer in one.peers) and all(
            self._opens(entry, one.peers, one) for entry in one.entries
        )

    def _is_somebody(self, peer: Peer | None, one: Allowance) -> bool:
        if isinstance(peer, Block):
            return bool(peer.ranges())
        return peer is None or bool(len(self._whom(peer, one)))

    def _opens(self, entry: Port | None, peers: Sequence[Peer | None], one: Allowance) -> bool:
        """Whether an entry opens some port, for some of the peers."""
        if not isinstance(entry, NamedPort):
            return entry is None or entry.first <= entry.last
        if self._direction is Direction.INGRESS:
            at = [self._engine.selected[one.number]]
        else:
            at = [self._whom(peer, one) for peer in peers]
        sets = {number for ends in at for number in np.unique(self._ends.ports[ends]).tolist()}
        return not all(self._ends.reaches_nothing((entry,), number) for number in sets)

    def _others(self, one: Allowance, profile: int, counts: Counts) -> list[Allowance]:
        """Those that count, hold for the pods of a profile and share a port; none if they lack one of its."""
        found = [
            other
            for other in self._holding(profile)
            if other is not one and one.ports.meets(other.ports) and counts(other)
        ]
        # only a pod can tell which number a name is
        known = not one.ports.names and not any(other.ports.names for other in found)
        return [] if known and not one.ports.within(other.ports for other in found) else found

    def _ports(self, one: Allowance, own: int) -> Written:
        """A rule's ports where pods with container ports `own` are the destination, else as written."""
        if self._direction is Direction.INGRESS:
            return Written(self._ends.connections(one.rule.ports, own))
        return one.ports

    def _whom(self, peer: Peer | None, one: Allowance) -> Ints:
        """The ends that a peer stands for; of everyone some that differ in all that makes a difference."""
        if peer is None:
            return self._samples
        return self._ends.members(peer, int(self._engine.namespaces[one.number])).ends

    @cached_property
    def _samples(self) -> Ints:
        """An end for each set of container ports."""
        return np.sort(np.unique(self._ends.ports, return_index=True)[1])

    def _profiles_of(self, policy: int) -> list[int]:
        """The profiles of the pods that a policy selects, that of the first in front."""
        if policy not in self._met:
            numbers = self._of_end[self._engine.selected[policy]]
            self._met[policy] = list(dict.fromkeys(numbers.tolist()))
        return self._met[policy]

    def _holding(self, profile: int) -> list[Allowance]:
        """The rules that hold for the pods of a profile, in their order."""
        if profile not in self._of_profile:
            policies = self._profiles[profile].policies
            found = [one for number in policies for one in self._of_policy[number]]
            self._of_profile[profile] = sorted(found, key=lambda one: one.place)
        return self._of_profile[profile]
