"""Workloads that are exposed to outside, those together that outside and policies see alike."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from audit.compose import words
from audit.compose.pictures.bundles import Edge
from audit.compose.pictures.spaces import Spaces
from audit.exposure.exposure import ANY, in_doubt
from audit.policy.identities import Ints
from audit.queries.crossings import Crossing, Crossings
from reports.model import Weight

_MOST_LOOKED_AT: Final = 60
"""Workloads that are told apart: those that are open, and from which most can be reached, first."""
_MOST: Final = 12
_MOST_ENTRIES: Final = 3
_WEIGHTS: Final[tuple[Weight, ...]] = ("free", "doubtful", "plain", "closed")
"""Of what leads to a workload, the most open first."""
_FREE, _DOUBTFUL, _PLAIN, _CLOSED = range(len(_WEIGHTS))


@dataclass(frozen=True)
class Entrance:
    """Exposed workloads, with what leads there from outside."""

    names: tuple[str, ...]
    """namespace/Kind/name of each."""
    entries: tuple[Edge, ...]
    crossing: Crossing
    pods: int
    rest: bool = False
    """All that are not told apart."""

    @property
    def in_doubt(self) -> bool:
        """Whether something that leads there is not assessed."""
        return any(edge.weight == "doubtful" for edge in self.entries)


class _Workload(NamedTuple):
    name: str
    pods: int
    identities: Ints
    entries: tuple[Edge, ...]


class Entrances:
    """The exposed workloads of a cluster, whatever boxes of namespaces there are."""

    def __init__(self, spaces: Spaces) -> None:
        """Those that are told apart are looked at one by one, all others together."""
        facts = spaces.view.facts
        self._ways = _ways(spaces)
        self._names = facts.workloads["namespace"].astype("str") + "/" + facts.workloads["workload"]
        self._of_pod = facts.workload_of_pod
        self._identity_of_pod = facts.cluster.identity_of_pod
        ordered = self._ways.groupby("workload", sort=True).agg(
            weight=("weight", "min"), ungoverned=("ungoverned", "all"), reach=("reach", "max")
        )
        # no policy could close what runs in its node's network: what one could stands before it
        order = ["weight", "ungoverned", "reach"]
        ordered = ordered.sort_values(order, ascending=[True, True, False], kind="stable")
        first = ordered.index[:_MOST_LOOKED_AT].tolist()
        self._first = [self._workload(name) for name in first]
        self._all_looked_at = len(first) == len(ordered)

    def through(self, crossings: Crossings) -> list[Entrance]:
        """The most open ones, those together that lead to the same, and the rest as the last."""
        alike: dict[object, list[tuple[_Workload, Crossing]]] = defaultdict(list)
        for workload in self._first:
            crossing = crossings.from_identities(workload.identities)
            lines = (crossing.pods > 0, crossing.connections, crossing.free)
            key = (workload.entries, *(part.tobytes() for part in lines))
            alike[key].append((workload, crossing))
        together = list(alike.values())
        whole = self._all_looked_at and len(together) <= _MOST
        found = [
            Entrance(
                names=tuple(workload.name for workload, _ in members),
                entries=members[0][0].entries,
                crossing=members[0][1],
                pods=sum(workload.pods for workload, _ in members),
            )
            for members in (together if whole else together[: _MOST - 1])
        ]
        return found if whole else [*found, self._rest(crossings, found)]

    def _workload(self, name: str) -> _Workload:
        ways = self._ways[self._ways["workload"] == name]
        pods = self._pods([name])
        return _Workload(name, len(pods), np.unique(self._identity_of_pod[pods]), tuple(_entries(ways)))

    def _rest(self, crossings: Crossings, told: Sequence[Entrance]) -> Entrance:
        """All that are not among those."""
        ways = self._ways[~self._ways["workload"].isin([name for each in told for name in each.names])]
        names = ways["workload"].unique().tolist()
        pods = self._pods(names)
        return Entrance(
            names=tuple(names),
            entries=tuple(Edge("various ports", _WEIGHTS[n]) for n in sorted(ways["weight"].unique())),
            crossing=crossings.from_identities(np.unique(self._identity_of_pod[pods])),
            pods=len(pods),
            rest=True,
        )

    def _pods(self, names: Sequence[str]) -> Ints:
        """All pods of some workloads."""
        wanted = self._names.isin(names).to_numpy()
        return np.flatnonzero(wanted[self._of_pod])


def _ways(spaces: Spaces) -> pd.DataFrame:
    """EXPOSURE with numbers of `_WEIGHTS`, and how many workloads can be reached from there."""
    rows = spaces.view.exposure
    open_to_all = ~rows["ingress_isolated"].fillna(value=False).astype("bool")
    weight = np.select(
        [in_doubt(rows), rows["allowed"].eq("none"), open_to_all], [_DOUBTFUL, _CLOSED, _FREE], default=_PLAIN
    )
    return rows.assign(
        weight=weight,
        ungoverned=rows["ingress_isolated"].isna(),
        reach=rows["reachable_workloads"].fillna(0).astype("int64"),
        workload=rows["workload"].astype("str"),
        protocol=rows["protocol"].astype("str"),
    )


def _entries(ways: pd.DataFrame) -> Iterator[Edge]:
    """What leads to one workload, the most open first; ports of equal ways together."""
    ports: dict[tuple[int, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for weight, sources, protocol, port, allowed, internal in words.rows(
        ways, "weight", "sources", "protocol", "port", "allowed", "internal"
    ):
        told = _sources(sources, allowed, internal=internal)
        ports[weight, told][protocol].add(port)
    ordered = sorted((weight, f"{_numbers(each)}{told}") for (weight, told), each in ports.items())
    shown = ordered[: words.whole(len(ordered), _MOST_ENTRIES)]
    yield from (Edge(label, _WEIGHTS[weight]) for weight, label in shown)
    left = ordered[len(shown) :]
    if left:
        yield Edge(f"{words.counted(len(left), 'more way')}", _WEIGHTS[left[0][0]])


def _numbers(ports: dict[str, set[int]]) -> str:
    """TCP 80, 443; UDP 53."""
    return "; ".join(
        f"{protocol} {', '.join(map(str, sorted(ports[protocol])))}" for protocol in sorted(ports)
    )


def _sources(sources: str, allowed: str, *, internal: bool) -> str:
    """From where, if that is not any address."""
    if internal:
        return " from the cloud's own network"
    if sources != ANY:
        ranges = sources.split()
        return f" from {ranges[0] if len(ranges) == 1 else words.counted(len(ranges), 'range')}"
    return " from some addresses" if allowed == "limited" else ""
