"""EndpointSlices and Endpoints, as they are kept: reduced, for they name every pod of a Service."""

from audit.collect.objects import Described, Object, Text


class EndpointConditions(Object, omit_defaults=True):
    """conditions of an endpoint."""

    ready: bool | None = None
    terminating: bool | None = None


class TargetRef(Object, omit_defaults=True):
    """The object behind an endpoint."""

    kind: Text = None
    namespace: Text = None
    name: Text = None


class Endpoint(Object, omit_defaults=True):
    """An element of endpoints."""

    addresses: list[Text] | None = None
    conditions: EndpointConditions | None = None
    target_ref: TargetRef | None = None


class EndpointPort(Object, omit_defaults=True):
    """An element of ports of an EndpointSlice."""

    name: Text = None
    protocol: Text = None
    port: int | None = None


class EndpointSlice(Object, omit_defaults=True):
    """An EndpointSlice."""

    metadata: Described | None = None
    address_type: Text = None
    endpoints: list[Endpoint | None] | None = None
    ports: list[EndpointPort | None] | None = None


class EndpointAddress(Object, omit_defaults=True):
    """An element of addresses of a subset."""

    ip: Text = None
    target_ref: TargetRef | None = None


class EndpointSubset(Object, omit_defaults=True):
    """An element of subsets of Endpoints."""

    addresses: list[EndpointAddress | None] | None = None
    not_ready_addresses: list[EndpointAddress | None] | None = None
    ports: list[EndpointPort | None] | None = None


class Endpoints(Object, omit_defaults=True):
    """The Endpoints of the Service of that name: what an input without EndpointSlices may have of it."""

    metadata: Described | None = None
    subsets: list[EndpointSubset | None] | None = None
