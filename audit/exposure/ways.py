"""The ways in from outside the cluster: which object publishes which port of which pods.

A Service publishes by its type and by externalIPs, an Ingress or a Gateway's route the Services behind it, a
pod its own hostPorts. Policies judge what comes in by the port that the pods listen on, whatever the port is
outside; so that it is the pods' port that a way has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from audit.exposure import balancers
from audit.exposure.backends import Backend, Via, backends, gateways
from audit.exposure.cluster import Cluster, Subject
from audit.exposure.container_ports import ContainerPorts, numbers
from audit.exposure.endpoints import Endpoints
from audit.exposure.fronts import Fronts
from audit.frames.labels import label_texts
from audit.policy.identities import Ints
from audit.snapshot import Snapshot

_OWN_NETWORK: Final = {
    Via.HOST_PORT: "a hostPort of {}",
    Via.HOST_NETWORK: "the node's network of {}",
}
_NONE: Final = -1
_BY_CONTROLLERS: Final = (Via.INGRESS, Via.GATEWAY)
_BY_NODES: Final = ("NodePort", "LoadBalancer")
_ALIAS: Final = "ExternalName"


@dataclass(frozen=True)
class Way:
    """One way in."""

    via: Via
    object: str
    """What publishes it: `namespace/Kind/name`; of a hostPort and of a node's network the workload."""
    sources: tuple[str, ...]
    """The ranges of addresses that it lets in, as written; none stand for every address."""
    pods: Ints
    """Rows of the pods (`Cluster.pods`) that it leads to, in order."""
    protocol: str
    port: int
    """What the pods listen on."""
    service: int | None = None
    """The row of the Service in the snapshot's `services`, if it leads through one."""
    internal: bool = False
    """Whether it begins in the cloud's own network and not outside, as an annotation says. The node ports
    that a balancer is given are as it is."""
    through: Ints | None = None
    """Rows of the pods that send on what comes in, where it is they who connect and it is known who they are:
    those of an Ingress's controller or of a Gateway."""

    @property
    def by_a_controller(self) -> bool:
        """Whether somebody in between connects to the pods: an Ingress's controller, or what is a Gateway."""
        return self.via in _BY_CONTROLLERS

    @property
    def from_outside(self) -> bool:
        """Whether it begins outside, and policies could hold for where it leads."""
        return not self.internal and self.via is not Via.HOST_NETWORK

    @property
    def called(self) -> str:
        """What sentences call it: `LoadBalancer Service shop/web`, `Ingress shop/web`."""
        namespace, kind, name = self.object.split("/", 2)
        called = f"{kind} {namespace}/{name}"
        if self.via in _OWN_NETWORK:
            return _OWN_NETWORK[self.via].format(called)
        return f"{self.via} {called}" if kind == "Service" else called


def ways(snapshot: Snapshot, cluster: Cluster, selected: Sequence[Ints], ports: ContainerPorts) -> list[Way]:
    """All ways in; `selected` has the pods that each Service selects, `ports` what pods declare."""
    services = _Services(snapshot, cluster, selected, ports)
    own = list(services.own())
    known = gateways(snapshot)
    behind = services.behind(backends(snapshot, known), Fronts(snapshot, cluster, own, known))
    return [*own, *behind, *_of_host_ports(snapshot, cluster), *_of_host_networks(snapshot, cluster)]


def exposed(found: Sequence[Way], cluster: Cluster) -> dict[Subject, str]:
    """The workloads with pods that a way leads to from outside, each with what the first is called.

    Of pods in their node's network no way that is theirs alone counts: they are a finding of their own.
    """
    first = np.full(len(cluster.pods), _NONE)
    for number in reversed(range(len(found))):
        if found[number].from_outside:
            first[found[number].pods] = number
    led = np.flatnonzero(first != _NONE)
    led = led[np.argsort(first[led], kind="stable")]
    subject = ["workload_kind", "namespace", "workload"]
    rows = cluster.pods.loc[led, subject].assign(way=first[led]).drop_duplicates(subject)
    columns = (rows[c].astype("str").tolist() for c in subject)
    return {
        (kind, namespace, name): found[number].called
        for kind, namespace, name, number in zip(*columns, rows["way"].tolist(), strict=True)
    }


_Port = tuple[str, str, int, str, int]
"""Of a Service: name, protocol, number, target, nodePort."""


class _Services:
    """The Services of a snapshot, and what their ports are at the pods behind them."""

    def __init__(
        self, snapshot: Snapshot, cluster: Cluster, selected: Sequence[Ints], ports: ContainerPorts
    ) -> None:
        self._snapshot = snapshot
        self._rows = snapshot["services"]
        self._selected = selected
        self._ports = ports
        self._endpoints = Endpoints(snapshot, cluster)
        columns = ("service", "name", "protocol", "port", "target", "node_port")
        self._by_service: dict[int, list[_Port]] = {}
        for service, *port in zip(*(snapshot["service_ports"][c].tolist() for c in columns), strict=True):
            self._by_service.setdefault(service, []).append(cast("_Port", tuple(port)))

    def own(self) -> Iterator[Way]:
        """What they publish themselves."""
        rows = self._rows
        published = rows["type"].isin(_BY_NODES) | (rows["external_ips"] != "")
        # an ExternalName is an alias: nothing is sent on to pods
        published &= rows["type"] != _ALIAS
        columns = ("namespace", "name", "type", "external_ips", "source_ranges")
        found = rows.loc[published, list(columns)].astype("str")
        sets = rows.loc[published, "annotations"].tolist()
        texts = label_texts(self._snapshot["labels"], sets)
        for number, (service, namespace, name, of, external, ranges) in zip(
            sets, found.itertuples(name=None), strict=True
        ):
            annotations = texts.get(number, {})
            internal = of == "LoadBalancer" and balancers.is_internal(annotations)
            sources = balancers.of_service(ranges.split(), annotations)
            where = f"{namespace}/Service/{name}"
            for port in self._by_service.get(service, ()):
                # Who is let in by the balancer is not asked again by a node
                if of == "LoadBalancer":
                    yield from self._ways(Via.LOAD_BALANCER, where, service, port, sources, internal=internal)
                if of == "NodePort" or (of == "LoadBalancer" and port[-1]):
                    yield from self._ways(Via.NODE_PORT, where, service, port, internal=internal)
                if external:
                    yield from self._ways(Via.EXTERNAL_IP, where, service, port)

    def behind(self, published: Iterator[Backend], fronts: Fronts) -> Iterator[Way]:
        """What other objects publish of them."""
        names = zip(self._rows["namespace"].tolist(), self._rows["name"].tolist(), strict=True)
        number = {key: place for place, key in enumerate(names)}
        for backend in dict.fromkeys(published):
            service = number.get((backend.namespace, backend.service))
            if service is None or self._rows["type"].iloc[service] == _ALIAS:
                continue
            front = fronts.of(backend)
            sources = backend.sources or front.sources
            for port in self._meant(backend, service):
                yield from self._ways(
                    backend.via,
                    backend.object,
                    service,
                    port,
                    sources,
                    internal=backend.internal or front.internal,
                    through=front.pods,
                )

    def _meant(self, backend: Backend, service: int) -> Iterator[_Port]:
        """The ports of a Service that a backend means."""
        ports = self._by_service.get(service, ())
        ports = [port for port in ports if port[1] == backend.protocol]
        if backend.target is not None and ports:
            yield ("", backend.protocol, 0, str(backend.target), 0)
            return
        for port in ports:
            if backend.port is None or backend.port in (port[0], port[2], str(port[2])):
                yield port

    def _ways(  # noqa: PLR0913  # what a way is of
        self,
        via: Via,
        where: str,
        service: int,
        port: _Port,
        sources: tuple[str, ...] = (),
        *,
        internal: bool = False,
        through: Ints | None = None,
    ) -> Iterator[Way]:
        name, protocol, _, target, _ = port
        found = (
            self._endpoints.of(service, name, protocol)
            if self._endpoints.decide(service)
            else self._targets(protocol, target, self._selected[service])
        )
        for number, pods in found:
            yield Way(via, where, sources, pods, protocol, number, service, internal, through)

    def _targets(self, protocol: str, target: str, pods: Ints) -> Iterator[tuple[int, Ints]]:
        """The numbers of a target port, each with the pods that have it there."""
        if not len(pods):
            return
        if target.isdecimal():
            yield int(target), np.sort(pods)
            return
        found: dict[int, list[Ints]] = {}
        for declared, having in self._ports.by_set(pods):
            for number in numbers(declared, target, protocol):
                found.setdefault(number, []).append(having)
        for number, parts in sorted(found.items()):
            yield number, np.unique(np.concatenate(parts))


def _of_host_ports(snapshot: Snapshot, cluster: Cluster) -> Iterator[Way]:
    """In its node's network a pod has no ports but its node's."""
    ports = snapshot["ports"]
    return _of_nodes(cluster, Via.HOST_PORT, ports[ports["host_port"] > 0], ~cluster.pods["host_network"])


def _of_host_networks(snapshot: Snapshot, cluster: Cluster) -> Iterator[Way]:
    """The ports that pods in their node's network declare, and so open on the node."""
    return _of_nodes(cluster, Via.HOST_NETWORK, snapshot["ports"], cluster.pods["host_network"])


def _of_nodes(cluster: Cluster, via: Via, ports: pd.DataFrame, chosen: pd.Series) -> Iterator[Way]:
    """A way for each workload and port, of the chosen pods."""
    ports = ports[["set", "protocol", "number"]].drop_duplicates()
    rows = cluster.pods
    having = rows[rows["ports"].isin(ports["set"]) & chosen]
    if having.empty:
        return
    owner = ["namespace", "workload_kind", "workload"]
    pods = having[[*owner, "ports"]].astype(dict.fromkeys(owner, "str")).assign(pod=having.index)
    found = pods.merge(ports.astype({"protocol": "str"}), left_on="ports", right_on="set")
    for key, reached in found.groupby([*owner, "protocol", "number"], sort=True)["pod"]:
        namespace, kind, workload, protocol, number = cast("tuple[str, str, str, str, int]", key)
        where = f"{namespace}/{kind}/{workload}"
        yield Way(via, where, (), np.unique(reached.to_numpy(np.int64)), protocol, number)
