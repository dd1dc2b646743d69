"""The ways in from outside the cluster: which object publishes which port of which pods.

A Service publishes by its type and by externalIPs, an Ingress or a Gateway's route the Services behind it, a
pod its own hostPorts. Policies judge what comes in by the port that the pods listen on, whatever the port is
outside; so that it is the pods' port that a way has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from audit.exposure.backends import Backend, Via, backends
from audit.exposure.cluster import Cluster, Subject, owners
from audit.exposure.container_ports import ContainerPorts, numbers
from audit.policy.identities import Ints
from audit.snapshot import Snapshot

_BY_NODES: Final = ("NodePort", "LoadBalancer")


@dataclass(frozen=True)
class Way:
    """One way in."""

    via: Via
    object: str
    """What publishes it: `namespace/Kind/name`; of a hostPort the workload."""
    sources: tuple[str, ...]
    """The ranges of addresses that it lets in, as written; none stand for every address."""
    pods: Ints
    """Rows of the pods (`Cluster.pods`) that it leads to, in order."""
    protocol: str
    port: int
    """What the pods listen on."""
    service: int | None = None
    """The row of the Service in the snapshot's `services`, if it leads through one."""

    @property
    def called(self) -> str:
        """What sentences call it: `LoadBalancer Service shop/web`, `Ingress shop/web`."""
        namespace, kind, name = self.object.split("/", 2)
        called = f"{kind} {namespace}/{name}"
        if self.via is Via.HOST_PORT:
            return f"a hostPort of {called}"
        return f"{self.via} {called}" if kind == "Service" else called


def ways(snapshot: Snapshot, cluster: Cluster, selected: Sequence[Ints], ports: ContainerPorts) -> list[Way]:
    """All ways in; `selected` has the pods that each Service selects, `ports` what pods declare."""
    services = _Services(snapshot, selected, ports)
    return [*services.own(), *services.behind(backends(snapshot)), *_of_host_ports(snapshot, cluster)]


def exposed(found: Sequence[Way], cluster: Cluster) -> dict[Subject, str]:
    """The workloads with pods that a way leads to, each with what the first is called."""
    workloads: dict[Subject, str] = {}
    known = np.zeros(len(cluster.pods), np.bool_)
    for way in found:
        new = way.pods[~known[way.pods]]
        known[new] = True
        for workload in owners(cluster, new) if len(new) else ():
            workloads.setdefault(workload, way.called)
    return workloads


class _Services:
    """The Services of a snapshot, and what their ports are at the pods behind them."""

    def __init__(self, snapshot: Snapshot, selected: Sequence[Ints], ports: ContainerPorts) -> None:
        self._rows = snapshot["services"]
        self._selected = selected
        self._ports = ports
        columns = ("service", "name", "protocol", "port", "target", "node_port")
        self._by_service: dict[int, list[tuple[str, str, int, str, int]]] = {}
        for service, *port in zip(*(snapshot["service_ports"][c].tolist() for c in columns), strict=True):
            self._by_service.setdefault(service, []).append(tuple(port))

    def own(self) -> Iterator[Way]:
        """What they publish themselves."""
        rows = self._rows
        published = rows["type"].isin(_BY_NODES) | (rows["external_ips"] != "")
        columns = ("namespace", "name", "type", "external_ips", "source_ranges")
        found = rows.loc[published, list(columns)].astype("str")
        for service, namespace, name, of, external, ranges in found.itertuples(name=None):
            where = f"{namespace}/Service/{name}"
            for port in self._by_service.get(service, ()):
                # Who is let in by the balancer is not asked again by a node
                if of == "LoadBalancer":
                    yield from self._ways(Via.LOAD_BALANCER, where, service, port, tuple(ranges.split()))
                if of == "NodePort" or (of == "LoadBalancer" and port[-1]):
                    yield from self._ways(Via.NODE_PORT, where, service, port)
                if external:
                    yield from self._ways(Via.EXTERNAL_IP, where, service, port)

    def behind(self, published: Iterator[Backend]) -> Iterator[Way]:
        """What other objects publish of them."""
        names = zip(self._rows["namespace"].tolist(), self._rows["name"].tolist(), strict=True)
        number = {key: place for place, key in enumerate(names)}
        for backend in dict.fromkeys(published):
            service = number.get((backend.namespace, backend.service))
            if service is None:
                continue
            if backend.target is not None:
                protocols = dict.fromkeys(port[1] for port in self._by_service.get(service, ()))
                for protocol in protocols:
                    named = ("", protocol, 0, str(backend.target), 0)
                    yield from self._ways(backend.via, backend.object, service, named)
                continue
            for port in self._by_service.get(service, ()):
                if backend.port is None or backend.port in (port[0], port[2], str(port[2])):
                    yield from self._ways(backend.via, backend.object, service, port)

    def _ways(
        self,
        via: Via,
        where: str,
        service: int,
        port: tuple[str, str, int, str, int],
        sources: tuple[str, ...] = (),
    ) -> Iterator[Way]:
        _, protocol, _, target, _ = port
        for number, pods in self._targets(protocol, target, self._selected[service]):
            yield Way(via, where, sources, pods, protocol, number, service)

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
    """A way for each workload and port. In its node's network a pod has no ports but its node's."""
    ports = snapshot["ports"]
    ports = ports.loc[ports["host_port"] > 0, ["set", "protocol", "number"]]
    rows = cluster.pods
    having = rows[rows["ports"].isin(ports["set"]) & ~rows["host_network"]]
    if having.empty:
        return
    owner = ["namespace", "workload_kind", "workload"]
    pods = having[[*owner, "ports"]].astype(dict.fromkeys(owner, "str")).assign(pod=having.index)
    found = pods.merge(ports.astype({"protocol": "str"}), left_on="ports", right_on="set")
    for key, reached in found.groupby([*owner, "protocol", "number"], sort=True)["pod"]:
        namespace, kind, workload, protocol, number = cast("tuple[str, str, str, str, int]", key)
        where = f"{namespace}/{kind}/{workload}"
        yield Way(Via.HOST_PORT, where, (), np.unique(reached.to_numpy(np.int64)), protocol, number)
