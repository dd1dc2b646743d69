"""What groups of ends may open to each other: pods of a workload or a namespace, or a range of addresses."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.facts import Facts
from audit.policy.identities import Ints, stretches
from audit.policy.pairs import Pairs
from audit.policy.sets import NONE_NUMBER, ConnectionSets, Numbers

_KEYS: Final = {
    "pod": ["namespace", "pod"],
    "workload": ["namespace", "workload"],
    "namespace": ["namespace"],
}


class Groups(NamedTuple):
    """Group g has the ends `ends[bounds[g]:bounds[g + 1]]`, at least one, and `pods` pods in each.

    The ends of the far side are places among the far ends of the Pairs that are asked.
    """

    ends: Ints
    pods: Ints
    bounds: Ints

    def part(self, chosen: Ints) -> "Groups":
        """Some of the groups."""
        first, last = self.bounds[chosen], self.bounds[chosen + 1]
        at = stretches(first, last)
        return Groups(self.ends[at], self.pods[at], np.concatenate([[0], np.cumsum(last - first)]))

    def and_then(self, others: "Groups") -> "Groups":
        """These groups and others behind them."""
        return Groups(
            np.concatenate([self.ends, others.ends]),
            np.concatenate([self.pods, others.pods]),
            np.concatenate([self.bounds, self.bounds[-1] + others.bounds[1:]]),
        )

    def size(self, group: int) -> int:
        """How many pods it has."""
        return int(self.pods[self.bounds[group] : self.bounds[group + 1]].sum())


class Row(NamedTuple):
    """What one group and each of others may open."""

    connections: Numbers
    """What any of the pairs has, by number."""
    same: NDArray[np.bool_]
    """Whether all pairs have it."""


def each_alone(ends: Ints) -> Groups:
    """A group for each end, of one pod."""
    return Groups(ends, np.ones(len(ends), np.int64), np.arange(len(ends) + 1))


def of_pods(facts: Facts, level: str) -> tuple[Groups, pd.DataFrame]:
    """The pods of each workload or namespace, or each pod, and the columns that name them; in their order."""
    pods = facts.pods[["namespace", "pod", "workload"]].astype("str")
    grouped = pods.groupby(_KEYS[level], sort=True)
    rows = pd.DataFrame({"group": grouped.ngroup().to_numpy(), "end": facts.cluster.identity_of_pod})
    counted = rows.value_counts(sort=False).sort_index()
    group, ends = (counted.index.get_level_values(name).to_numpy() for name in ("group", "end"))
    bounds = np.searchsorted(group, np.arange(grouped.ngroups + 1))
    return Groups(ends, counted.to_numpy().astype(np.int64), bounds), grouped[_KEYS[level]].first()


def row(  # noqa: PLR0913, PLR0917  # both sides, and what is asked
    pairs: Pairs,
    sets: ConnectionSets,
    near: Groups,
    group: int,
    far: Groups,
    own: int | None,
) -> Row:
    """What a group of the near side and each of the far one may open; `own` of it is the same group, if any.

    A pod with itself is no pair.
    """
    members = near.ends[_slice(near, group)]
    table = np.stack([pairs.row(int(end)) for end in members])[:, far.ends]
    starts = far.bounds[:-1]
    least = np.minimum.reduceat(table.min(axis=0), starts)
    most = np.maximum.reduceat(table.max(axis=0), starts)
    numbers, same = most.copy(), least == most
    for place in np.flatnonzero(~same).tolist():
        numbers[place] = _union(table[:, _slice(far, place)], sets)
    if own is not None:
        mine = _slice(far, own)
        among = _among_themselves(table[:, mine], far.pods[mine])
        numbers[own] = _union(among, sets)
        same[own] = len(np.unique(among)) == 1
    return Row(numbers, same)


def _slice(groups: Groups, group: int) -> slice:
    return slice(groups.bounds[group], groups.bounds[group + 1])


def _among_themselves(table: Numbers, pods: Ints) -> Numbers:
    """The pairs of a group with itself: all but those of an end of one pod with itself."""
    pairs = np.ones(table.shape, np.bool_)
    np.fill_diagonal(pairs, pods > 1)
    return table[pairs]


def _union(numbers: Numbers, sets: ConnectionSets) -> int:
    """All that any of the pairs has; NONE if there is no pair."""
    union = np.array([NONE_NUMBER], np.int32)
    for number in np.unique(numbers).tolist():
        union = sets.union(union, number)
    return int(union[0])
