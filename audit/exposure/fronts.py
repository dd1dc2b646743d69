"""Who sends on what an Ingress or a Gateway lets in: pods of this cluster, where it can be told which."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from audit.exposure.backends import Backend, Gateways
from audit.exposure.cluster import Cluster
from audit.policy.identities import Ints
from audit.policy.model import Operator, Requirement, Selector
from audit.snapshot import Snapshot

if TYPE_CHECKING:
    from audit.exposure.ways import Way

_GATEWAY_NAME: Final = "gateway.networking.k8s.io/gateway-name"
"""Gateway API, GEP-1762: the label that implementations must set on what they make for a Gateway."""


class Front(NamedTuple):
    """What stands between the outside and the Services that an object publishes."""

    pods: Ints | None = None
    """Rows of the pods that connect to what is published; None where it is not known who does."""
    sources: tuple[str, ...] = ()
    """The ranges of addresses that their balancers let in; none stand for every address."""
    internal: bool = False
    """Whether all their balancers are of the cloud's own network."""


class Fronts:
    """Of one cluster.

    An Ingress's status has the addresses of its controller's Service, and a Gateway's has its own: the pods
    behind the Service with such an address are those that connect. Pods that are made for a Gateway have a
    label with its name, too.
    """

    def __init__(self, snapshot: Snapshot, cluster: Cluster, own: Sequence["Way"], known: Gateways) -> None:
        """`own` are the ways in through Services themselves, `known` the Gateways."""
        self._snapshot = snapshot
        self._cluster = cluster
        self._own = own
        self._gateways = known
        self._known: dict[tuple[object, ...], Front] = {}

    def of(self, backend: Backend) -> Front:
        """That of a backend."""
        key = (backend.addresses, backend.gateways)
        if key not in self._known:
            addresses = [
                *backend.addresses,
                *(a for g in backend.gateways if g in self._gateways for a in self._gateways[g].addresses),
            ]
            made = [self._made_for(gateway) for gateway in backend.gateways]
            self._known[key] = self._front(addresses, [pods for pods in made if len(pods)])
        return self._known[key]

    def _front(self, addresses: Sequence[str], made: list[Ints]) -> Front:
        ways = [
            self._own[n] for n in dict.fromkeys(n for a in addresses for n in self._by_address.get(a, ()))
        ]
        pods = [way.pods for way in ways] + made
        if not pods:
            return Front()
        limited = bool(ways) and all(way.sources for way in ways)
        return Front(
            np.unique(np.concatenate(pods)),
            tuple(dict.fromkeys(text for way in ways for text in way.sources)) if limited else (),
            bool(ways) and all(way.internal for way in ways),
        )

    def _made_for(self, gateway: tuple[str, str]) -> Ints:
        """The pods that are made for a Gateway."""
        namespace, name = gateway
        cluster = self._cluster
        if namespace not in cluster.namespaces:
            return np.empty(0, np.int64)
        pods = np.flatnonzero(cluster.namespace_of_pod == cluster.namespaces.index(namespace))
        labels = cluster.pods["labels"].to_numpy(np.int64)[pods]
        selector = Selector((Requirement(_GATEWAY_NAME, Operator.IN, (name,)),))
        found: Ints = pods[cluster.engine.ends.pod_labels.matches(selector, labels)]
        return found

    @cached_property
    def _by_address(self) -> dict[str, list[int]]:
        """The ways by balancers and external addresses, by number, for each address at which they begin."""
        services = self._snapshot["services"]
        texts = (
            services["load_balancer"].astype("str") + " " + services["external_ips"].astype("str")
        ).tolist()
        found: dict[str, list[int]] = {}
        for number, way in enumerate(self._own):
            # a node's address is that of every Service with a node port
            if way.service is not None and way.via != "NodePort":
                for address in texts[way.service].split():
                    found.setdefault(address, []).append(number)
        return found
