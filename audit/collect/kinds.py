"""The objects that are read, with only the fields that are read of them.

Everything may be null: Go decodes null as the zero value, so that what is null
is as good as absent. Field names are the API's in camel case.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec
from msgspec import field

Text: TypeAlias = str | None
Texts: TypeAlias = dict[str, str | None] | None
"""Labels, annotations or a selector; a null value is an empty one, as Go decodes it."""


class _Object(msgspec.Struct, rename="camel", gc=False):
    """Of every struct here: they hold no cycles, so that the collector need not look at them."""


# -- parts ----------------------------------------------------------------------------------------


class OwnerReference(_Object):
    """Who owns an object."""

    kind: Text = None
    name: Text = None
    controller: bool | None = None


class Metadata(_Object):
    """metadata, of any object."""

    name: Text = None
    generate_name: Text = None
    namespace: Text = None
    labels: Texts = None
    annotations: Texts = None
    owner_references: list[OwnerReference | None] | None = None


class Described(_Object):
    """metadata of an object whose annotations nobody asks about."""

    name: Text = None
    generate_name: Text = None
    namespace: Text = None
    labels: Texts = None
    owner_references: list[OwnerReference | None] | None = None


class ContainerPort(_Object):
    """A port that a container names."""

    name: Text = None
    container_port: int | None = None
    protocol: Text = None
    host_port: int | None = None


class Container(_Object):
    """A container, or an init container."""

    ports: list[ContainerPort | None] | None = None
    restart_policy: Text = None


class PodSpec(_Object):
    """spec of a pod or of a pod template."""

    host_network: bool | None = None
    node_name: Text = None
    containers: list[Container | None] | None = None
    init_containers: list[Container | None] | None = None


class Ip(_Object):
    """An element of podIPs or hostIPs."""

    ip: Text = None


class PodStatus(_Object):
    """status of a pod."""

    phase: Text = None
    pod_ip: Text = field(name="podIP", default=None)
    pod_ips: list[Ip | None] | None = field(name="podIPs", default=None)
    host_ip: Text = field(name="hostIP", default=None)
    host_ips: list[Ip | None] | None = field(name="hostIPs", default=None)


class Template(_Object):
    """A pod template."""

    metadata: Described | None = None
    spec: PodSpec | None = None


class Requirement(_Object):
    """An element of matchExpressions."""

    key: Text = None
    operator: Text = None
    values: list[Text] | None = None


class LabelSelector(_Object):
    """A label selector."""

    match_labels: Texts = None
    match_expressions: list[Requirement | None] | None = None


class Condition(_Object):
    """A condition of a status."""

    type: Text = None
    status: Text = None


class WorkloadStatus(_Object):
    """What a controller says of its pods."""

    observed_generation: int | None = None
    replicas: int | None = None
    desired_number_scheduled: int | None = None
    completion_time: Text = None
    conditions: list[Condition | None] | None = None


class WorkloadSpec(_Object):
    """spec of a controller with a pod template."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: Template | None = None


class PlainSelectorSpec(_Object):
    """spec of a controller of the first generation, whose selector is a map."""

    replicas: int | None = None
    selector: Texts = None
    template: Template | None = None


class ServicePort(_Object):
    """A port of a Service."""

    name: Text = None
    protocol: Text = None
    port: int | None = None
    target_port: int | str | None = None
    node_port: int | None = None


class ServiceSpec(_Object):
    """spec of a Service."""

    selector: Texts = None
    type: Text = None
    cluster_ip: Text = field(name="clusterIP", default=None)
    cluster_ips: list[Text] | None = field(name="clusterIPs", default=None)
    external_ips: list[Text] | None = field(name="externalIPs", default=None)
    load_balancer_ip: Text = field(name="loadBalancerIP", default=None)
    load_balancer_source_ranges: list[Text] | None = None
    external_traffic_policy: Text = None
    ports: list[ServicePort | None] | None = None


class LoadBalancerIngress(_Object):
    """A way in that a load balancer gives."""

    ip: Text = None
    hostname: Text = None


class LoadBalancerStatus(_Object):
    """status.loadBalancer."""

    ingress: list[LoadBalancerIngress | None] | None = None


class ServiceStatus(_Object):
    """status of a Service."""

    load_balancer: LoadBalancerStatus | None = None


class NodeSpec(_Object):
    """spec of a Node."""

    provider_id: Text = field(name="providerID", default=None)


class NodeAddress(_Object):
    """An address of a Node."""

    type: Text = None
    address: Text = None


class NodeInfo(_Object):
    """status.nodeInfo."""

    kubelet_version: Text = None


class NodeStatus(_Object):
    """status of a Node."""

    addresses: list[NodeAddress | None] | None = None
    node_info: NodeInfo | None = None


# -- objects --------------------------------------------------------------------------------------


class Pod(_Object):
    """A pod."""

    metadata: Described | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


class Namespace(_Object):
    """A Namespace."""

    metadata: Metadata | None = None


class Workload(_Object):
    """A controller of pods: Deployment, StatefulSet and their like."""

    metadata: Metadata | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None


class PlainSelectorWorkload(_Object):
    """A ReplicationController or DeploymentConfig."""

    metadata: Metadata | None = None
    spec: PlainSelectorSpec | None = None
    status: WorkloadStatus | None = None


class JobTemplate(_Object):
    """spec.jobTemplate of a CronJob."""

    spec: WorkloadSpec | None = None


class CronJobSpec(_Object):
    """spec of a CronJob."""

    suspend: bool | None = None
    job_template: JobTemplate | None = None


class CronJob(_Object):
    """A CronJob."""

    metadata: Metadata | None = None
    spec: CronJobSpec | None = None


class Service(_Object):
    """A Service."""

    metadata: Metadata | None = None
    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class Node(_Object):
    """A Node."""

    metadata: Metadata | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


AnyWorkload: TypeAlias = Workload | PlainSelectorWorkload | CronJob
Readable: TypeAlias = Pod | Namespace | Service | Node | AnyWorkload


# -- which is which -------------------------------------------------------------------------------


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
    Kind(("apps", "extensions"), "Deployment", "deployments", Workload),
    Kind(("apps", "extensions"), "ReplicaSet", "replicasets", Workload),
    Kind(("apps", "extensions"), "DaemonSet", "daemonsets", Workload),
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


_KEPT: Final = (
    KeptKind(("networking.k8s.io", "extensions"), "Ingress", "ingresses", "ingresses", ("spec", "status")),
    KeptKind(
        ("discovery.k8s.io",),
        "EndpointSlice",
        "endpointslices",
        "endpointslices",
        ("addressType", "endpoints", "ports"),
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
    KeptKind(("route.openshift.io", ""), "Route", "routes", "routes", ("spec", "status")),
    KeptKind(
        ("networking.k8s.io",),
        "ServiceCIDR",
        "servicecidrs",
        "service_cidrs",
        ("spec",),
        namespaced=False,
    ),
)
KEPT_KINDS: Final[Mapping[tuple[str, str], KeptKind]] = {
    (group, kept.kind): kept for kept in _KEPT for group in kept.groups
}
"""The same of kinds that are kept, by group and kind."""
