"""Which ends the rules of profiles name, so that what many profiles have in common is looked at once.

A rule that lets monitoring in stands in thousands of namespaces. Of a few ends most profiles name none, and
those that do name them in few different ways.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from audit.policy.ends import Among
from audit.policy.engine import Engine, Step
from audit.policy.identities import FAMILY_BIT, Ints, number_sets
from audit.policy.model import Direction, NamedPort, PodPeer

_NOWHERE = -1


class Alike(NamedTuple):
    """Profiles whose rules name the same of some ends, and exchange the same with them."""

    profiles: Ints
    """Numbers of `Engine.profiles`."""
    places: Ints
    """Where the ends that they name are among all that were asked about, in order."""


class Named:
    """The steps of some profiles in one direction but for the denial of the rest; equal ones are one."""

    def __init__(self, engine: Engine, direction: Direction, profiles: Sequence[int]) -> None:
        """`profiles` are numbers of `engine.profiles`."""
        every, _ = engine.profiles(direction)
        self._profiles = np.array(profiles, np.int64)
        self._ports = np.array([every[number].ports for number in profiles], np.int64)
        self._steps: list[Step] = []
        numbers: dict[object, int] = {}
        of_policy: dict[int, list[int]] = {}
        whose: list[int] = []
        what: list[int] = []
        for place, profile in enumerate(profiles):
            for policy in every[profile].policies:
                if policy not in of_policy:
                    of_policy[policy] = [
                        self._number(numbers, step) for step in engine.steps(direction, policy)
                    ]
                what += of_policy[policy]
                whose += [place] * len(of_policy[policy])
        self._whose, self._what = np.array(whose, np.int64), np.array(what, np.int64)
        self._local = np.array([home(step) for step in self._steps], np.int64)
        self._by_name = np.array([_names_a_port(step) for step in self._steps], np.bool_)

    @property
    def steps(self) -> Sequence[Step]:
        """The steps, each once; their places here are their numbers."""
        return self._steps

    @property
    def of_profiles(self) -> tuple[Ints, Ints]:
        """A profile, by its place among those that were given, beside the number of each of its steps."""
        return self._whose, self._what

    def size(self, among: Among) -> int:
        """How many places all steps of all profiles name together, at most."""
        sizes = np.zeros(len(self._steps), np.int64)
        for number, ends in self._members(among, None):
            sizes[number] = len(ends)
        return int(sizes[self._what].sum())

    def alike(self, among: Among, family: int) -> list[Alike]:
        """The profiles that name some of those ends over an address family."""
        members = dict(self._members(among, family))
        names = np.zeros(len(self._steps), np.bool_)
        names[list(members)] = True
        kept = names[self._what]
        whose, what = self._whose[kept], self._what[kept]
        having = np.unique(whose)
        owner = having.searchsorted(whose)
        by_name = np.zeros(len(having), np.bool_)
        by_name[owner[self._by_name[what]]] = True
        like = np.stack(
            [number_sets(owner, what, len(having)), np.where(by_name, self._ports[having], _NOWHERE)]
        )
        _, first, of_profile = np.unique(like, axis=1, return_index=True, return_inverse=True)
        order = np.argsort(of_profile, kind="stable")
        bounds = np.searchsorted(of_profile[order], np.arange(len(first) + 1))
        steps = np.searchsorted(owner, np.arange(len(having) + 1))
        return [
            Alike(
                self._profiles[having[order[bounds[number] : bounds[number + 1]]]],
                _union([members[step] for step in what[steps[one] : steps[one + 1]].tolist()]),
            )
            for number, one in enumerate(first.tolist())
        ]

    def _number(self, numbers: dict[object, int], step: Step) -> int:
        number = numbers.setdefault((step.peer, step.ports, home(step)), len(self._steps))
        if number == len(self._steps):
            self._steps.append(step)
        return number

    def _members(self, among: Among, family: int | None) -> list[tuple[int, Ints]]:
        """The steps that name some of those ends, by number, and which."""
        found = []
        near = (self._local == _NOWHERE) | among.has_pods_of(self._local)
        for number in np.flatnonzero(near).tolist():
            step = self._steps[number]
            ends, families = among.members(step.peer, step.namespace)
            if len(ends) and (family is None or families & FAMILY_BIT[family]):
                found.append((number, ends))
        return found


def home(step: Step) -> int:
    """The namespace whose pods it names, where its peer is local to one."""
    local = isinstance(step.peer, PodPeer) and step.peer.namespaces is None
    return step.namespace if local else _NOWHERE


def _names_a_port(step: Step) -> bool:
    return any(isinstance(port, NamedPort) for port in step.ports or ())


def _union(places: Sequence[Ints]) -> Ints:
    return places[0] if len(places) == 1 else np.unique(np.concatenate(places))
