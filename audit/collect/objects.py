"""The objects that are read, with only the fields that are read of them.

Everything may be null: Go decodes null as the zero value, so that what is null is as good as absent. Field
names are the API's in camel case.
"""

from typing import TypeAlias

import msgspec
from msgspec import field

from audit.collect.attached import ANNOTATION

Text: TypeAlias = str | None
Texts: TypeAlias = dict[str, str | None] | None
"""Labels, annotations or a selector; a null value is an empty one, as Go decodes it."""


class Object(msgspec.Struct, rename="camel", gc=False):
    """Of every struct here: they hold no cycles, so that the collector need not look at them."""


# -- parts ----------------------------------------------------------------------------------------


class OwnerReference(Object):
    """Who owns an object."""

    kind: Text = None
    name: Text = None
    controller: bool | None = None


class Metadata(Object):
    """metadata, of any object."""

    name: Text = None
    generate_name: Text = None
    namespace: Text = None
    labels: Texts = None
    annotations: Texts = None
    owner_references: list[OwnerReference | None] | None = None


class Described(Object):
    """metadata of an object whose annotations nobody asks about."""

    name: Text = None
    generate_name: Text = None
    namespace: Text = None
    labels: Texts = None
    owner_references: list[OwnerReference | None] | None = None


class Attached(Object):
    """Of the annotations of a pod the one that is read (`attached.py`)."""

    networks: Text = field(name=ANNOTATION, default=None)


class PodMetadata(Described):
    """metadata of a pod or of a pod template."""

    annotations: Attached | None = None


class NamespaceMetadata(Metadata):
    """metadata of a Namespace: the uid of kube-system is that of the cluster."""

    uid: Text = None


class ContainerPort(Object):
    """A port that a container names."""

    name: Text = None
    container_port: int | None = None
    protocol: Text = None
    host_port: int | None = None
    host_ip: Text = field(name="hostIP", default=None)


class Container(Object):
    """A container, or an init container."""

    ports: list[ContainerPort | None] | None = None
    restart_policy: Text = None


class PodSpec(Object):
    """spec of a pod or of a pod template."""

    host_network: bool | None = None
    node_name: Text = None
    containers: list[Container | None] | None = None
    init_containers: list[Container | None] | None = None


class Variable(Object):
    """An element of env, without where else its value may come from."""

    name: Text = None
    value: Text = None


class AgentContainer(Container):
    """A container of a DaemonSet or Deployment, which may be that of a network plug-in (`agents.py`)."""

    name: Text = None
    image: Text = None
    command: list[Text] | None = None
    args: list[Text] | None = None
    env: list[Variable | None] | None = None


class AgentPodSpec(Object):
    """spec of the pod template of a DaemonSet or Deployment."""

    host_network: bool | None = None
    node_selector: Texts = None
    containers: list[AgentContainer | None] | None = None
    init_containers: list[Container | None] | None = None


class Ip(Object):
    """An element of podIPs or hostIPs."""

    ip: Text = None


class PodStatus(Object):
    """status of a pod."""

    phase: Text = None
    pod_ip: Text = field(name="podIP", default=None)
    pod_ips: list[Ip | None] | None = field(name="podIPs", default=None)
    host_ip: Text = field(name="hostIP", default=None)
    host_ips: list[Ip | None] | None = field(name="hostIPs", default=None)


class Template(Object):
    """A pod template."""

    metadata: PodMetadata | None = None
    spec: PodSpec | None = None


class AgentTemplate(Object):
    """The pod template of a DaemonSet or Deployment."""

    metadata: PodMetadata | None = None
    spec: AgentPodSpec | None = None


class Requirement(Object):
    """An element of matchExpressions."""

    key: Text = None
    operator: Text = None
    values: list[Text] | None = None


class LabelSelector(Object):
    """A label selector."""

    match_labels: Texts = None
    match_expressions: list[Requirement | None] | None = None


class Condition(Object):
    """A condition of a status."""

    type: Text = None
    status: Text = None


class WorkloadStatus(Object):
    """What a controller says of its pods."""

    observed_generation: int | None = None
    replicas: int | None = None
    completion_time: Text = None
    conditions: list[Condition | None] | None = None


class DaemonSetStatus(Object, omit_defaults=True):
    """What the controller says of the pods of a DaemonSet."""

    observed_generation: int | None = None
    desired_number_scheduled: int | None = None
    updated_number_scheduled: int | None = None
    number_ready: int | None = None
    number_available: int | None = None


class WorkloadSpec(Object):
    """spec of a controller with a pod template."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: Template | None = None


class DaemonSetSpec(Object):
    """spec of a DaemonSet."""

    selector: LabelSelector | None = None
    template: AgentTemplate | None = None


class DeploymentSpec(Object):
    """spec of a Deployment, which may be that of a network plug-in too."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: AgentTemplate | None = None


class PlainSelectorSpec(Object):
    """spec of a controller of the first generation, whose selector is a map."""

    replicas: int | None = None
    selector: Texts = None
    template: Template | None = None


class ServicePort(Object):
    """A port of a Service."""

    name: Text = None
    protocol: Text = None
    port: int | None = None
    target_port: int | str | None = None
    node_port: int | None = None


class ServiceSpec(Object):
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


class LoadBalancerIngress(Object):
    """A way in that a load balancer gives."""

    ip: Text = None
    hostname: Text = None


class LoadBalancerStatus(Object):
    """status.loadBalancer."""

    ingress: list[LoadBalancerIngress | None] | None = None


class ServiceStatus(Object):
    """status of a Service."""

    load_balancer: LoadBalancerStatus | None = None


class NodeSpec(Object):
    """spec of a Node."""

    provider_id: Text = field(name="providerID", default=None)
    unschedulable: bool | None = None


class NodeAddress(Object):
    """An address of a Node."""

    type: Text = None
    address: Text = None


class NodeInfo(Object):
    """status.nodeInfo."""

    kubelet_version: Text = None


class NodeStatus(Object):
    """status of a Node."""

    addresses: list[NodeAddress | None] | None = None
    node_info: NodeInfo | None = None


# -- objects --------------------------------------------------------------------------------------


class Pod(Object):
    """A pod."""

    metadata: PodMetadata | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


class Namespace(Object):
    """A Namespace."""

    metadata: NamespaceMetadata | None = None


class Workload(Object):
    """A controller of pods: StatefulSet and its like."""

    metadata: Metadata | None = None
    spec: WorkloadSpec | None = None
    status: WorkloadStatus | None = None


class PlainSelectorWorkload(Object):
    """A ReplicationController or DeploymentConfig."""

    metadata: Metadata | None = None
    spec: PlainSelectorSpec | None = None
    status: WorkloadStatus | None = None


class Deployment(Object):
    """A Deployment."""

    metadata: Metadata | None = None
    spec: DeploymentSpec | None = None
    status: WorkloadStatus | None = None


class DaemonSet(Object):
    """A DaemonSet."""

    metadata: Metadata | None = None
    spec: DaemonSetSpec | None = None
    status: DaemonSetStatus | None = None


class JobTemplate(Object):
    """spec.jobTemplate of a CronJob."""

    spec: WorkloadSpec | None = None


class CronJobSpec(Object):
    """spec of a CronJob."""

    suspend: bool | None = None
    job_template: JobTemplate | None = None


class CronJob(Object):
    """A CronJob."""

    metadata: Metadata | None = None
    spec: CronJobSpec | None = None


class Service(Object):
    """A Service."""

    metadata: Metadata | None = None
    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class Node(Object):
    """A Node."""

    metadata: Metadata | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class ConfigMap(Object):
    """A ConfigMap; of its data only what `agents.py` names is looked at."""

    metadata: Described | None = None
    data: Texts = None


AnyWorkloadSpec: TypeAlias = WorkloadSpec | DeploymentSpec | DaemonSetSpec | PlainSelectorSpec
AnyWorkload: TypeAlias = Workload | Deployment | DaemonSet | PlainSelectorWorkload | CronJob
Readable: TypeAlias = Pod | Namespace | Service | Node | AnyWorkload
