"""How far somebody gets who has got hold of a workload: by policy, on whatever port."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.exposure import clouds
from audit.exposure.cluster import Cluster, Subject
from audit.exposure.slices import API_SERVER, slices
from audit.policy.hops import Hops, Which
from audit.policy.identities import Ints, stretches
from audit.settings import Settings
from audit.snapshot import Snapshot

"""The Service of the API server; its addresses are those that policies judge, not its ClusterIP."""
_NOBODY: Final = -1
_HTTP: Final = 80
_DIRECTLY: Final = "1 hop"
_FARTHER: Final = "more hops"


class Reached(NamedTuple):
    """What can be reached from a workload, itself not counted; None where it was not worked out."""

    next_workloads: int | None = None
    next_namespaces: int | None = None
    """In one hop."""
    workloads: int | None = None
    namespaces: int | None = None
    """In any number of hops."""
    first: str = ""
    """Of what matters of each kind the first, and whether it takes more than one hop."""


class _Led(NamedTuple):
    """Where some meetings lead: many workloads have the same."""

    near: Ints
    """Workloads, in order: in one hop, and in any number."""
    far: Ints
    addresses: list[bool]
    """Whether from there each of the addresses that matter can be reached."""


class Blast:
    """Of the workloads of one cluster."""

    def __init__(  # noqa: PLR0913, PLR0917  # what a workload is judged by
        self,
        snapshot: Snapshot,
        settings: Settings,
        cluster: Cluster,
        of_pod: Ints,
        workloads: pd.DataFrame,
        namespaces: pd.DataFrame,
        sensitive: Mapping[Subject, str],
    ) -> None:
        """`workloads` is WORKLOAD_FACTS, `of_pod` the row of each pod's, `namespaces` NAMESPACE_FACTS.

        `sensitive` has the scope of subjects that are in a sensitive one.
        """
        self._snapshot = snapshot
        self._settings = settings
        self._cluster = cluster
        self.of_pod = of_pod
        spaces = workloads["namespace"].astype("str")
        named = list(zip(spaces.tolist(), workloads["workload"].tolist(), strict=True))
        self.names = [f"{namespace}/{workload}" for namespace, workload in named]
        places = pd.Index(namespaces["namespace"].astype("str")).get_indexer(pd.Index(spaces))
        self.home: Ints = places.astype(np.int64)
        """The namespace of each workload, by its number."""
        self._scopes = {
            number: scope
            for number, (namespace, workload) in enumerate(named)
            if (scope := sensitive.get((workload.partition("/")[0], namespace, workload.partition("/")[2])))
        }
        """The sensitive scope of each workload that is in one, by its number."""
        self._sensitive = np.isin(np.arange(len(named)), list(self._scopes))
        codes, owners = pd.factorize(namespaces["owner"].astype("str").mask(namespaces["owner"] == ""))
        self._owners = owners.tolist()
        self._owner: Ints = codes[self.home].astype(np.int64)
        """Whose namespace each workload is in: a place in `_owners`, or _NOBODY."""
        self._system = namespaces["system"].to_numpy()[self.home]
        """Which workloads are in system namespaces."""
        pairs = np.unique(np.stack([cluster.identity_of_pod, self.of_pod]), axis=1)
        self._workloads = pairs[1]
        self._bounds = np.searchsorted(pairs[0], np.arange(len(cluster.engine.ends.identities) + 1))
        self._known: dict[tuple[int, bytes], Reached] = {}
        self._led: dict[bytes, _Led] = {}

    def of(self, workload: int, identities: Ints) -> Reached:
        """From the pods of a workload that have these identities."""
        key = (workload, identities.tobytes())
        if key not in self._known:
            hops = self._cluster.hops
            self._known[key] = Reached() if hops is None else self._reached(hops, workload, identities)
        return self._known[key]

    def _reached(self, hops: Hops, workload: int, identities: Ints) -> Reached:
        meetings = hops.of(identities)
        key = meetings.tobytes()
        if key not in self._led:
            far = hops.reachable(meetings)
            reaching = [bool((may & far).any()) for _, may in self._addresses]
            self._led[key] = _Led(self._found(hops.next(meetings)), self._found(far), reaching)
        led = self._led[key]
        near, far_off = (found[found != workload] for found in (led.near, led.far))
        told = list(self._inside(workload, near, far_off))
        for (what, may), farther in zip(self._addresses, led.addresses, strict=True):
            told.append((what, bool(may[identities].any()), farther))
        first = [f"{what}: {_DIRECTLY}" for what, is_near, _ in told if is_near]
        first += [f"{what}: {_FARTHER}" for what, is_near, is_far in told if is_far and not is_near]
        return Reached(len(near), self._homes(near), len(far_off), self._homes(far_off), "; ".join(first))

    def _found(self, reached: Which) -> Ints:
        """The workloads with pods of these identities, in order."""
        identities = np.flatnonzero(reached)
        found = np.zeros(len(self.names), np.bool_)
        found[self._workloads[stretches(self._bounds[identities], self._bounds[identities + 1])]] = True
        return np.flatnonzero(found)

    def _homes(self, workloads: Ints) -> int:
        """In how many namespaces they are; workloads are in the order of theirs."""
        return int(np.count_nonzero(np.diff(self.home[workloads], prepend=-1)))

    def _inside(self, own: int, directly: Ints, farther: Ints) -> Iterator[tuple[str, bool, bool]]:
        """What matters of the cluster, of each kind the first: what it is, and whether it is near, or far."""
        here, mine = int(self.home[own]), int(self._owner[own])

        def of_others(workloads: Ints) -> NDArray[np.bool_]:
            owner = self._owner[workloads]
            found: NDArray[np.bool_] = (owner != _NOBODY) & (owner != mine) & (mine != _NOBODY)
            return found

        def of_the_system(workloads: Ints) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = self._system[workloads] & (self.home[workloads] != here)
            return found

        kinds: tuple[tuple[Callable[[Ints], NDArray[np.bool_]], Callable[[int], str]], ...] = (
            (self._sensitive.__getitem__, lambda n: f"scope {self._scopes[n]} ({self.names[n]})"),
            (of_others, lambda n: f"owner {self._owners[self._owner[n]]} ({self._space(n)})"),
            (of_the_system, lambda n: f"system namespace {self._space(n)}"),
        )
        for matters, told in kinds:
            for found in (directly, farther):
                which = matters(found)
                if which.any():
                    yield told(int(found[which.argmax()])), found is directly, True
                    break

    def _space(self, workload: int) -> str:
        return self._cluster.namespaces[int(self.home[workload])]

    @cached_property
    def _addresses(self) -> list[tuple[str, Which]]:
        """Addresses that matter: what they are, and the identities that may connect there."""
        hops = self._cluster.hops
        if hops is None:
            return []
        api = [
            hops.lets_out(address, "TCP", number)
            for one in slices(self._snapshot, {API_SERVER: 0}).get(0, ())
            for number in {port.port for port in one.ports or () if port is not None and port.port}
            for address in one.addresses
        ]
        cloud = clouds.cloud(self._snapshot, self._settings)
        asked = [] if cloud is None else clouds.asked(cloud)
        metadata = [hops.lets_out(address, "TCP", _HTTP) for _, address in asked]
        told = (("API server", api), ("instance metadata", metadata))
        return [(what, np.logical_or.reduce(may)) for what, may in told if may]
