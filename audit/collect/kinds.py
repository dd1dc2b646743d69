"""Which kinds are read, and what becomes of them: rows of a table of their own, or some fields kept."""

from collections.abc import Mapping
from typing import Final

import msgspec

from audit.collect.agents import Network
from audit.collect.endpoint_slices import Endpoints, EndpointSlice
from audit.collect.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Namespace,
    Node,
    PlainSelectorWorkload,
    Pod,
    Readable,
    Service,
    Workload,
)
from audit.ingress_annotations import INGRESS_ANNOTATIONS


class Kind(msgspec.Struct, frozen=True):
    """A kind that is read: the groups it is served in, its plural name, and the struct that it decodes to."""

    groups: tuple[str, ...]
    kind: str
    plural: str
    type: type[Readable]


_KINDS: Final = (
    Kind(("",), "Pod", "pods", Pod),
    Kind(("",), "Namespace", "namespaces", Namespace),
    Kind(("",), "Service", "services", Service),
    Kind(("",), "Node", "nodes", Node),
    Kind(("apps", "extensions"), "Deployment", "deployments", Deployment),
    Kind(("apps", "extensions"), "ReplicaSet", "replicasets", Workload),
    Kind(("apps", "extensions"), "DaemonSet", "daemonsets", DaemonSet),
    Kind(("apps",), "StatefulSet", "statefulsets", Workload),
    Kind(("batch",), "Job", "jobs", Workload),
    Kind(("batch",), "CronJob", "cronjobs", CronJob),
    Kind(("",), "ReplicationController", "replicationcontrollers", PlainSelectorWorkload),
    Kind(("apps.openshift.io", ""), "DeploymentConfig", "deploymentconfigs", PlainSelectorWorkload),
    Kind(("argoproj.io",), "Rollout", "rollouts", Workload),
)
KINDS: Final[Mapping[tuple[str, str], Kind]] = {
    (group, kind.kind): kind for kind in _KINDS for group in kind.groups
}
"""Kinds whose objects become rows of a table of their own, by group and kind."""


class KeptKind(msgspec.Struct, frozen=True):
    """A kind of which some fields are kept as they are, for questions that are asked of them later."""

    groups: tuple[str, ...]
    kind: str
    plural: str
    table: str
    fields: tuple[str, ...]
    namespaced: bool = True
    reduced_to: type[EndpointSlice | Endpoints | Network] | None = None
    """The struct that it is reduced to, where whole fields would be too much."""
    annotations: tuple[str, ...] = ()
    """Keys of those that are kept."""
    listed: bool = True
    """Whether a cluster is asked for it, where it serves it."""


_KEPT: Final = (
    KeptKind(
        ("networking.k8s.io", "extensions"),
        "Ingress",
        "ingresses",
        "ingresses",
        ("spec", "status"),
        annotations=INGRESS_ANNOTATIONS,
    ),
    KeptKind(
        ("discovery.k8s.io",),
        "EndpointSlice",
        "endpointslices",
        "endpointslices",
        ("addressType", "endpoints", "ports"),
        reduced_to=EndpointSlice,
    ),
    KeptKind(  # a cluster says the same by its EndpointSlices
        ("",),
        "Endpoints",
        "endpoints",
        "endpointslices",
        ("subsets",),
        reduced_to=Endpoints,
        listed=False,
    ),
    KeptKind(("gateway.networking.k8s.io",), "Gateway", "gateways", "gateways", ("spec", "status")),
    *(
        KeptKind(
            ("gateway.networking.k8s.io",),
            f"{protocol}Route",
            f"{protocol.lower()}routes",
            "routes",
            ("spec",),
        )
        for protocol in ("HTTP", "GRPC", "TCP", "TLS", "UDP")
    ),
    KeptKind(
        ("route.openshift.io", ""),
        "Route",
        "routes",
        "routes",
        ("spec", "status"),
        annotations=INGRESS_ANNOTATIONS,
    ),
    KeptKind(
        ("networking.k8s.io",),
        "ServiceCIDR",
        "servicecidrs",
        "service_cidrs",
        ("spec",),
        namespaced=False,
    ),
    *(
        KeptKind(
            (group,),
            "Network",
            f"networks.{group}",
            "agents",
            ("spec",),
            namespaced=False,
            reduced_to=Network,
        )
        for group in ("config.openshift.io", "operator.openshift.io")
    ),
)
KEPT_KINDS: Final[Mapping[tuple[str, str], KeptKind]] = {
    (group, kept.kind): kept for kept in _KEPT for group in kept.groups
}
"""The same of kinds that are kept, by group and kind."""
