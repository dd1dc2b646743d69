"""What the egress rules of workloads let them connect to, among a few ends."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.facts import Facts
from audit.policy.addresses import FAMILIES
from audit.policy.ends import Among, Part
from audit.policy.identities import Ints
from audit.policy.model import Direction
from audit.policy.named import Named
from audit.policy.ports import NONE, Connections, union
from audit.queries.groups import Groups, of_pods


class Members(NamedTuple):
    """The identities of each workload, in the order of WORKLOAD_FACTS, and the egress profile of each end."""

    groups: Groups
    profile_of_end: Ints

    def any(self, of_profile: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which workloads have an identity of such a profile."""
        found: NDArray[np.bool_] = np.logical_or.reduceat(
            of_profile[self.profile_of_end[self.groups.ends]], self.groups.bounds[:-1]
        )
        return found

    def profiles(self, workload: int) -> list[int]:
        """The egress profiles of a workload's identities, each once."""
        ends = self.groups.ends[self.groups.bounds[workload] : self.groups.bounds[workload + 1]]
        return list(dict.fromkeys(self.profile_of_end[ends].tolist()))


def members(facts: Facts) -> Members:
    """Who is who."""
    groups, _ = of_pods(facts, "workload")
    return Members(groups, facts.cluster.engine.profiles(Direction.EGRESS)[1])


def allowed_to(facts: Facts, ends: Ints) -> dict[int, Connections]:
    """For each egress profile whose rules name some of `ends` all that it allows to any of them."""
    found: dict[int, Connections] = {}
    for profiles, connections in _allowed(facts, np.unique(ends)):
        for profile in profiles.tolist():
            found[profile] = union(found.get(profile, NONE), connections)
    return found


def _allowed(facts: Facts, ends: Ints) -> Iterator[tuple[Ints, Connections]]:
    engine = facts.cluster.engine
    profiles, _ = engine.profiles(Direction.EGRESS)
    isolated = [number for number, profile in enumerate(profiles) if profile.policies]
    among = Among(engine.ends, ends)
    named = Named(engine, Direction.EGRESS, isolated)
    for family in FAMILIES:
        for alike, places in named.alike(among, family):
            part = Part(among, places)
            numbers = engine.verdicts(Direction.EGRESS, profiles[alike[0]], family, part)
            connections = NONE
            for number in np.unique(numbers).tolist():
                connections = union(connections, engine.sets[number])
            yield alike, connections
