"""The objects that are read, with only the fields that are read of them.

Everything may be null: Go decodes null as the zero value, so that what is null is as good as absent. Field
names are the API's in camel case.
"""

from typing import TypeAlias

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


class NamespaceMetadata(Metadata):
    """metadata of a Namespace: the uid of kube-system is that of the cluster."""

    uid: Text = None


class ContainerPort(_Object):
    """A port that a container names."""

    name: Text = None
    container_port: int | None = None
    protocol: Text = None
    host_port: int | None = None
    host_ip: Text = field(name="hostIP", default=None)


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


class Variable(_Object):
    """An element of env, without where else its value may come from."""

    name: Text = None
    value: Text = None


class AgentContainer(Container):
    """A container of a DaemonSet, which may be that of a network plug-in (`agents.py`)."""

    name: Text = None
    image: Text = None
    command: list[Text] | None = None
    args: list[Text] | None = None
    env: list[Variable | None] | None = None


class AgentPodSpec(_Object):
    """spec of the pod template of a DaemonSet."""

    host_network: bool | None = None
    node_selector: Texts = None
    containers: list[AgentContainer | None] | None = None
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


class AgentTemplate(_Object):
    """The pod template of a DaemonSet."""

    metadata: Described | None = None
    spec: AgentPodSpec | None = None


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
    completion_time: Text = None
    conditions: list[Condition | None] | None = None


class DaemonSetStatus(_Object, omit_defaults=True):
    """What the controller says of the pods of a DaemonSet."""

    observed_generation: int | None = None
    desired_number_scheduled: int | None = None
    updated_number_scheduled: int | None = None
    number_ready: int | None = None
    number_available: int | None = None


class WorkloadSpec(_Object):
    """spec of a controller with a pod template."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: Template | None = None


class DaemonSetSpec(_Object):
    """spec of a DaemonSet."""

    selector: LabelSelector | None = None
    template: AgentTemplate | None = None


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

    metadata: NamespaceMetadata | None = None


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


class DaemonSet(_Object):
    """A DaemonSet."""

    metadata: Metadata | None = None
    spec: DaemonSetSpec | None = None
    status: DaemonSetStatus | None = None


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


class ConfigMap(_Object):
    """A ConfigMap; of its data only what `agents.py` names is looked at."""

    metadata: Described | None = None
    data: Texts = None


class EndpointConditions(_Object, omit_defaults=True):
    """conditions of an endpoint."""

    ready: bool | None = None
    terminating: bool | None = None


class TargetRef(_Object, omit_defaults=True):
    """The object behind an endpoint."""

    kind: Text = None
    namespace: Text = None
    name: Text = None


class Endpoint(_Object, omit_defaults=True):
    """An element of endpoints."""

    addresses: list[Text] | None = None
    conditions: EndpointConditions | None = None
    target_ref: TargetRef | None = None


class EndpointPort(_Object, omit_defaults=True):
    """An element of ports of an EndpointSlice."""

    name: Text = None
    protocol: Text = None
    port: int | None = None


class EndpointSlice(_Object, omit_defaults=True):
    """An EndpointSlice, as it is kept: it names every pod of a Service, so that every field of it counts."""

    metadata: Described | None = None
    address_type: Text = None
    endpoints: list[Endpoint | None] | None = None
    ports: list[EndpointPort | None] | None = None


AnyWorkloadSpec: TypeAlias = WorkloadSpec | DaemonSetSpec | PlainSelectorSpec
AnyWorkload: TypeAlias = Workload | DaemonSet | PlainSelectorWorkload | CronJob
Readable: TypeAlias = Pod | Namespace | Service | Node | AnyWorkload
