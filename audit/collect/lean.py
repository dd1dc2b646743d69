"""A pod of a list, as far as it is read; the parts that recur from pod to pod are left as bytes.

`LeanPod` is decoded of what a server sends, and `ReducedPod` of the same pod with only these fields, where
more can be left as it is.
"""

from typing import Final

import msgspec

from audit.collect import objects
from audit.collect.attached import ANNOTATION

_EMPTY: Final = msgspec.Raw(b"")


class _Lean(msgspec.Struct, rename="camel", gc=False, omit_defaults=True):
    pass


class LeanAnnotations(_Lean):
    """Of its annotations the one that is read."""

    networks: str | None = msgspec.field(name=ANNOTATION, default=None)


class LeanMetadata(_Lean):
    """Its metadata."""

    name: str = ""
    generate_name: str | None = None
    namespace: str = ""
    labels: msgspec.Raw = _EMPTY
    annotations: LeanAnnotations | None = None
    owner_references: list[objects.OwnerReference | None] | None = None


class LeanContainer(_Lean):
    """A container, or an init container."""

    ports: msgspec.Raw = _EMPTY
    restart_policy: str | None = None


class LeanSpec(_Lean):
    """Its spec."""

    host_network: bool | None = None
    node_name: str | None = None
    containers: list[LeanContainer | None] | None = None
    init_containers: list[LeanContainer | None] | None = None


class LeanStatus(_Lean):
    """Its status."""

    phase: str | None = None
    pod_ip: str | None = msgspec.field(name="podIP", default=None)
    pod_ips: msgspec.Raw = msgspec.field(name="podIPs", default=_EMPTY)
    host_ip: str | None = msgspec.field(name="hostIP", default=None)
    host_ips: msgspec.Raw = msgspec.field(name="hostIPs", default=_EMPTY)


class LeanPod(_Lean):
    """A pod of a page; the page's bytes stay in memory as long as it does."""

    metadata: LeanMetadata = msgspec.field(default_factory=LeanMetadata)
    spec: LeanSpec = msgspec.field(default_factory=LeanSpec)
    status: LeanStatus = msgspec.field(default_factory=LeanStatus)


class ReducedMetadata(_Lean):
    """Its metadata."""

    name: str = ""
    namespace: str = ""
    labels: msgspec.Raw = _EMPTY
    annotations: LeanAnnotations | None = None
    owner_references: msgspec.Raw = _EMPTY


class ReducedSpec(_Lean):
    """Its spec."""

    host_network: bool | None = None
    node_name: str | None = None
    containers: msgspec.Raw = _EMPTY
    init_containers: msgspec.Raw = _EMPTY


class ReducedStatus(_Lean):
    """Its status."""

    phase: str | None = None
    pod_ip: str | None = msgspec.field(name="podIP", default=None)
    pod_ips: list[objects.Ip | None] | None = msgspec.field(name="podIPs", default=None)
    host_ip: str | None = msgspec.field(name="hostIP", default=None)
    host_ips: msgspec.Raw = msgspec.field(name="hostIPs", default=_EMPTY)


class ReducedPod(_Lean):
    """A pod of a reduced page; the page's bytes stay in memory as long as it does."""

    metadata: ReducedMetadata = msgspec.field(default_factory=ReducedMetadata)
    spec: ReducedSpec = msgspec.field(default_factory=ReducedSpec)
    status: ReducedStatus = msgspec.field(default_factory=ReducedStatus)
