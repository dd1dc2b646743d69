"""Policies x identities -> verdicts, each with the rule that decided.

A direction of an end is judged by an ordered list of tiers. A tier is an
ordered list of steps; a step accepts, denies or passes on what its peers and
ports take of what is still undecided, and what no tier decides is allowed.
The tier of networking.k8s.io/v1 has a step that accepts for each rule of each
policy that selects the pod, and then denies the rest: so selection isolates,
rules only add, and their order does not matter. A pod that no policy selects
has no step there.
"""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.policy.ends import Among, Ends, Part
from audit.policy.identities import FAMILY_BIT, NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction, NamedPort, Peer, Policy, Port
from audit.policy.sets import ALL_NUMBER, NONE_NUMBER, ConnectionSets, Numbers


class Action(Enum):
    """What a step does with what it takes."""

    ACCEPT = auto()
    DENY = auto()
    PASS = auto()


class Cause(NamedTuple):
    """The rule behind a step: the policy's number, and the indexes of its rule and peer.

    The denial that isolation brings has no rule; a rule without peers has no peer.
    """

    policy: int
    rule: int | None = None
    peer: int | None = None


class Step(NamedTuple):
    """One decision of a tier; peer None is everyone, ports None everything."""

    action: Action
    cause: Cause
    namespace: int
    peer: Peer | None = None
    ports: tuple[Port, ...] | None = None


class Profile(NamedTuple):
    """All that the verdicts of an end in one direction hang on: who selects it, and its container ports.

    `ports` is a set of container ports for ingress, which is judged at the destination; else -1.
    """

    policies: tuple[int, ...]
    ports: int


class Engine:
    """The verdicts of one cluster."""

    def __init__(self, policies: Sequence[Policy], namespaces: Ints, ends: Ends) -> None:
        """`namespaces` has the number of each policy's namespace.

        Work grows with policies and with the identities of their own namespaces.
        """
        self.policies = policies
        self.namespaces = namespaces
        self.ends = ends
        self.sets = ConnectionSets()
        self.selected: list[Ints] = [
            ends.selected(policy.selector, int(namespace))
            for policy, namespace in zip(policies, namespaces, strict=True)
        ]
        """For each policy the identities that it selects."""
        self._profiles: dict[Direction, tuple[list[Profile], Ints]] = {}

    def selecting(self, direction: Direction) -> tuple[Ints, Ints]:
        """Policies that apply to the direction, by end: end i has `policies[bounds[i]:bounds[i + 1]]`."""
        applying = [i for i, policy in enumerate(self.policies) if direction in policy.types]
        sizes = [len(self.selected[i]) for i in applying]
        selected = np.concatenate([np.empty(0, np.int64), *(self.selected[i] for i in applying)])
        order = np.argsort(selected, kind="stable")
        policies = np.repeat(np.array(applying, np.int64), sizes)[order]
        return policies, np.searchsorted(selected[order], np.arange(len(self.ends) + 1))

    def isolated(self, direction: Direction) -> NDArray[np.bool_]:
        """Which ends some policy selects for the direction."""
        _, bounds = self.selecting(direction)
        return np.diff(bounds) > 0

    def profiles(self, direction: Direction) -> tuple[list[Profile], Ints]:
        """The distinct profiles, and the number of each end's."""
        if direction not in self._profiles:
            policies, bounds = self.selecting(direction)
            ports = self.ends.ports if direction is Direction.INGRESS else np.full(len(self.ends), -1)
            numbers: dict[Profile, int] = {}
            of_end = np.empty(len(self.ends), np.int64)
            unselected = Profile((), -1)
            for end, (first, last) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
                profile = (
                    unselected
                    if first == last
                    else Profile(tuple(policies[first:last].tolist()), int(ports[end]))
                )
                of_end[end] = numbers.setdefault(profile, len(numbers))
            self._profiles[direction] = (list(numbers), of_end)
        return self._profiles[direction]

    def tiers(self, direction: Direction, profile: Profile) -> Iterator[list[Step]]:
        """The tiers in their order, each with its steps."""
        yield self._network_policies(direction, profile)

    def verdicts(
        self,
        direction: Direction,
        profile: Profile,
        family: int,
        others: Among | Part,
        met: list[Step] | None = None,
    ) -> Numbers:
        """What an end of that profile may exchange with each of the others over one address family.

        `met` is given the steps that name some of them.
        """
        allowed = np.full(len(others.some), NONE_NUMBER, np.int32)
        undecided = np.full(len(others.some), ALL_NUMBER, np.int32)
        for steps in self.tiers(direction, profile):
            passed = np.full(len(others.some), NONE_NUMBER, np.int32)
            for step in steps:
                at, families = others.members(step.peer, step.namespace)
                if not len(at) or not families & FAMILY_BIT[family]:
                    continue
                before = undecided[at]
                ports = self.opened(direction, step.ports, profile.ports, others.some[at])
                taken = self.sets.intersection(before, ports)
                undecided[at] = self.sets.difference(before, ports)
                if step.action is Action.ACCEPT:
                    allowed[at] = self.sets.union(allowed[at], taken)
                elif step.action is Action.PASS:
                    passed[at] = self.sets.union(passed[at], taken)
                if met is not None:
                    met.append(step)
            undecided = self.sets.union(undecided, passed)
        return self.sets.union(allowed, undecided)

    def steps(self, direction: Direction, number: int) -> list[Step]:
        """What the rules of a policy accept."""
        namespace = int(self.namespaces[number])
        steps: list[Step] = []
        for index, rule in enumerate(self.policies[number].written(direction)):
            peers = enumerate(rule.peers) if rule.peers is not None else [(None, None)]
            steps += [
                Step(Action.ACCEPT, Cause(number, index, place), namespace, peer, rule.ports)
                for place, peer in peers
            ]
        return steps

    def opened(
        self, direction: Direction, ports: tuple[Port, ...] | None, own: int, others: Ints
    ) -> Numbers | int:
        """What a rule's ports are with each of the others, by number, at an end with container ports `own`.

        A name is looked up at the destination, whichever end that is.
        """
        connections, number = self.ends.connections, self.sets.number
        if direction is Direction.INGRESS or not any(isinstance(port, NamedPort) for port in ports or ()):
            return number(connections(ports, own))
        at_destination, where = np.unique(self.ends.ports[others], return_inverse=True)
        numbers = np.array([number(connections(ports, int(p))) for p in at_destination], np.int32)
        return numbers[where]

    def _network_policies(self, direction: Direction, profile: Profile) -> list[Step]:
        """Steps of the networking.k8s.io/v1 tier; none for a pod that no policy selects."""
        steps = [step for number in profile.policies for step in self.steps(direction, number)]
        if profile.policies:
            steps.append(Step(Action.DENY, Cause(profile.policies[0]), NOT_IN_A_NAMESPACE))
        return steps
