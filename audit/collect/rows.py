"""Objects to rows: the tables of a Snapshot, filled object by object.

The same objects from the same places give the same tables in whatever order
they come.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit import frames
from audit.collect import objects
from audit.collect.attached import adds_networks
from audit.collect.columns import Columns, Order, Subject
from audit.collect.origins import Origins, Place
from audit.collect.parts import Parts, joined, port_of, protocol_of
from audit.collect.pods import Pods
from audit.collect.workloads import TEMPLATE, Workloads, owner_of, says_none, selector_of
from audit.frames import NO_SET, arrow

_LABEL_SETS: Final = ("labels", "annotations", "selector", "pod_labels")
_KEY: Final = ("namespace", "kind", "name")
_KEYS: Final = {
    "pods": ("namespace", "name"),
    "services": ("namespace", "name"),
    "namespaces": ("name",),
    "nodes": ("name",),
    "policies": ("namespace", "kind", "family", "name"),
    "agents": ("namespace", "kind", "api_version", "name"),
}
"""What tells the objects of a table apart, where it is not `_KEY`."""


class Rows:
    """The tables that are being filled."""

    def __init__(self) -> None:
        """All empty."""
        self.origins = Origins()
        self.redacted: Counter[str] = Counter()
        self._parts = Parts()
        self.pods = Pods(self._parts)
        self._namespaces = Columns(frames.NAMESPACES)
        self._services = Columns(frames.SERVICES)
        self._service_ports: list[tuple[int, str, str, int, str, int]] = []
        self._nodes = Columns(frames.NODES)
        self._workloads = Columns(frames.WORKLOADS, TEMPLATE)
        self._custom = Columns(frames.CUSTOM_RESOURCES)
        self._policies = Columns(frames.POLICIES, {"family": "category"})
        self._kept = {
            table: Columns(frames.OBJECTS)
            for table, schema in frames.SNAPSHOT_TABLES.items()
            if schema is frames.OBJECTS
        }
        self._defects: list[tuple[str, str, str, str, str, str, Place]] = []

    # -- a row each ------------------------------------------------------------------------------

    def add(self, subject: Subject, obj: objects.Readable) -> None:
        """An object of `kinds.KINDS`."""
        metadata = obj.metadata
        subject.named(metadata, namespaced=not isinstance(obj, objects.Namespace | objects.Node))
        if isinstance(obj, objects.Pod):
            self.pods.add(subject, obj)
        elif isinstance(obj, objects.Service):
            self._add_service(subject, obj)
        elif isinstance(obj, objects.Node):
            self._add_node(subject, obj)
        elif isinstance(obj, objects.Namespace):
            self._add_namespace(subject, obj)
        else:
            self._add_workload(subject, obj)
        self.report(subject)

    def add_policy(self, subject: Subject, family: str, row: Sequence[object]) -> None:
        """A policy: the columns of `frames.POLICIES` from `uid` on; `family` is equal for equal kinds."""
        self._policies.add(subject, *row, family)
        self.report(subject)

    def add_kept(self, subject: Subject, table: str, text: str) -> None:
        """An object of `kinds.KEPT_KINDS`, its fields as JSON."""
        self._kept[table].add(subject, text)
        self.report(subject)

    def add_custom(self, subject: Subject, metadata: objects.Metadata) -> None:
        """A custom resource of which pods may be made; what is wrong with it is nothing that counts."""
        self._custom.add(subject, self._parts.labels.number_of_texts(metadata.labels))

    def report(self, subject: Subject) -> None:
        """Keep what is wrong with the object."""
        if subject.redacted:
            self.redacted[subject.kind] += 1
        key = (subject.api_version, subject.kind, subject.namespace, subject.name)
        self._defects.extend((*key, *misfit, subject.place) for misfit in subject.misfits)

    def _add_namespace(self, subject: Subject, obj: objects.Namespace) -> None:
        metadata = obj.metadata or objects.Metadata()
        self._namespaces.add(
            subject, self._parts.label_set(subject, metadata), self._parts.annotation_set(metadata)
        )

    def _add_workload(self, subject: Subject, obj: objects.AnyWorkload) -> None:
        metadata = obj.metadata or objects.Metadata()
        if isinstance(obj, objects.CronJob):
            cron = obj.spec or objects.CronJobSpec()
            spec: objects.AnyWorkloadSpec | None = cron.job_template.spec if cron.job_template else None
            idle, path = bool(cron.suspend), "spec.jobTemplate.spec.template"
        else:
            spec, path = obj.spec, "spec.template"
            idle = says_none(subject.kind, obj.spec, obj.status)
        template: objects.Template | objects.AgentTemplate = (spec and spec.template) or objects.Template()
        pod: objects.PodSpec | objects.AgentPodSpec = template.spec or objects.PodSpec()
        self._workloads.add(
            subject,
            self._parts.label_set(subject, metadata),
            self._parts.annotation_set(metadata),
            self._parts.label_set(subject, template.metadata, f"{path}.metadata.labels"),
            selector_of(spec.selector if spec else None, template.metadata),
            self._parts.port_set(subject, pod, f"{path}.spec"),
            bool(pod.host_network),
            idle or not (spec and spec.template),
            *owner_of(metadata.owner_references, None)[:2],
        )
        told = template.metadata and template.metadata.annotations
        if told and adds_networks(told.networks):
            self.pods.attached.add(subject)

    def _add_service(self, subject: Subject, obj: objects.Service) -> None:
        metadata = obj.metadata or objects.Metadata()
        spec = obj.spec or objects.ServiceSpec()
        status = obj.status or objects.ServiceStatus()
        given = (status.load_balancer and status.load_balancer.ingress) or []
        cluster_ips = [ip for ip in (spec.cluster_ip, *(spec.cluster_ips or [])) if ip != "None"]
        row = len(self._services)
        for place, port in enumerate(spec.ports or []):
            self._add_service_port(subject, row, port or objects.ServicePort(), f"spec.ports[{place}]")
        self._services.add(
            subject,
            self._parts.label_set(subject, metadata),
            self._parts.annotation_set(metadata),
            # A selector without entries selects nothing: to the API it is as good as none
            self._parts.labels.number_of_texts(spec.selector) if spec.selector else NO_SET,
            spec.type or "ClusterIP",
            joined(subject, "spec.clusterIP", cluster_ips),
            joined(subject, "spec.externalIPs", spec.external_ips),
            " ".join(filter(None, spec.load_balancer_source_ranges or [])),
            " ".join(way.ip or way.hostname or "" for way in given if way),
            spec.external_traffic_policy or "",
        )

    def _add_service_port(self, subject: Subject, row: int, port: objects.ServicePort, path: str) -> None:
        protocol = protocol_of(subject, port.protocol, path)
        number = port_of(subject, port.port, f"{path}.port")
        if number and protocol:
            target = number if port.target_port in (None, 0, "") else port.target_port
            node_port = port_of(subject, port.node_port, f"{path}.nodePort") if port.node_port else 0
            self._service_ports.append((row, port.name or "", protocol, number, str(target), node_port))

    def _add_node(self, subject: Subject, obj: objects.Node) -> None:
        metadata = obj.metadata or objects.Metadata()
        status = obj.status or objects.NodeStatus()
        # the other types of addresses are names
        found = [a.address for a in status.addresses or [] if a and a.type in ("InternalIP", "ExternalIP")]
        self._nodes.add(
            subject,
            self._parts.label_set(subject, metadata),
            self._parts.annotation_set(metadata),
            joined(subject, "status.addresses", found),
            (obj.spec and obj.spec.provider_id) or "",
            (status.node_info and status.node_info.kubelet_version) or "",
        )

    # -- the end ---------------------------------------------------------------------------------

    def finish(self, *, templates: bool) -> Iterator[tuple[str, Iterable[pa.Table]]]:
        """The tables of the snapshot but `kinds`, `parts` and `gaps`, one by one and in pieces.

        With `templates`, those of workloads stand for missing pods. What was collected is given up on the
        way, so that it is never in memory twice.
        """
        pods = self.pods.columns
        every = {
            "pods": pods,
            "policies": self._policies,
            "namespaces": self._namespaces,
            "nodes": self._nodes,
            "services": self._services,
            "workloads": self._workloads,
            "custom_resources": self._custom,
            "attached": self.pods.attached,
            **self._kept,
        }
        orders = {name: self._settle(columns, _KEYS.get(name, _KEY)) for name, columns in every.items()}
        workloads = Workloads(self._workloads, orders["workloads"].rows)
        if templates:
            workloads.stand_in(pods, orders["pods"].rows, self._parts.labels)
            orders["pods"] = pods.order(_KEYS["pods"], self.origins)
        final: dict[str, NDArray[np.int32]] = {}
        for sets, table, names in (
            (self._parts.labels, "labels", _LABEL_SETS),
            (self._parts.ports, "ports", ("ports",)),
        ):
            found, numbers = sets.finish(
                columns.integers(name, orders[of].rows)
                for of, columns in every.items()
                for name in columns.in_frame(names)
            )
            final |= dict.fromkeys(names, numbers)
            yield table, found
            del found
        yield "addresses", [self.pods.address_table(orders["pods"].positions(len(pods)))]
        yield "service_ports", [self._service_port_table(orders["services"])]
        computed = workloads.owners(pods, orders["pods"].rows)
        for name, columns in every.items():
            rows = orders[name].rows
            for column in columns.in_frame(final):
                computed[column] = arrow.numbers(final[column][columns.integers(column, rows)])
            yield name, columns.pieces(rows, self.origins, computed)
            computed = {}
        yield "defects", [self._defect_table()]

    def _settle(self, columns: Columns, keys: tuple[str, ...]) -> Order:
        """The order of the rows; two objects of one name are a defect of the one that counts."""
        order = columns.order(keys, self.origins)
        for overruled, winner in zip(order.overruled.tolist(), order.winners.tolist(), strict=True):
            subject = columns.subject(winner)
            first = self.origins.where(columns.place(overruled))
            subject.refuse("metadata.name", f"is that of two objects: the one in {first} does not count")
            self.report(subject)
        return order

    def _service_port_table(self, services: Order) -> pa.Table:
        position = services.positions(len(self._services)).tolist()
        ports = sorted(
            (position[row], place, *port)
            for place, (row, *port) in enumerate(self._service_ports)
            if position[row] >= 0
        )
        self._service_ports.clear()
        columns = list(zip(*ports, strict=True)) or [()] * (len(frames.SERVICE_PORTS.columns) + 1)
        del columns[1]
        return frames.SERVICE_PORTS.table(dict(zip(frames.SERVICE_PORTS.names, columns, strict=True)))

    def _defect_table(self) -> pa.Table:
        rows = sorted(
            (namespace, kind, name, path, reason, api, self.origins.where(place, namespace, name))
            for api, kind, namespace, name, path, reason, place in self._defects
            if place.origin not in self.origins.dropped
        )
        names = ("namespace", "kind", "name", "path", "reason", "api_version", "source")
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return frames.DEFECTS.table(dict(zip(names, columns, strict=True)))
