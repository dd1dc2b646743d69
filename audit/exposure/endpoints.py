"""The pods behind Services that have no selector: those that their EndpointSlices send to."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pandas as pd

from audit.exposure.cluster import Cluster
from audit.exposure.slices import Endpoint, Slice, slices
from audit.frames.labels import label_texts
from audit.policy.addresses import Address
from audit.policy.identities import Ints
from audit.snapshot import Snapshot

_LOW = (1 << 64) - 1


class Endpoints:
    """Of the Services of one cluster that somebody else than a selector gives their pods."""

    def __init__(self, snapshot: Snapshot, cluster: Cluster) -> None:
        """Nothing is worked out before it is asked for."""
        self._snapshot = snapshot
        self._cluster = cluster

    def decide(self, service: int) -> bool:
        """Whether the Service of that row has no selector: then its EndpointSlices say where it sends to."""
        return service in self._rows

    def of(self, service: int, name: str, protocol: str) -> Iterator[tuple[int, Ints]]:
        """The numbers of the ports that the Service's port is sent to, each with the pods that are there."""
        found: dict[int, set[int]] = {}
        for one in self._slices.get(service, ()):
            pods = [pod for endpoint in filter(None, one.endpoints or ()) for pod in self._pods(endpoint)]
            for number in one.numbers(name, protocol):
                found.setdefault(number, set()).update(pods)
        for number, rows in sorted(found.items()):
            if rows:
                yield number, np.array(sorted(rows), np.int64)

    def _pods(self, endpoint: Endpoint) -> Iterator[int]:
        """The pod that it names, else those that have its address."""
        target = endpoint.target_ref
        named = target is not None and target.kind == "Pod"
        row = self._by_name.get((target.namespace, target.name)) if target is not None and named else None
        if row is not None:
            yield row
            return
        for address in endpoint.known:
            yield from self._by_address.get(address, ())

    @cached_property
    def _without(self) -> dict[tuple[str, str], int]:
        """The rows of the Services without a selector, by namespace and name."""
        rows = self._snapshot["services"]
        texts = label_texts(self._snapshot["labels"], rows["selector"].tolist())
        columns = zip(*(rows[c].tolist() for c in ("namespace", "name", "selector")), strict=True)
        return {
            (namespace, name): row
            for row, (namespace, name, selector) in enumerate(columns)
            if not texts.get(selector)
        }

    @cached_property
    def _rows(self) -> frozenset[int]:
        return frozenset(self._without.values())

    @cached_property
    def _slices(self) -> dict[int, list[Slice]]:
        return slices(self._snapshot, self._without)

    @cached_property
    def _endpoints(self) -> list[Endpoint]:
        every = (one for of_service in self._slices.values() for one in of_service)
        return [endpoint for one in every for endpoint in filter(None, one.endpoints or ())]

    @cached_property
    def _by_name(self) -> dict[tuple[str | None, str | None], int]:
        """The rows of the pods that endpoints name."""
        wanted = {endpoint.target_ref.name for endpoint in self._endpoints if endpoint.target_ref}
        rows = self._cluster.pods
        rows = rows.loc[rows["name"].isin(list(wanted)), ["namespace", "name"]].astype("str")
        return {(namespace, name): row for row, namespace, name in rows.itertuples(name=None)}

    @cached_property
    def _by_address(self) -> dict[Address, list[int]]:
        """The rows of the pods that have an address of endpoints; a node's is no single pod's."""
        wanted = sorted({address for endpoint in self._endpoints for address in endpoint.known})
        keys = pd.DataFrame(
            {
                "family": np.array([each.family for each in wanted], np.int8),
                "high": np.array([each.value >> 64 for each in wanted], np.uint64),
                "low": np.array([each.value & _LOW for each in wanted], np.uint64),
                "place": np.arange(len(wanted)),
            }
        )
        found = self._cluster.addresses.merge(keys, on=["family", "high", "low"])
        found = found[~self._cluster.pods["host_network"].to_numpy()[found["pod"].to_numpy()]]
        rows: dict[Address, list[int]] = {}
        for pod, place in zip(found["pod"].tolist(), found["place"].tolist(), strict=True):
            rows.setdefault(wanted[place], []).append(pod)
        return rows
