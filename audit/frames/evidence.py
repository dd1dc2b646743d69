"""The tables of a snapshot: what was read."""

from collections.abc import Mapping
from typing import Final

from audit.frames.schema import WHERE, Schema, columns

NO_SET: Final = -1
"""In a column that numbers a set of `labels`: there is none (a Service without selector)."""

_OBJECT_KEY = (
    ("api_version", "category", "apiVersion, group and version"),
    ("kind", "category", "kind"),
    ("namespace", "category", "namespace; empty for an object of the cluster"),
    ("name", "str", "name"),
)

LABELS = Schema(
    "labels",
    "Sets of labels, annotations or selectors, each kept once and numbered by its content",
    columns(
        ("set", "int32", "number of the set; set 0 is empty and has no row"),
        ("key", "category", "key"),
        ("value", "category", "value, the source text"),
    ),
)
PORTS = Schema(
    "ports",
    "Sets of container ports, each kept once: those of containers and of init containers that keep running",
    columns(
        ("set", "int32", "number of the set; set 0 is empty and has no row"),
        ("name", "category", "name of the port, or empty"),
        ("protocol", "category", "TCP, UDP or SCTP"),
        ("number", "int32", "containerPort"),
        ("host_port", "int32", "hostPort, or 0; 0 also where hostIP is the node's loopback"),
    ),
)
NAMESPACES = Schema(
    "namespaces",
    "Namespace objects",
    columns(
        ("name", "str", "name"),
        ("labels", "int32", "set of labels, as written"),
        ("annotations", "int32", "set of annotations"),
        WHERE,
    ),
)
PODS = Schema(
    "pods",
    "Pods, finished ones included, and pods that stand for a workload's template",
    columns(
        ("namespace", "category", "namespace"),
        ("name", "str", "name; of a template `NAME[KIND]`"),
        ("workload_kind", "category", "kind of the outermost known owner; Pod if there is none"),
        ("workload", "str", "name of that owner, or of the pod"),
        ("labels", "int32", "set of labels"),
        ("ports", "int32", "set of container ports"),
        ("host_network", "bool", "runs in its node's network"),
        ("phase", "category", "status.phase, or empty"),
        ("node", "category", "spec.nodeName, or empty"),
        ("host_addresses", "category", "status.hostIP and hostIPs, separated by blanks"),
        ("template", "bool", "stands for the pods that a workload's template will make"),
        WHERE,
    ),
)
ADDRESSES = Schema(
    "addresses",
    "Addresses of pods: status.podIP and podIPs",
    columns(
        ("pod", "int32", "row of the pod in `pods`"),
        ("family", "int8", "4 or 6; an IPv4-mapped address is IPv4"),
        ("high", "uint64", "upper 64 bits of the address; 0 for IPv4"),
        ("low", "uint64", "lower 64 bits"),
    ),
)
WORKLOADS = Schema(
    "workloads",
    "Objects that own pods",
    columns(
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace"),
        ("name", "str", "name"),
        ("labels", "int32", "set of its own labels (not its pods')"),
        ("annotations", "int32", "set of annotations"),
        ("pod_labels", "int32", "set of labels of its pod template"),
        WHERE,
    ),
)
CUSTOM_RESOURCES = Schema(
    "custom_resources",
    "Custom resources of which a controller may make pods, as far as an input of files has them",
    columns(
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace"),
        ("name", "str", "name"),
        ("labels", "int32", "set of its own labels"),
        WHERE,
    ),
)
ATTACHED = Schema(
    "attached",
    "Pods and pod templates that ask for networks beside the cluster's own",
    columns(
        ("kind", "category", "Pod, or the kind of the workload whose template it is"),
        ("namespace", "category", "namespace"),
        ("name", "str", "name"),
        WHERE,
    ),
)
SERVICES = Schema(
    "services",
    "Services of the core API",
    columns(
        ("namespace", "category", "namespace"),
        ("name", "str", "name"),
        ("labels", "int32", "set of labels"),
        ("annotations", "int32", "set of annotations"),
        ("selector", "int32", f"set of labels that it selects pods by; {NO_SET} if it has no selector"),
        ("type", "category", "ClusterIP, NodePort, LoadBalancer or ExternalName"),
        ("cluster_ips", "str", "clusterIP and clusterIPs but `None`, separated by blanks"),
        ("external_ips", "str", "externalIPs, separated by blanks"),
        ("source_ranges", "str", "loadBalancerSourceRanges, separated by blanks"),
        ("load_balancer", "str", "addresses and names of status.loadBalancer, separated by blanks"),
        ("external_traffic_policy", "category", "Cluster, Local or empty"),
        WHERE,
    ),
)
SERVICE_PORTS = Schema(
    "service_ports",
    "Ports of Services",
    columns(
        ("service", "int32", "row of the Service in `services`"),
        ("name", "str", "name of the port, or empty"),
        ("protocol", "category", "TCP, UDP or SCTP"),
        ("port", "int32", "port of the Service"),
        ("target", "str", "targetPort, a number or a name; the port itself where it is not given"),
        ("node_port", "int32", "nodePort, or 0"),
    ),
)
NODES = Schema(
    "nodes",
    "Nodes",
    columns(
        ("name", "str", "name"),
        ("labels", "int32", "set of labels"),
        ("annotations", "int32", "set of annotations"),
        ("addresses", "str", "addresses of status, separated by blanks"),
        ("provider_id", "str", "spec.providerID, or empty"),
        ("kubelet_version", "category", "status.nodeInfo.kubeletVersion, or empty"),
        WHERE,
    ),
)
POLICIES = Schema(
    "policies",
    "Policies of every API, verbatim",
    columns(
        *_OBJECT_KEY,
        ("uid", "str", "metadata.uid, or empty"),
        ("generation", "int64", "metadata.generation, or 0"),
        ("created", "str", "metadata.creationTimestamp, or empty"),
        ("managers", "str", "field managers, comma separated, in the order of managedFields"),
        ("object", "str", "the object as JSON, without last-applied-configuration"),
        WHERE,
    ),
)
OBJECTS = Schema(
    "objects",
    "Objects kept for questions that are asked of them later, reduced to what those need",
    columns(*_OBJECT_KEY, ("object", "str", "the kept fields as JSON"), WHERE),
)
DEFECTS = Schema(
    "defects",
    "What the API server would refuse in an object that was read and counts",
    columns(
        *_OBJECT_KEY,
        ("path", "str", "field, as in spec.podSelector.matchLabels.app"),
        ("reason", "str", "what is wrong, as a sentence without the object's name"),
        WHERE,
    ),
)
KINDS = Schema(
    "kinds",
    "The kinds that were asked for, and how far they could be read",
    columns(
        ("kind", "str", "plural name of the resource, as pods or networkpolicies"),
        (
            "state",
            "category",
            "listed, partial, inconsistent, forbidden, not served or not asked",
        ),
        ("objects", "int64", "objects that were read"),
        ("resource_version", "str", "resourceVersion of the list, or empty"),
        ("started", "str", "when reading began, or empty"),
        ("ended", "str", "when reading ended, or empty"),
        ("reason", "str", "why the state is not `listed`"),
    ),
)
PARTS = Schema(
    "parts",
    "How far kinds could be read in single namespaces, where they may not be listed in all at once",
    columns(
        ("kind", "str", "plural name of the resource"),
        ("namespace", "str", "the namespace"),
        *((column.name, column.dtype, column.meaning) for column in KINDS.columns[1:]),
    ),
)
GAPS = Schema(
    "gaps",
    "Parts of the input that could not be read; everything else counts",
    columns(
        ("subject", "str", "path:line, or the kind and namespace"),
        ("reason", "str", "why, as a sentence without the subject"),
    ),
)

SNAPSHOT_TABLES: Final[Mapping[str, Schema]] = {
    **{
        schema.name: schema
        for schema in (
            LABELS,
            PORTS,
            NAMESPACES,
            PODS,
            ADDRESSES,
            WORKLOADS,
            CUSTOM_RESOURCES,
            ATTACHED,
            SERVICES,
            SERVICE_PORTS,
            NODES,
            POLICIES,
            DEFECTS,
            KINDS,
            PARTS,
            GAPS,
        )
    },
    **dict.fromkeys(
        (
            "endpointslices",
            "ingresses",
            "gateways",
            "routes",
            "service_cidrs",
            "daemonsets",
            "configmaps",
            "agents",
        ),
        OBJECTS,
    ),
}
"""The tables of a snapshot by name."""
