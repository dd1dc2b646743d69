"""Every column of every frame, once: its name, dtype and meaning.

A frame that is empty still has all its columns. Repeated strings are
categories; every other string has pandas' `str` dtype (Arrow memory), so that
no frame holds a Python object a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

NO_SET: Final = -1
"""In a column that numbers a set of `labels`: there is none (a Service without selector)."""


@dataclass(frozen=True)
class Column:
    """A column: `dtype` as pandas has it; `meaning` is printed beside the data."""

    name: str
    dtype: str
    meaning: str


@dataclass(frozen=True)
class Schema:
    """The columns of one frame, in the order in which they are written."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [c.name for c in self.columns]

    def frame(self, data: Mapping[str, Sequence[object] | np.ndarray | pd.Series]) -> pd.DataFrame:
        """`data` (all columns, of one length) as a frame of these columns and dtypes."""
        return pd.DataFrame({c.name: _series(data[c.name], c.dtype) for c in self.columns})

    def empty(self) -> pd.DataFrame:
        """A frame without rows that has all columns."""
        return self.frame({c.name: [] for c in self.columns})

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` with these columns, order and dtypes; KeyError names a column that it lacks."""
        return self.frame({c.name: frame[c.name] for c in self.columns})


def _series(values: Sequence[object] | np.ndarray | pd.Series, dtype: str) -> pd.Series:
    """`values` as a series of `dtype`; the categories of a category are strings in their order."""
    if dtype != "category":
        return pd.Series(values, dtype=dtype).reset_index(drop=True)
    series = pd.Series(values, dtype="str") if len(values) == 0 else pd.Series(values)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype("str").astype("category")
    used = series.cat.remove_unused_categories()
    return used.cat.set_categories(sorted(used.cat.categories)).reset_index(drop=True)


def _columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


_WHERE = ("source", "str", "where the object was read: path:line of a file, or its API path")
_OBJECT_KEY = (
    ("api_version", "category", "apiVersion, group and version"),
    ("kind", "category", "kind"),
    ("namespace", "category", "namespace; empty for an object of the cluster"),
    ("name", "str", "name"),
)

# -- what a snapshot holds ------------------------------------------------------------------------

LABELS = Schema(
    "labels",
    "Sets of labels, annotations or selectors, each kept once and numbered by its content",
    _columns(
        ("set", "int32", "number of the set; set 0 is empty and has no row"),
        ("key", "category", "key"),
        ("value", "category", "value, the source text"),
    ),
)
PORTS = Schema(
    "ports",
    "Sets of container ports, each kept once: those of containers and of init containers that keep running",
    _columns(
        ("set", "int32", "number of the set; set 0 is empty and has no row"),
        ("name", "category", "name of the port, or empty"),
        ("protocol", "category", "TCP, UDP or SCTP"),
        ("number", "int32", "containerPort"),
        ("host_port", "int32", "hostPort, or 0"),
    ),
)
NAMESPACES = Schema(
    "namespaces",
    "Namespace objects",
    _columns(
        ("name", "str", "name"),
        ("labels", "int32", "set of labels, as written"),
        ("annotations", "int32", "set of annotations"),
        _WHERE,
    ),
)
PODS = Schema(
    "pods",
    "Pods, finished ones included, and pods that stand for a workload's template",
    _columns(
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
        _WHERE,
    ),
)
ADDRESSES = Schema(
    "addresses",
    "Addresses of pods: status.podIP and podIPs",
    _columns(
        ("pod", "int32", "row of the pod in `pods`"),
        ("family", "int8", "4 or 6; an IPv4-mapped address is IPv4"),
        ("high", "uint64", "upper 64 bits of the address; 0 for IPv4"),
        ("low", "uint64", "lower 64 bits"),
    ),
)
WORKLOADS = Schema(
    "workloads",
    "Objects that own pods",
    _columns(
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace"),
        ("name", "str", "name"),
        ("labels", "int32", "set of its own labels (not its pods')"),
        ("annotations", "int32", "set of annotations"),
        ("pod_labels", "int32", "set of labels of its pod template"),
        _WHERE,
    ),
)
SERVICES = Schema(
    "services",
    "Services of the core API",
    _columns(
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
        _WHERE,
    ),
)
SERVICE_PORTS = Schema(
    "service_ports",
    "Ports of Services",
    _columns(
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
    _columns(
        ("name", "str", "name"),
        ("labels", "int32", "set of labels"),
        ("annotations", "int32", "set of annotations"),
        ("addresses", "str", "addresses of status, separated by blanks"),
        ("provider_id", "str", "spec.providerID, or empty"),
        ("kubelet_version", "category", "status.nodeInfo.kubeletVersion, or empty"),
        _WHERE,
    ),
)
POLICIES = Schema(
    "policies",
    "Policies of every API, verbatim",
    _columns(
        *_OBJECT_KEY,
        ("uid", "str", "metadata.uid, or empty"),
        ("generation", "int64", "metadata.generation, or 0"),
        ("created", "str", "metadata.creationTimestamp, or empty"),
        ("managers", "str", "field managers, comma separated, in the order of managedFields"),
        ("object", "str", "the object as JSON, without last-applied-configuration"),
        _WHERE,
    ),
)
OBJECTS = Schema(
    "objects",
    "Objects kept for questions that are asked of them later, reduced to what those need",
    _columns(*_OBJECT_KEY, ("object", "str", "the kept fields as JSON"), _WHERE),
)
DEFECTS = Schema(
    "defects",
    "What the API server would refuse in an object that was read and counts",
    _columns(
        *_OBJECT_KEY,
        ("path", "str", "field, as in spec.podSelector.matchLabels.app"),
        ("reason", "str", "what is wrong, as a sentence without the object's name"),
        _WHERE,
    ),
)
KINDS = Schema(
    "kinds",
    "The kinds that were asked for, and how far they could be read",
    _columns(
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
GAPS = Schema(
    "gaps",
    "Parts of the input that could not be read; everything else counts",
    _columns(
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
            SERVICES,
            SERVICE_PORTS,
            NODES,
            POLICIES,
            DEFECTS,
            KINDS,
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
        ),
        OBJECTS,
    ),
}
"""The tables of a snapshot by name."""

# -- what is computed -----------------------------------------------------------------------------

_REACH = "cluster (every pod of every namespace), namespaces, namespace (its own only) or none"
_OUTSIDE = "any (all addresses of a family that the pod has), limited or none"
_DEFAULT_DENY = "strict, every_pod, current_pods, none or no_pods"

POD_FACTS = Schema(
    "pods",
    "Pods that count: not finished; with templates that stand for the pods of a workload",
    _columns(
        ("namespace", "category", "namespace"),
        ("pod", "str", "name of the pod; NAME[KIND] for a template"),
        ("workload", "category", "Kind/name of the outermost owner, Pod/name for a bare pod"),
        ("host_network", "bool", "runs in its node's network: no policy holds for it"),
        ("ingress_isolated", "boolean", "some policy selects it for ingress; empty for hostNetwork"),
        ("egress_isolated", "boolean", "some policy selects it for egress; empty for hostNetwork"),
        ("ingress_pods", "category", f"pods that may connect by this end's rules: {_REACH}"),
        ("egress_pods", "category", f"pods that it may connect to by this end's rules: {_REACH}"),
        ("ingress_external", "category", f"outside addresses that may connect: {_OUTSIDE}"),
        ("egress_external", "category", f"outside addresses that it may connect to: {_OUTSIDE}"),
        ("policies", "category", "policies that select it, comma separated"),
        ("unevaluated_policies", "category", "policies that could govern it and are not evaluated"),
        ("template", "bool", "stands for the pods of a workload of which the input has none"),
    ),
)
FINISHED_POD_FACTS = Schema(
    "finished_pods",
    "Pods that have finished; they do not count",
    _columns(
        ("namespace", "category", "namespace"),
        ("pod", "str", "name"),
        ("workload", "category", "Kind/name of the outermost owner"),
        ("phase", "category", "Succeeded or Failed"),
    ),
)
NAMESPACE_FACTS = Schema(
    "namespaces",
    "Namespaces and whether they deny by default",
    _columns(
        ("namespace", "str", "name"),
        ("system", "bool", "a system namespace"),
        ("pods", "int64", "pods that policies can govern: neither finished nor hostNetwork"),
        ("pods_ingress_isolated", "int64", "of these, how many are isolated for ingress"),
        ("pods_egress_isolated", "int64", "of these, how many are isolated for egress"),
        ("default_deny_ingress", "category", _DEFAULT_DENY),
        ("default_deny_egress", "category", _DEFAULT_DENY),
        ("nullified_ingress", "bool", "a rule of an all-selecting policy allows every source on every port"),
        ("nullified_egress", "bool", "the same for egress"),
        ("policies", "int64", "NetworkPolicies in it"),
        ("unevaluated_policies", "str", "policies that could govern its pods and are not evaluated"),
    ),
)
WORKLOAD_FACTS = Schema(
    "workloads",
    "Workloads that have pods",
    _columns(
        ("namespace", "category", "namespace"),
        ("workload", "str", "Kind/name"),
        ("pods", "int64", "pods that count"),
        ("host_network_pods", "int64", "of these, how many run in their node's network"),
        ("pods_ingress_isolated", "int64", "pods that are isolated for ingress"),
        ("pods_egress_isolated", "int64", "pods that are isolated for egress"),
        ("system", "bool", "in a system namespace"),
        ("unevaluated_policies", "str", "policies that could govern its pods and are not evaluated"),
        _WHERE,
    ),
)
POLICY_FACTS = Schema(
    "policies",
    "Policies of every API, evaluated or not",
    _columns(
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace; empty for a policy of the cluster"),
        ("name", "str", "name"),
        ("api_version", "category", "apiVersion"),
        ("evaluated", "bool", "a NetworkPolicy, which this version evaluates"),
        ("governs", "bool", "not evaluated, and may change what may connect at L3/L4"),
        ("ingress", "bool", "applies to ingress"),
        ("egress", "bool", "applies to egress"),
        ("pods", "int64", "pods that it selects"),
        ("ingress_rules", "int64", "rules of the ingress section, if it has effect"),
        ("egress_rules", "int64", "rules of the egress section, if it has effect"),
        _WHERE,
    ),
)
RULE_FACTS = Schema(
    "rules",
    "Rules of NetworkPolicies in words, and how many addresses their ipBlocks allow together",
    _columns(
        ("namespace", "category", "namespace of the policy"),
        ("policy", "str", "name of the policy"),
        ("direction", "category", "ingress or egress"),
        ("rule", "int64", "index in its section"),
        ("in_effect", "bool", "the section's direction is among the policy's types"),
        ("peers", "str", "whom the rule names"),
        ("ports", "str", "the ports that it names"),
        ("ipv4_prefix", "Int64", "shortest IPv4 prefix that is written, or empty"),
        ("ipv4_addresses", "str", "IPv4 addresses that remain less except, overlaps once, or empty"),
        ("ipv6_prefix", "Int64", "shortest IPv6 prefix that is written, or empty"),
        ("ipv6_addresses", "str", "IPv6 addresses that remain, an exact integer as text, or empty"),
        _WHERE,
    ),
)
SERVICE_FACTS = Schema(
    "services",
    "Services",
    _columns(
        ("namespace", "category", "namespace"),
        ("service", "str", "name"),
        ("type", "category", "type"),
        ("selects", "int64", "pods that its selector selects"),
        ("ports", "str", "ports as `port/protocol -> target`, comma separated"),
        _WHERE,
    ),
)
RESULTS = Schema(
    "results",
    "Subjects that a check judged",
    _columns(
        ("check", "category", "id of the check"),
        ("severity", "category", "severity in this context"),
        ("status", "category", "passed, failed, waived, not_applicable, not_assessed or error"),
        ("kind", "category", "kind of the subject"),
        ("namespace", "category", "namespace of the subject, or empty"),
        ("name", "str", "name of the subject"),
        ("message", "str", "the verdict as a sentence that names the cause"),
        ("remediation", "str", "YAML that mends it, or empty"),
        ("rule", "str", "the part of a policy that is meant, as ingress[0].from[1], or empty"),
        ("id", "str", "hash of check, subject and the rule's content"),
        ("workload", "str", "Kind/name, where the subject is a workload"),
        ("waiver", "str", "the waiver that holds, or empty"),
        ("since", "str", "when it was first seen, or empty"),
        _WHERE,
    ),
)
CHECK_FACTS = Schema(
    "checks",
    "Checks and how many subjects they judged, by status",
    _columns(
        ("check", "str", "id"),
        ("severity", "category", "severity before context"),
        *(
            (name, "int64", f"subjects {meaning}")
            for name, meaning in (
                ("subjects", "in all"),
                ("passed", "that passed"),
                ("failed", "that failed"),
                ("waived", "that failed and are waived"),
                ("not_applicable", "to which the check does not apply"),
                ("not_assessed", "that could not be judged"),
                ("error", "for which the check itself failed"),
            )
        ),
        ("reason", "str", "why subjects were not assessed, or the check failed"),
    ),
)
CONNECTIONS = Schema(
    "connections",
    "Allowed connections",
    _columns(
        ("source", "str", "namespace/pod, namespace/Kind/name, namespace, or a range of addresses"),
        ("destination", "str", "the same"),
        ("connections", "str", "All, or protocols and ports as TCP 80,8080-8090;UDP 53"),
        ("scope", "str", "all, or some where not all pairs have the connection"),
    ),
)
