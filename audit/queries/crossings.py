"""How many pods of each of some groups can be reached from another group, and on what ports."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.policy.hops import Hops
from audit.policy.identities import Ints
from audit.policy.sets import ALL_NUMBER, NONE_NUMBER, ConnectionSets, Numbers

OF_NO_GROUP = -1


class Crossing(NamedTuple):
    """What the pods of a source may connect to in each group, by policy."""

    pods: Ints
    """How many pods of the group some pod of the source may connect to, on whatever port."""
    connections: Numbers
    """What any of these pairs has, as a number of the engine's sets."""
    free: NDArray[np.bool_]
    """Every pod of the source may connect to every pod of the group on all ports, and that is so by one rule
    at each end, or by none: nothing that is put together stands between them."""


class Crossings:
    """Of groups of identities; work grows with what policies say of them, never with pairs of pods."""

    def __init__(self, hops: Hops, sets: ConnectionSets, of_identity: Ints, pods: Ints, groups: int) -> None:
        """`of_identity` has the group of each identity, or OF_NO_GROUP; `pods` how many pods each has."""
        self._hops = hops
        self._sets = sets
        self._of_identity = of_identity
        self._pods = pods
        self._groups = groups
        counted = of_identity != OF_NO_GROUP
        self._sizes: Ints = _sums(of_identity[counted], pods[counted], groups)

    def of(self, group: int) -> Crossing:
        """From a group."""
        return self.from_identities(np.flatnonzero(self._of_identity == group))

    def from_identities(self, sources: Ints) -> Crossing:
        """From the pods of these identities; a pod with itself is no pair."""
        ends, met = self._hops.of_each(sources)
        meetings, first, count = np.unique(met, return_index=True, return_counts=True)
        only = np.where(count == 1, ends[first], -1)
        place, target, opened = self._hops.opened(meetings)
        group = self._of_identity[target]
        alone = (only[place] == target) & (self._pods[target] == 1)
        kept = (group != OF_NO_GROUP) & ~alone
        place, target, opened, group = place[kept], target[kept], opened[kept], group[kept]
        from_all = (count == len(sources))[place] & (opened == ALL_NUMBER)
        found = self._counted(target)
        return Crossing(
            found,
            self._union(group, opened),
            (found > 0) & (self._counted(target[from_all]) == self._others(sources)),
        )

    def _others(self, sources: Ints) -> Ints:
        """How many pods of each group there are beside that of the sources, where it is only one."""
        others = self._sizes.copy()
        if len(sources) == 1 and self._pods[sources[0]] == 1 and self._of_identity[sources[0]] != OF_NO_GROUP:
            others[self._of_identity[sources[0]]] -= 1
        return others

    def _counted(self, identities: Ints) -> Ints:
        """How many pods of each group these are, each once."""
        distinct = np.unique(identities)
        return _sums(self._of_identity[distinct], self._pods[distinct], self._groups)

    def _union(self, group: Ints, opened: Numbers) -> Numbers:
        """All that is opened in each group."""
        union = np.full(self._groups, NONE_NUMBER, np.int32)
        width = self._sets.count
        groups, numbers = np.divmod(np.unique(group * width + opened), width)
        for number in np.unique(numbers).tolist():
            mine = groups[numbers == number]
            union[mine] = self._sets.union(union[mine], number)
        return union


def _sums(group: Ints, pods: Ints, groups: int) -> Ints:
    return np.bincount(group, weights=pods, minlength=groups).astype(np.int64)
