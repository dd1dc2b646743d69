"""EndpointSlices: where a Service sends to whose pods no selector names."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from audit.policy.addresses import Address, parse_address
from audit.snapshot import Snapshot

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


_DECODER: Final = msgspec.json.Decoder(Slice)


def slices(snapshot: Snapshot, services: Mapping[tuple[str, str], int]) -> dict[int, list[Slice]]:
    """The EndpointSlices of some Services, by the number that `services` has for namespace and name."""
    namespaces = {namespace for namespace, _ in services}
    found: dict[int, list[Slice]] = {}
    rows = snapshot["endpointslices"]
    for namespace, text in zip(rows["namespace"].tolist(), rows["object"].tolist(), strict=True):
        if namespace in namespaces:
            known = _DECODER.decode(text)
            number = services.get((namespace, str(known.metadata.labels.get(_OF_SERVICE))))
            if number is not None:
                found.setdefault(number, []).append(known)
    return found
