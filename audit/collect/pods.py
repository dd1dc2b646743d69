"""Pods to rows, one by one or a page of a list at a time.

A cluster has many more pods than of all else together, and most of them are like the one before. A page is
therefore decoded only as far as parts that recur (labels, ports, the node's addresses), and what these hold
is looked up by their bytes. Names and labels are not held against the API's rules: a server has done that.
"""

from array import array
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec
import numpy as np
import pyarrow as pa

from audit import frames
from audit.collect import objects
from audit.collect.columns import Columns, Ints, Subject
from audit.collect.fit import NOT_JSON
from audit.collect.origins import Place
from audit.collect.parts import Parts, addresses_in, container_port
from audit.collect.workloads import NO_TEMPLATE, OWNER, controller_of, maker_of, owner_of
from audit.policy.addresses import Address, parse_address

_LOW: Final = (1 << 64) - 1
_EMPTY: Final = msgspec.Raw(b"")
_MEMO_MAX: Final = 1 << 13
"""Parts that are remembered: pods that share them follow one another; of nodes there are fewer."""

K = TypeVar("K")
V = TypeVar("V")


class OddError(Exception):
    """A pod that has to be read in full."""


# -- a page of pods, with the parts that recur as bytes ----------------------------------------------


class _Lean(msgspec.Struct, rename="camel", gc=False):
    pass


class _LeanMetadata(_Lean):
    name: str = ""
    namespace: str = ""
    labels: msgspec.Raw = _EMPTY
    owner_references: list[objects.OwnerReference | None] | None = None


class _LeanContainer(_Lean):
    ports: msgspec.Raw = _EMPTY
    restart_policy: str | None = None


class _LeanSpec(_Lean):
    host_network: bool | None = None
    node_name: str | None = None
    containers: list[_LeanContainer | None] | None = None
    init_containers: list[_LeanContainer | None] | None = None


class _LeanStatus(_Lean):
    phase: str | None = None
    pod_ip: str | None = msgspec.field(name="podIP", default=None)
    pod_ips: msgspec.Raw = msgspec.field(name="podIPs", default=_EMPTY)
    host_ip: str | None = msgspec.field(name="hostIP", default=None)
    host_ips: msgspec.Raw = msgspec.field(name="hostIPs", default=_EMPTY)


class LeanPod(_Lean):
    """A pod of a page; the page's bytes stay in memory as long as it does."""

    metadata: _LeanMetadata = msgspec.field(default_factory=_LeanMetadata)
    spec: _LeanSpec = msgspec.field(default_factory=_LeanSpec)
    status: _LeanStatus = msgspec.field(default_factory=_LeanStatus)


# -- rows --------------------------------------------------------------------------------------------


class Pods:
    """The rows of pods, and their addresses."""

    def __init__(self, parts: Parts) -> None:
        """None yet."""
        self.columns = Columns(frames.PODS, OWNER, computed=("workload_kind", "workload"))
        self._parts = parts
        self._pod, self._family = array("i"), array("b")
        self._high, self._low = array("Q"), array("Q")
        self._makers: dict[tuple[str, int], str] = {}
        self._port_sets: dict[tuple[bytes, ...], int] = {}
        self._hosts: dict[tuple[str | None, bytes], str] = {}

    def add(self, subject: Subject, obj: objects.Pod) -> None:
        """A pod."""
        metadata = obj.metadata or objects.Described()
        spec = obj.spec or objects.PodSpec()
        status = obj.status or objects.PodStatus()
        hosts = addresses_in(subject, "status.hostIP", (status.host_ip, *_ips(status.host_ips)))
        own = addresses_in(subject, "status.podIP", (status.pod_ip, *_ips(status.pod_ips)))
        self._add_addresses(len(self.columns), own)
        self.columns.add(
            subject,
            self._parts.label_set(subject, metadata),
            self._parts.port_set(subject, spec, "spec"),
            bool(spec.host_network),
            status.phase or "",
            spec.node_name or "",
            " ".join(map(str, hosts)),
            NO_TEMPLATE,
            *owner_of(metadata.owner_references, metadata.labels),
        )

    def add_page(self, pods: Sequence[LeanPod], api_version: str, origin: int) -> None:
        """Pods of a list; OddError if one must be read in full, and then none of them is added."""
        if not all(pod.metadata.name and pod.metadata.namespace for pod in pods):
            raise OddError
        number_of = self._parts.labels.number_of_pairs
        try:
            addresses = [_addresses(pod.status) for pod in pods]
            ports = [self._port_set(pod.spec) for pod in pods]
            hosts = [self._host(pod.status) for pod in pods]
            label_sets = [number_of(bytes(pod.metadata.labels)) for pod in pods]
        except NOT_JSON:
            raise OddError from None
        owners = [controller_of(pod.metadata.owner_references) for pod in pods]
        for row, own in enumerate(addresses, len(self.columns)):
            self._add_addresses(row, own)
        self.columns.extend(
            {
                "namespace": [pod.metadata.namespace for pod in pods],
                "name": [pod.metadata.name for pod in pods],
                "labels": label_sets,
                "ports": ports,
                "host_network": [bool(pod.spec.host_network) for pod in pods],
                "phase": [pod.status.phase or "" for pod in pods],
                "node": [pod.spec.node_name or "" for pod in pods],
                "host_addresses": hosts,
                "owner_kind": [kind for kind, _ in owners],
                "owner": [name for _, name in owners],
                "maker": [
                    self._maker(name, number) if kind == "ReplicaSet" else ""
                    for (kind, name), number in zip(owners, label_sets, strict=True)
                ],
            },
            {
                "api_version": api_version,
                "kind": "Pod",
                "unnamed": False,
                "origin": origin,
                "line": 0,
                "template": NO_TEMPLATE,
            },
            len(pods),
        )

    def address_table(self, positions: Ints) -> pa.Table:
        """Addresses of pods, as their status has them; `positions` are the pods' final rows, or -1."""
        pod = positions[np.array(self._pod, np.int32)]
        family, high, low = np.array(self._family), np.array(self._high), np.array(self._low)
        order = np.lexsort((low, high, family, pod))
        order = order[pod[order] >= 0]
        columns = [values[order] for values in (pod, family, high, low)]
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = np.any([values[1:] != values[:-1] for values in columns], axis=0)
        return frames.ADDRESSES.table(
            dict(
                zip(
                    frames.ADDRESSES.names,
                    (
                        v[fresh].astype(c.dtype)
                        for v, c in zip(columns, frames.ADDRESSES.columns, strict=True)
                    ),
                    strict=True,
                )
            )
        )

    def _add_addresses(self, row: int, found: Sequence[Address]) -> None:
        for family, value in found:
            self._pod.append(row)
            self._family.append(family)
            self._high.append(value >> 64)
            self._low.append(value & _LOW)

    # -- parts of a page's pods, by their bytes ------------------------------------------------------

    def _maker(self, replica_set: str, label_set: int) -> str:
        key = replica_set, label_set
        maker = self._makers.get(key)
        if maker is None:
            told = self._parts.labels.pairs(label_set)
            maker = _remembered(self._makers, key, maker_of(replica_set, told))
        return maker

    def _port_set(self, spec: _LeanSpec) -> int:
        key = tuple(
            bytes(container.ports)
            for containers in (spec.containers, spec.init_containers)
            for container in containers or ()
            if container and container.ports
            if containers is spec.containers or container.restart_policy == "Always"
        )
        number = self._port_sets.get(key)
        if number is None:
            number = _remembered(self._port_sets, key, self._parts.ports.number(_ports(key)))
        return number

    def _host(self, status: _LeanStatus) -> str:
        key = status.host_ip, bytes(status.host_ips)
        text = self._hosts.get(key)
        if text is None:
            text = _remembered(self._hosts, key, _joined(status.host_ip, *_ips_in(key[1])))
        return text


def _remembered(memo: dict[K, V], key: K, value: V) -> V:
    """Remember what a part holds, and forget all the others once they are too many."""
    if len(memo) >= _MEMO_MAX:
        memo.clear()
    memo[key] = value
    return value


def _ips_in(raw: bytes) -> list[str | None]:
    return _ips(msgspec.json.decode(raw, type=list[objects.Ip | None] | None) if raw else None)


def _container_ports(raw: bytes) -> list[objects.ContainerPort | None] | None:
    return msgspec.json.decode(raw, type=list[objects.ContainerPort | None] | None)


def _ports(key: tuple[bytes, ...]) -> set[tuple[str | int, ...]]:
    subject = Subject("v1", "Pod", Place(0, 0))
    found: set[tuple[str | int, ...]] = {
        element
        for raw in key
        for port in _container_ports(raw) or ()
        for element in container_port(subject, port or objects.ContainerPort(), "")
    }
    if subject.misfits:
        raise OddError
    return found


def _addresses(status: _LeanStatus) -> tuple[Address, ...]:
    """The addresses of a pod, each once."""
    first, raw = status.pod_ip, bytes(status.pod_ips)
    if raw[:8] == b'[{"ip":"' and raw[-3:] == b'"}]' and b"\\" not in raw:  # as a server writes it
        texts: list[str | None] = [*raw[8:-3].decode().split('"},{"ip":"')]
    else:
        texts = _ips_in(raw)
    if not first or first not in texts:
        texts = [first, *texts]
    return tuple(dict.fromkeys(_address(text) for text in texts if text))


def _address(text: str) -> Address:
    address = parse_address(text)
    if address is None:
        raise OddError
    return address


def _joined(*texts: str | None) -> str:
    return " ".join(str(_address(text)) for text in dict.fromkeys(filter(None, texts)))


def _ips(ips: Sequence[objects.Ip | None] | None) -> list[str | None]:
    return [ip.ip for ip in ips or () if ip]
