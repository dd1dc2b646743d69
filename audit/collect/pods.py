"""Pods to rows, one by one or a page of a list at a time.

A cluster has many more pods than of all else together, and most of them are like the one before. A page is
therefore decoded only as far as parts that recur (labels, ports, the node's addresses), and what these hold
is looked up by their bytes. Names and labels are not held against the API's rules: a server has done that.
"""

from array import array
from collections.abc import Callable, Sequence
from socket import AF_INET, AF_INET6, inet_pton
from typing import Final, TypeVar

import msgspec
import numpy as np
import pyarrow as pa

from audit import frames
from audit.collect import objects
from audit.collect.attached import adds_networks
from audit.collect.columns import Columns, Ints, Subject
from audit.collect.fit import NOT_JSON
from audit.collect.lean import LeanContainer, ReducedPod, ReducedStatus
from audit.collect.origins import Place
from audit.collect.parts import Parts, addresses_in, container_port
from audit.collect.workloads import NO_TEMPLATE, OWNER, controller_of, maker_of, owner_of
from audit.policy.addresses import Address, parse_address

_MAPPED: Final = 0xFFFF
_MAPPED_PREFIX: Final = _MAPPED.to_bytes(12)
"""In front of an IPv4 address that is written as one of IPv6 (RFC 4291, section 2.5.5.2)."""
_MEMO_MAX: Final = 1 << 13
"""Parts that are remembered: pods that share them follow one another; of nodes there are fewer."""

_OWNERS: Final = msgspec.json.Decoder(list[objects.OwnerReference | None] | None)
_CONTAINERS: Final = msgspec.json.Decoder(list[LeanContainer | None] | None)
_PORTS: Final = msgspec.json.Decoder(list[objects.ContainerPort | None] | None)
_LABELS: Final = msgspec.json.Decoder(objects.Texts)
_IPS: Final = msgspec.json.Decoder(list[objects.Ip | None] | None)

K = TypeVar("K")
V = TypeVar("V")


class OddError(Exception):
    """A pod that has to be read in full."""


class Pods:
    """The rows of pods, and their addresses."""

    def __init__(self, parts: Parts) -> None:
        """None yet."""
        self.columns = Columns(frames.PODS, OWNER, computed=("workload_kind", "workload"))
        self.attached = Columns(frames.ATTACHED)
        """Those that ask for further networks, and templates that do."""
        self._parts = parts
        self._pod, self._addresses = array("i"), bytearray()
        """For each address the row of its pod, and 16 bytes."""
        self._makers: dict[tuple[str, bytes], str] = {}
        self._owners: dict[bytes, tuple[str, str]] = {}
        self._port_sets: dict[tuple[bytes, bytes], int] = {}
        self._hosts: dict[tuple[str | None, bytes], str] = {}

    def add(self, subject: Subject, obj: objects.Pod) -> None:
        """A pod."""
        metadata = obj.metadata or objects.PodMetadata()
        spec = obj.spec or objects.PodSpec()
        status = obj.status or objects.PodStatus()
        hosts = addresses_in(subject, "status.hostIP", (status.host_ip, *_ips(status.host_ips)))
        own = addresses_in(subject, "status.podIP", (status.pod_ip, *_ips(status.pod_ips)))
        self._pod.extend([len(self.columns)] * len(own))
        self._addresses += b"".join(map(_bytes_of, own))
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
        if metadata.annotations and adds_networks(metadata.annotations.networks):
            self.attached.add(subject)

    def add_page(self, pods: Sequence[ReducedPod], api_version: str, origin: int) -> None:
        """Pods of a list; OddError if one must be read in full, and then none of them is added."""
        metadata = [pod.metadata for pod in pods]
        specs = [pod.spec for pod in pods]
        statuses = [pod.status for pod in pods]
        names = [one.name for one in metadata]
        namespaces = [one.namespace for one in metadata]
        if not (all(names) and all(namespaces)):
            raise OddError
        try:
            rows, addresses = _own_addresses(statuses, len(self.columns))
            containers = [(bytes(spec.containers), bytes(spec.init_containers)) for spec in specs]
            ports = _looked_up(self._port_sets, containers, self._port_set)
            hosts = _looked_up(self._hosts, [(s.host_ip, bytes(s.host_ips)) for s in statuses], _host)
            owners = _looked_up(self._owners, [bytes(one.owner_references) for one in metadata], _owner)
            labels = [bytes(one.labels) for one in metadata]
            label_sets = self._parts.labels.numbers_of_pairs(labels)
        except NOT_JSON:
            raise OddError from None
        for one in metadata:
            if one.annotations and adds_networks(one.annotations.networks):
                subject = Subject(api_version, "Pod", Place(origin, 0))
                subject.namespace, subject.name = one.namespace, one.name
                self.attached.add(subject)
        self._pod.fromlist(rows)
        self._addresses += addresses
        self.columns.extend(
            {
                "namespace": namespaces,
                "name": names,
                "labels": label_sets,
                "ports": ports,
                "host_network": [spec.host_network is True for spec in specs],
                "phase": [status.phase or "" for status in statuses],
                "node": [spec.node_name or "" for spec in specs],
                "host_addresses": hosts,
                "owner_kind": [kind for kind, _ in owners],
                "owner": [name for _, name in owners],
                "maker": self._makers_of(owners, labels),
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
        """Addresses of pods, as their status has them; `positions` are the pods' final rows, or -1.

        What was collected of them is given up, and what is remembered of pages.
        """
        pod = positions[np.frombuffer(self._pod, np.int32)].astype(np.int32)
        halves = np.frombuffer(self._addresses, ">u8").reshape(-1, 2).astype(np.uint64)
        self._pod, self._addresses = array("i"), bytearray()
        for memo in (self._makers, self._owners, self._port_sets, self._hosts):
            memo.clear()
        high, low = halves[:, 0], halves[:, 1]
        is_four = (high == 0) & (low >> np.uint64(32) == _MAPPED)
        family = np.where(is_four, np.int8(4), np.int8(6))
        low[is_four] &= np.uint64(0xFFFFFFFF)
        order = np.lexsort((low, high, family, pod))
        order = order[pod[order] >= 0]
        columns = [values[order] for values in (pod, family, high, low)]
        fresh = np.ones(len(order), np.bool_)
        fresh[1:] = np.any([values[1:] != values[:-1] for values in columns], axis=0)
        found = (values[fresh] for values in columns)
        return frames.ADDRESSES.table(dict(zip(frames.ADDRESSES.names, found, strict=True)))

    # -- parts of a page's pods, by their bytes ------------------------------------------------------

    def _makers_of(self, owners: Sequence[tuple[str, str]], labels: Sequence[bytes]) -> list[str]:
        """The kind behind each ReplicaSet that is an owner; empty for what is none."""
        keys = [(o[1], raw) for o, raw in zip(owners, labels, strict=True) if o[0] == "ReplicaSet"]
        makers = iter(_looked_up(self._makers, keys, _maker))
        return [next(makers) if kind == "ReplicaSet" else "" for kind, _ in owners]

    def _port_set(self, key: tuple[bytes, bytes]) -> int:
        return self._parts.ports.number(_ports(*key))


def _looked_up(memo: dict[K, V], keys: Sequence[K], find: Callable[[K], V]) -> list[V]:
    """What the parts hold: as it is remembered, or else as `find` says; no value is None.

    All is forgotten once it is too much.
    """
    if len(memo) > _MEMO_MAX:
        memo.clear()
    return [
        (memo[key] if key in memo else memo.setdefault(key, find(key))) if value is None else value
        for key, value in zip(keys, map(memo.get, keys), strict=True)
    ]


def _maker(key: tuple[str, bytes]) -> str:
    replica_set, raw = key
    return maker_of(replica_set, (_LABELS.decode(raw) if raw else None) or {})


def _owner(raw: bytes) -> tuple[str, str]:
    return controller_of(_OWNERS.decode(raw) if raw else None)


def _containers(raw: bytes) -> list[LeanContainer]:
    return [one for one in _CONTAINERS.decode(raw) or () if one] if raw else []


def _ports(raw: bytes, raw_init: bytes) -> set[tuple[str | int, ...]]:
    """The ports of containers, and of init containers that keep running beside them."""
    subject = Subject("v1", "Pod", Place(0, 0))
    beside = [one for one in _containers(raw_init) if one.restart_policy == "Always"]
    found: set[tuple[str | int, ...]] = {
        element
        for container in (*_containers(raw), *beside)
        for port in (container.ports and _PORTS.decode(container.ports)) or ()
        for element in container_port(subject, port or objects.ContainerPort(), "")
    }
    if subject.misfits:
        raise OddError
    return found


def _own_addresses(statuses: Sequence[ReducedStatus], row: int) -> tuple[list[int], bytes]:
    """The addresses of pods, some perhaps twice, 16 bytes each; and for each the pod, from `row` on."""
    rows: list[int] = []
    texts: list[str] = []
    for place, status in enumerate(statuses, row):
        first = status.pod_ip
        if first:
            rows.append(place)
            texts.append(first)
        for ip in status.pod_ips or ():
            if ip and ip.ip and ip.ip != first:
                rows.append(place)
                texts.append(ip.ip)
    return rows, b"".join(map(_packed, texts))


def _packed(text: str) -> bytes:
    """The address in 16 bytes, an IPv4 one mapped; OddError if it is none."""
    try:  # as nearly all are written
        return inet_pton(AF_INET6, text) if ":" in text else _MAPPED_PREFIX + inet_pton(AF_INET, text)
    except (OSError, ValueError):
        return _bytes_of(_address(text))


def _bytes_of(address: Address) -> bytes:
    return (address.value if address.family == 6 else _MAPPED << 32 | address.value).to_bytes(16)


def _host(key: tuple[str | None, bytes]) -> str:
    """The addresses of a node, separated by blanks."""
    first, rest = key
    texts = dict.fromkeys(filter(None, (first, *_ips(_IPS.decode(rest) if rest else None))))
    return " ".join(str(_address(text)) for text in texts)


def _address(text: str) -> Address:
    address = parse_address(text)
    if address is None:
        raise OddError
    return address


def _ips(ips: Sequence[objects.Ip | None] | None) -> list[str | None]:
    return [ip.ip for ip in ips or () if ip]
