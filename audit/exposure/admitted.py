"""What policies let in of the sources of a way, at the pods that it leads to."""

from collections.abc import Sequence
from enum import IntEnum
from functools import cached_property
from typing import Final

import numpy as np

from audit.exposure.cluster import Cluster
from audit.exposure.ways import Way
from audit.policy.addresses import BITS, FAMILIES, Block, Range, merge, parse_cidr, subtract
from audit.policy.engine import Profile
from audit.policy.identities import FAMILY_BIT, NOT_IN_A_NAMESPACE, Ints
from audit.policy.model import Direction
from audit.policy.pairs import Pairs
from audit.policy.sets import Numbers

_WHOLE: Final = {family: [Range(family, 0, (1 << BITS[family]) - 1)] for family in FAMILIES}


class Let(IntEnum):
    """How much of the sources may connect; its name in lower case is the word of the column."""

    NONE = 0
    LIMITED = 1
    ANY = 2

    @property
    def word(self) -> str:
        """As tables have it."""
        return self.name.lower()

    @staticmethod
    def part(some: int, of: int) -> "Let":
        """So many of all."""
        return Let.NONE if not some else Let.ANY if some == of else Let.LIMITED


class Admitted:
    """The verdicts of one cluster, by identity: what is asked twice is worked out once."""

    def __init__(self, cluster: Cluster, found: Sequence[Way]) -> None:
        """`found` are the ways of which it may be asked."""
        self._cluster = cluster
        self._engine = cluster.engine
        self._profiles, self._of_end = cluster.engine.profiles(Direction.INGRESS)
        self._sizes = np.bincount(cluster.identity_of_pod, minlength=len(cluster.engine.ends.identities))
        self._ways = found
        self._known: dict[tuple[object, ...], Let] = {}
        self._rows: dict[bytes, tuple[Ints, list[Numbers]]] = {}
        """Of pods that send on: the identities that they send on to, and what each may exchange with them."""

    def of(self, way: Way, identity: int) -> Let:
        """What is let in by a way at pods of an identity."""
        if way.through is not None:
            sent_on = self._from_front(way.through, identity, way.protocol, way.port)
            return min(self._at_front(way.through, way.sources), sent_on)
        if way.by_a_controller:
            return self._from_somebody(identity, way.protocol, way.port)
        return self._from_outside(identity, way.protocol, way.port, way.sources)

    def _from_outside(self, identity: int, protocol: str, port: int, sources: tuple[str, ...]) -> Let:
        """What of some ranges of addresses is let in; none stand for all."""
        if self._free(identity):
            return Let.ANY
        profile, families = int(self._of_end[identity]), int(self._engine.ends.families[identity])
        key = (profile, families, protocol, port, sources)
        if key not in self._known:
            allowed = self._addresses(self._profiles[profile], protocol, port)
            found = [_share(wanted, allowed) for wanted in _wanted(sources, families)]
            self._known[key] = max(found, default=Let.NONE)
        return self._known[key]

    def _addresses(self, profile: Profile, protocol: str, port: int) -> list[Range]:
        """The outside addresses that may connect to that port."""
        if not profile.policies:
            return [*_WHOLE[4], *_WHOLE[6]]
        found: list[Range] = []
        for step in self._steps(profile, protocol, port):
            if step is None:
                return [*_WHOLE[4], *_WHOLE[6]]
            found += step.ranges()
        return merge(found)

    def _steps(self, profile: Profile, protocol: str, port: int) -> list[Block | None]:
        """The peers of rules for that port that stand for addresses, or for everyone (None)."""
        connections = self._engine.ends.connections
        return [
            step.peer
            for number in profile.policies
            for step in self._engine.steps(Direction.INGRESS, number)
            if (step.peer is None or isinstance(step.peer, Block))
            and connections(step.ports, profile.ports).holds(protocol, port)
        ]

    def _from_somebody(self, identity: int, protocol: str, port: int) -> Let:
        """What of all pods and addresses may connect: it is one of them that sends on what comes in."""
        profile = self._profiles[int(self._of_end[identity])]
        if not profile.policies:
            return Let.ANY
        key = (identity, protocol, port)
        if key not in self._known:
            ends = self._engine.ends
            mine = int(ends.families[identity])
            there = (ends.families & mine) != 0
            if self._sizes[identity] == 1:
                there[identity] = False
            named = np.zeros(len(ends), np.bool_)
            for number in profile.policies:
                for step in self._engine.steps(Direction.INGRESS, number):
                    at, families = ends.members(step.peer, step.namespace)
                    opens = ends.connections(step.ports, profile.ports).holds(protocol, port)
                    named[at] |= opens and bool(families & mine)
            self._known[key] = Let.part(int((named & there).sum()), int(there.sum()))
        return self._known[key]

    def _at_front(self, through: Ints, sources: tuple[str, ...]) -> Let:
        """What of the sources is let in at the pods that send on, by whichever way leads to them."""
        key = (through.tobytes(), sources)
        if key not in self._known:
            sending = np.zeros(len(self._cluster.pods), np.bool_)
            sending[through] = True
            found = [
                self._from_outside(identity, way.protocol, way.port, sources)
                for way in self._ways
                if not way.by_a_controller and sending[way.pods].any()
                for identity in self._identities(way.pods[sending[way.pods]]).tolist()
            ]
            self._known[key] = max(found, default=Let.ANY)
        return self._known[key]

    def _from_front(self, through: Ints, identity: int, protocol: str, port: int) -> Let:
        """How many of the pods that send on may connect, by the policies of both ends."""
        key = through.tobytes()
        if key not in self._rows:
            near, far = self._identities(through), self._sent_on_to[key]
            pairs = Pairs(self._engine, near, far)
            self._rows[key] = (far, [pairs.row(end) for end in near.tolist()])
        far, rows = self._rows[key]
        place = int(far.searchsorted(identity))
        may = [self._engine.sets[int(row[place])].holds(protocol, port) for row in rows]
        return Let.part(sum(may), len(may))

    @cached_property
    def _sent_on_to(self) -> dict[bytes, Ints]:
        """The identities to which the same pods send on."""
        pods: dict[bytes, list[Ints]] = {}
        for way in self._ways:
            if way.through is not None:
                pods.setdefault(way.through.tobytes(), []).append(way.pods)
        return {key: self._identities(np.concatenate(found)) for key, found in pods.items()}

    def _identities(self, pods: Ints) -> Ints:
        return np.unique(self._cluster.identity_of_pod[pods])

    def _free(self, identity: int) -> bool:
        """Whether its pods are in their node's network, where no policy holds."""
        return bool(self._engine.ends.namespace[identity] == NOT_IN_A_NAMESPACE)


def _wanted(sources: tuple[str, ...], families: int) -> list[list[Range]]:
    """The ranges of each family that the pods have, as far as there are any."""
    ranges = [known[0] for text in sources if (known := parse_cidr(text)) is not None]
    mine = [family for family in FAMILIES if FAMILY_BIT[family] & families]
    by_family = [merge(r for r in ranges if r.family == f) if sources else _WHOLE[f] for f in mine]
    return [wanted for wanted in by_family if wanted]


def _share(wanted: list[Range], allowed: list[Range]) -> Let:
    """How much of some ranges is among others."""
    left = subtract(wanted, allowed)
    return Let.NONE if left == wanted else Let.LIMITED if left else Let.ANY
