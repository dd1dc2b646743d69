"""EndpointSlices, or older Endpoints: where a Service sends to whose pods no selector names."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from audit.policy.addresses import Address, parse_address
from audit.snapshot import Snapshot

API_SERVER: Final = ("default", "kubernetes")
"""Namespace and name of the Service that leads to the API server."""
_OF_SERVICE: Final = "kubernetes.io/service-name"


class _Metadata(msgspec.Struct):
    labels: dict[str, object] = {}


class TargetRef(msgspec.Struct, rename="camel"):
    """The object behind an endpoint."""

    kind: str | None = None
    namespace: str | None = None
    name: str | None = None


class Endpoint(msgspec.Struct, rename="camel"):
    """An element of endpoints."""

    addresses: list[str | None] | None = None
    target_ref: TargetRef | None = None

    @property
    def known(self) -> Iterator[Address]:
        """Its addresses, as far as they are some."""
        for text in self.addresses or ():
            if text and (address := parse_address(text)) is not None:
                yield address


class SlicePort(msgspec.Struct):
    """An element of ports."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None

    def is_of(self, name: str, protocol: str) -> bool:
        """Whether the Service's port of that name and protocol is sent to this one."""
        return (self.name or "", self.protocol or "TCP") == (name, protocol)


class Slice(msgspec.Struct):
    """What of an EndpointSlice says where its Service sends to."""

    metadata: _Metadata
    endpoints: list[Endpoint | None] | None = None
    ports: list[SlicePort | None] | None = None

    @property
    def addresses(self) -> Iterator[Address]:
        """Of all endpoints."""
        for endpoint in filter(None, self.endpoints or ()):
            yield from endpoint.known

    def numbers(self, name: str, protocol: str) -> Iterator[int]:
        """The numbers of the ports to which the Service's port is sent."""
        for port in self.ports or ():
            if port is not None and port.port is not None and port.is_of(name, protocol):
                yield port.port


class _Address(msgspec.Struct, rename="camel"):
    ip: str | None = None
    target_ref: TargetRef | None = None


class _Subset(msgspec.Struct, rename="camel"):
    addresses: list[_Address | None] | None = None
    not_ready_addresses: list[_Address | None] | None = None
    ports: list[SlicePort | None] | None = None


class _Endpoints(msgspec.Struct):
    metadata: _Metadata
    subsets: list[_Subset | None] | None = None

    def slices(self) -> Iterator[Slice]:
        """The EndpointSlices that say the same: one a subset."""
        for subset in filter(None, self.subsets or ()):
            every = (*(subset.addresses or ()), *(subset.not_ready_addresses or ()))
            ends: list[Endpoint | None] = [Endpoint([one.ip], one.target_ref) for one in every if one]
            yield Slice(self.metadata, ends, subset.ports)


_SLICE: Final = msgspec.json.Decoder(Slice)
_ENDPOINTS: Final = msgspec.json.Decoder(_Endpoints)


def slices(snapshot: Snapshot, services: Mapping[tuple[str, str], int]) -> dict[int, list[Slice]]:
    """The EndpointSlices of some Services, by the number that `services` has for namespace and name.

    Endpoints say it of a Service that has none: where both are, a controller copies one into the other.
    """
    namespaces = {namespace for namespace, _ in services}
    found: dict[int, list[Slice]] = {}
    older: dict[int, list[Slice]] = {}
    rows = snapshot["endpointslices"]
    columns = (rows[c].astype("str").tolist() for c in ("kind", "namespace", "name", "object"))
    for kind, namespace, name, text in zip(*columns, strict=True):
        if namespace not in namespaces:
            continue
        if kind == "Endpoints":
            if (number := services.get((namespace, name))) is not None:
                older[number] = list(_ENDPOINTS.decode(text).slices())
            continue
        known = _SLICE.decode(text)
        number = services.get((namespace, str(known.metadata.labels.get(_OF_SERVICE))))
        if number is not None:
            found.setdefault(number, []).append(known)
    return older | found
