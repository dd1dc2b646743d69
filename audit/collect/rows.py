"""Objects to rows: the tables of a Snapshot, filled object by object.

The same objects from the same places give the same tables in whatever order
they come.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit import frames
from audit.collect import objects
from audit.collect.columns import Columns, Order, Origins, Place, Subject
from audit.collect.names import label_misfits
from audit.collect.sets import Sets, annotations, labels
from audit.collect.workloads import NO_TEMPLATE, OWNER, TEMPLATE, Workloads, owner_of, says_none, selector_of
from audit.frames import NO_SET
from audit.policy.addresses import Address, parse_address
from audit.policy.ports import FIRST_PORT, LAST_PORT, PROTOCOLS

REDACTED: Final = "***HIDDEN***"
"""What support bundles put in an address's place."""
_LOW: Final = (1 << 64) - 1


class Rows:
    """The tables that are being filled."""

    def __init__(self) -> None:
        """All empty."""
        self.origins = Origins()
        self.redacted: Counter[str] = Counter()
        self._labels = Sets(frames.LABELS)
        self._label_misfits: dict[int, tuple[str, ...]] = {}
        """What is wrong with each set of labels: they are many fewer than objects."""
        self._ports = Sets(frames.PORTS)
        self._namespaces = Columns(frames.NAMESPACES)
        self._services = Columns(frames.SERVICES)
        self._service_ports: list[tuple[int, str, str, int, str, int]] = []
        self._nodes = Columns(frames.NODES)
        self._pods = Columns(frames.PODS, *OWNER)
        self._addresses: list[tuple[int, Address]] = []
        self._workloads = Columns(frames.WORKLOADS, *TEMPLATE)
        self._policies = Columns(frames.POLICIES, "family")
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
            self._add_pod(subject, obj)
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

    def report(self, subject: Subject) -> None:
        """Keep what is wrong with the object."""
        if subject.redacted:
            self.redacted[subject.kind] += 1
        key = (subject.api_version, subject.kind, subject.namespace, subject.name)
        self._defects.extend((*key, *misfit, subject.place) for misfit in subject.misfits)

    def _add_namespace(self, subject: Subject, obj: objects.Namespace) -> None:
        metadata = obj.metadata or objects.Metadata()
        self._namespaces.add(subject, self._label_set(subject, metadata), self._annotation_set(metadata))

    def _add_pod(self, subject: Subject, obj: objects.Pod) -> None:
        metadata = obj.metadata or objects.Described()
        spec = obj.spec or objects.PodSpec()
        status = obj.status or objects.PodStatus()
        texts = self._labels.text
        owner = owner_of(metadata.owner_references, metadata.labels)
        hosts = self._addresses_in(subject, "status.hostIP", (status.host_ip, *_ips(status.host_ips)))
        row = len(self._pods)
        self._addresses.extend(
            (row, address)
            for address in self._addresses_in(subject, "status.podIP", (status.pod_ip, *_ips(status.pod_ips)))
        )
        subject.namespace = texts(subject.namespace)
        self._pods.add(
            subject,
            "",
            "",
            self._label_set(subject, metadata),
            self._port_set(subject, spec, "spec"),
            bool(spec.host_network),
            texts(status.phase or ""),
            texts(spec.node_name or ""),
            texts(" ".join(map(str, hosts))),
            NO_TEMPLATE,
            *(texts(part) for part in owner),
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
            self._label_set(subject, metadata),
            self._annotation_set(metadata),
            self._label_set(subject, template.metadata, f"{path}.metadata.labels"),
            selector_of(spec.selector if spec else None, template.metadata),
            self._port_set(subject, pod, f"{path}.spec"),
            bool(pod.host_network),
            idle or not (spec and spec.template),
            *owner_of(metadata.owner_references, None)[:2],
        )

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
            self._label_set(subject, metadata),
            self._annotation_set(metadata),
            # A selector without entries selects nothing: to the API it is as good as none
            self._labels.number(labels(spec.selector)) if spec.selector else NO_SET,
            spec.type or "ClusterIP",
            self._joined(subject, "spec.clusterIP", cluster_ips),
            self._joined(subject, "spec.externalIPs", spec.external_ips),
            " ".join(filter(None, spec.load_balancer_source_ranges or [])),
            " ".join(way.ip or way.hostname or "" for way in given if way),
            spec.external_traffic_policy or "",
        )

    def _add_service_port(self, subject: Subject, row: int, port: objects.ServicePort, path: str) -> None:
        protocol = _protocol(subject, port.protocol, path)
        number = _port(subject, port.port, f"{path}.port")
        if number and protocol:
            target = number if port.target_port in (None, 0, "") else port.target_port
            node_port = _port(subject, port.node_port, f"{path}.nodePort") if port.node_port else 0
            self._service_ports.append((row, port.name or "", protocol, number, str(target), node_port))

    def _add_node(self, subject: Subject, obj: objects.Node) -> None:
        metadata = obj.metadata or objects.Metadata()
        status = obj.status or objects.NodeStatus()
        # the other types of addresses are names
        found = [a.address for a in status.addresses or [] if a and a.type in ("InternalIP", "ExternalIP")]
        self._nodes.add(
            subject,
            self._label_set(subject, metadata),
            self._annotation_set(metadata),
            self._joined(subject, "status.addresses", found),
            (obj.spec and obj.spec.provider_id) or "",
            (status.node_info and status.node_info.kubelet_version) or "",
        )

    # -- parts of rows ---------------------------------------------------------------------------

    def _label_set(
        self,
        subject: Subject,
        metadata: objects.Metadata | objects.Described | None,
        path: str = "metadata.labels",
    ) -> int:
        told = metadata.labels if metadata else None
        number = self._labels.number(labels(told))
        reasons = self._label_misfits.get(number)
        if reasons is None:
            reasons = self._label_misfits[number] = tuple(m.reason for m in label_misfits(told, path))
        for reason in reasons:
            subject.refuse(path, reason)
        return number

    def _annotation_set(self, metadata: objects.Metadata) -> int:
        return self._labels.number(annotations(metadata.annotations))

    def _port_set(self, subject: Subject, spec: objects.PodSpec | objects.AgentPodSpec, path: str) -> int:
        """Ports of containers, and of init containers that keep running beside them."""
        found: set[tuple[str | int, ...]] = set()
        sections: tuple[tuple[str, Sequence[objects.Container | None] | None], ...] = (
            ("containers", spec.containers),
            ("initContainers", spec.init_containers),
        )
        for section, containers in sections:
            for place, container in enumerate(containers or []):
                if not container or (section == "initContainers" and container.restart_policy != "Always"):
                    continue
                for at, port in enumerate(container.ports or []):
                    where = f"{path}.{section}[{place}].ports[{at}]"
                    found.update(_container_port(subject, port or objects.ContainerPort(), where))
        return self._ports.number(found)

    def _addresses_in(self, subject: Subject, path: str, texts: Sequence[str | None]) -> list[Address]:
        """The addresses among the texts, each once; what is none is named, what was redacted is counted."""
        found: dict[Address, None] = {}
        for text in dict.fromkeys(filter(None, texts)):
            address = parse_address(text)
            if address is not None:
                found[address] = None
            elif text == REDACTED:
                subject.redacted = True
            else:
                subject.refuse(path, "is not an address")
        return list(found)

    def _joined(self, subject: Subject, path: str, texts: Sequence[str | None] | None) -> str:
        return " ".join(map(str, self._addresses_in(subject, path, texts or [])))

    # -- the end ---------------------------------------------------------------------------------

    def finish(self, *, templates: bool) -> dict[str, pd.DataFrame]:
        """The tables of the snapshot but `kinds` and `gaps`; with `templates` standing for missing pods."""
        namespaces = self._settle(self._namespaces, ("name",))
        nodes = self._settle(self._nodes, ("name",))
        services = self._settle(self._services, ("namespace", "name"))
        workloads = Workloads(
            self._workloads, self._settle(self._workloads, ("namespace", "kind", "name")).rows
        )
        pods = self._settle(self._pods, ("namespace", "name"))
        if templates:
            workloads.stand_in(self._pods, pods.rows, self._labels)
            pods = self._pods.order(("namespace", "name"), self.origins)
        policies = self._settle(self._policies, ("namespace", "kind", "family", "name"))
        tables = {
            "namespaces": self._namespaces.frame(namespaces.rows, self.origins),
            "nodes": self._nodes.frame(nodes.rows, self.origins),
            "services": self._services.frame(services.rows, self.origins),
            "service_ports": self._service_port_table(services),
            "policies": self._policies.frame(policies.rows, self.origins),
            "workloads": self._workloads.frame(workloads.rows, self.origins),
            "pods": self._pods.frame(pods.rows, self.origins, workloads.owners(self._pods, pods.rows)),
            "addresses": self._address_table(pods),
        }
        for table, columns in self._kept.items():
            order = self._settle(columns, ("namespace", "kind", "name"))
            tables[table] = columns.frame(order.rows, self.origins)
        _renumber(tables, self._labels, "labels", ("labels", "annotations", "selector", "pod_labels"))
        _renumber(tables, self._ports, "ports", ("ports",))
        tables["defects"] = self._defect_table()
        return tables

    def _settle(self, columns: Columns, keys: tuple[str, ...]) -> Order:
        """The order of the rows; two objects of one name are a defect of the one that counts."""
        order = columns.order(keys, self.origins)
        for overruled, winner in zip(order.overruled.tolist(), order.winners.tolist(), strict=True):
            subject = columns.subject(winner)
            first = self.origins.where(columns.place(overruled))
            subject.refuse("metadata.name", f"is that of two objects: the one in {first} does not count")
            self.report(subject)
        return order

    def _service_port_table(self, services: Order) -> pd.DataFrame:
        position = services.position
        ports = sorted(
            (position[row], place, *port)
            for place, (row, *port) in enumerate(self._service_ports)
            if row in position
        )
        columns = list(zip(*ports, strict=True)) or [()] * (len(frames.SERVICE_PORTS.columns) + 1)
        del columns[1]
        return frames.SERVICE_PORTS.frame(dict(zip(frames.SERVICE_PORTS.names, columns, strict=True)))

    def _address_table(self, pods: Order) -> pd.DataFrame:
        """Addresses of pods, as their status has them; a hostNetwork pod without one has none either."""
        position = pods.position
        rows = sorted({(position[row], *address) for row, address in self._addresses if row in position})
        return frames.ADDRESSES.frame(
            {
                "pod": [pod for pod, _, _ in rows],
                "family": [family for _, family, _ in rows],
                "high": np.array([value >> 64 for _, _, value in rows], np.uint64),
                "low": np.array([value & _LOW for _, _, value in rows], np.uint64),
            }
        )

    def _defect_table(self) -> pd.DataFrame:
        rows = sorted(
            (namespace, kind, name, path, reason, api, self.origins.where(place, namespace, name))
            for api, kind, namespace, name, path, reason, place in self._defects
            if place.origin not in self.origins.dropped
        )
        names = ("namespace", "kind", "name", "path", "reason", "api_version", "source")
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return frames.DEFECTS.frame(dict(zip(names, columns, strict=True)))


def _renumber(tables: dict[str, pd.DataFrame], sets: Sets, name: str, columns: Sequence[str]) -> None:
    """Add the table of the sets that are in use, and give the columns that name them their final numbers."""
    using = [(table, column) for table in tables for column in columns if column in tables[table]]
    tables[name], final = sets.finish(tables[table][column].to_numpy() for table, column in using)
    for table, column in using:
        tables[table][column] = final[tables[table][column].to_numpy()]


def _ips(ips: Sequence[objects.Ip | None] | None) -> Iterator[str | None]:
    return (ip.ip for ip in ips or [] if ip)


def _container_port(
    subject: Subject, port: objects.ContainerPort, path: str
) -> Iterator[tuple[str, str, int, int]]:
    """The port, if it is one."""
    protocol = _protocol(subject, port.protocol, path)
    number = _port(subject, port.container_port, f"{path}.containerPort")
    if number and protocol:
        host_port = _port(subject, port.host_port, f"{path}.hostPort") if port.host_port else 0
        yield port.name or "", protocol, number, host_port


def _port(subject: Subject, number: int | None, path: str) -> int:
    if number is not None and FIRST_PORT <= number <= LAST_PORT:
        return number
    subject.refuse(path, f"must be a number from {FIRST_PORT} to {LAST_PORT}")
    return 0


def _protocol(subject: Subject, protocol: str | None, path: str) -> str:
    if (protocol or "TCP") in PROTOCOLS:
        return protocol or "TCP"
    subject.refuse(f"{path}.protocol", f"must be one of {', '.join(PROTOCOLS)}")
    return ""
