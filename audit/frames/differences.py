"""The frames of what differs between two snapshots."""

from typing import Final

from audit.frames.computed import DEFAULT_DENY
from audit.frames.schema import Schema, columns

_SIDE: Final = "both, old or new: the snapshots that have it"
_SCOPE: Final = "all, or some where not all pairs have them; empty without connections"
_CONNECTIONS: Final = "All, or protocols and ports as TCP 80,8080-8090;UDP 53; empty if none"
_DIRECTION: Final = "ingress or egress"

ISOLATION_CHANGES = Schema(
    "isolation",
    "Workloads whose pods lost or gained isolation",
    columns(
        ("namespace", "category", "namespace"),
        ("workload", "str", "Kind/name"),
        ("direction", "category", _DIRECTION),
        (
            "change",
            "category",
            "lost (a smaller share of its pods is isolated), gained, appeared, gone, not_assessed (in one)",
        ),
        ("before", "category", "isolated, open, not_assessed, not_governed, or empty: not there"),
        ("after", "category", "the same in the new snapshot"),
        ("pods_before", "int64", "pods that policies can govern"),
        ("isolated_before", "int64", "of these, how many are isolated"),
        ("pods_after", "int64", "the same in the new snapshot"),
        ("isolated_after", "int64", "the same in the new snapshot"),
    ),
)
DENY_CHANGES = Schema(
    "default_deny",
    "Namespaces whose default deny changed",
    columns(
        ("namespace", "str", "name"),
        ("direction", "category", _DIRECTION),
        (
            "change",
            "category",
            "lost (it denied whatever pod came next), gained, changed, appeared, gone, not_assessed (in one)",
        ),
        ("before", "category", f"{DEFAULT_DENY}; or empty: not there, or not assessed"),
        ("nullified_before", "bool", "a rule of an all-selecting policy undoes it"),
        ("after", "category", "the same in the new snapshot"),
        ("nullified_after", "bool", "the same in the new snapshot"),
    ),
)
FINDING_CHANGES = Schema(
    "findings",
    "Findings that are new, fixed or changed",
    columns(
        (
            "change",
            "category",
            "new, fixed, changed, newly_assessed (not assessed before), not_assessed (found before, not now)",
        ),
        ("check", "category", "id of the check"),
        ("severity", "category", "severity; of what was found before, that of before"),
        ("status", "category", "failed or waived"),
        ("kind", "category", "kind of the subject"),
        ("namespace", "category", "namespace of the subject, or empty"),
        ("name", "str", "name of the subject"),
        ("rule", "str", "the part of a policy that is meant, or empty"),
        ("message", "str", "the verdict as a sentence"),
        ("severity_before", "category", "where it changed: severity in the old snapshot"),
        ("status_before", "category", "where it changed: status in the old snapshot"),
        ("message_before", "str", "where it changed: the verdict in the old snapshot"),
        ("id", "str", "id of the finding, the same in every run"),
    ),
)
POLICY_DIFFERENCES = Schema(
    "policies",
    "Policies of every API that differ in more than metadata and status",
    columns(
        ("change", "category", "created, changed or deleted"),
        ("kind", "category", "kind"),
        ("namespace", "category", "namespace; empty for a policy of the cluster"),
        ("name", "str", "name"),
        ("api_version", "category", "apiVersion"),
    ),
)
CONNECTION_CHANGES = Schema(
    "connections",
    "Pairs of workloads, or of a workload and a range of addresses, whose allowed connections differ",
    columns(
        ("source", "str", "namespace/Kind/name, or a range of addresses"),
        ("destination", "str", "the same"),
        ("change", "category", "opened (none before), closed (none after) or changed"),
        ("before", "str", _CONNECTIONS),
        ("before_scope", "category", _SCOPE),
        ("after", "str", _CONNECTIONS),
        ("after_scope", "category", _SCOPE),
        ("opened", "str", "what is allowed now and was not"),
        ("closed", "str", "what was allowed and is not now"),
        ("source_in", "category", _SIDE),
        ("destination_in", "category", _SIDE),
    ),
)
