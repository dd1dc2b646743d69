"""The tables that each run stores of itself: small enough to read those of many runs."""

from collections.abc import Mapping
from typing import Final

from audit.frames.computed import DEFAULT_DENY, OUTSIDE, REACH
from audit.frames.schema import Schema, columns

STATES: Final = ("isolated", "open", "not_assessed", "not_governed")
"""What a workload or namespace was for one direction in one snapshot."""
_STATE = (
    "isolated (all pods that policies can govern), open (not all of them), not_assessed (not all that "
    "decides could be read or is evaluated), or not_governed (there is no such pod)"
)

STORED_WORKLOADS = Schema(
    "workloads",
    "Workloads that had pods",
    columns(
        ("namespace", "category", "namespace"),
        ("workload", "str", "Kind/name"),
        ("pods", "int32", "pods that count"),
        ("governed", "int32", "of these, how many policies can govern: those not in their node's network"),
        ("pods_ingress_isolated", "int32", "of those, how many are isolated for ingress"),
        ("pods_egress_isolated", "int32", "of those, how many are isolated for egress"),
        ("ingress", "category", f"for ingress {_STATE}"),
        ("egress", "category", "the same for egress"),
        (
            "ingress_pods",
            "category",
            f"for ingress, of its pods the farthest: {REACH}",
        ),
        ("egress_pods", "category", f"for egress, of its pods the farthest: {REACH}"),
        ("ingress_external", "category", f"the same from outside: {OUTSIDE}"),
        ("egress_external", "category", f"the same to outside: {OUTSIDE}"),
    ),
)
STORED_NAMESPACES = Schema(
    "namespaces",
    "Namespaces",
    columns(
        ("namespace", "str", "name"),
        ("pods", "int32", "pods that policies can govern"),
        ("pods_ingress_isolated", "int32", "of these, how many are isolated for ingress"),
        ("pods_egress_isolated", "int32", "of these, how many are isolated for egress"),
        ("ingress", "category", f"for ingress {_STATE}"),
        ("egress", "category", "the same for egress"),
        ("default_deny_ingress", "category", DEFAULT_DENY),
        ("default_deny_egress", "category", DEFAULT_DENY),
        ("nullified_ingress", "bool", "a policy for all its pods undoes the one for ingress"),
        ("nullified_egress", "bool", "the same for egress"),
        ("read", "bool", "all of its pods could be read"),
    ),
)
STORED_FINDINGS = Schema(
    "findings",
    "Subjects that failed a check, waived ones too, and earlier ones that could not be assessed this time",
    columns(
        ("id", "str", "id of the finding, the same in every run"),
        ("check", "category", "id of the check"),
        ("severity", "category", "severity"),
        ("status", "category", "failed, waived, or not_assessed: it was there, and may be there still"),
        (
            "kind",
            "category",
            "kind of the subject; of a workload, Kind/name is its key in `workloads`",
        ),
        ("namespace", "category", "namespace of the subject, or empty"),
        ("name", "str", "name of the subject"),
        ("since", "category", "date of the first run of the unbroken row of runs that found it"),
    ),
)
STORED_POLICIES = Schema(
    "policies",
    "Policies of every API",
    columns(
        ("api_version", "category", "apiVersion"),
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace; empty for a policy of the cluster"),
        ("name", "str", "name"),
        ("uid", "str", "metadata.uid, or empty"),
        ("generation", "int64", "metadata.generation, or 0"),
        ("created", "category", "metadata.creationTimestamp, or empty"),
        ("managers", "category", "field managers, comma separated, in the order of managedFields"),
        (
            "digest",
            "uint64",
            "hash of group, kind, namespace, name, uid, generation, and all but metadata and status",
        ),
    ),
)

STORED_TABLES: Final[Mapping[str, Schema]] = {
    schema.name: schema for schema in (STORED_WORKLOADS, STORED_NAMESPACES, STORED_FINDINGS, STORED_POLICIES)
}
"""The tables of what a run stores of itself, by name."""
