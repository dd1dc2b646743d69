"""The frames that are computed of many runs."""

from typing import Final

from audit.frames.schema import Schema, columns

_DIRECTIONS: Final = ("ingress", "egress")
_TIME = "RFC 3339 in UTC"
_SHARES = (
    ("pods", "Int64", "pods that policies can govern"),
    ("pods_ingress_isolated", "Int64", "of these, how many are isolated for ingress; empty: not assessed"),
    ("pods_egress_isolated", "Int64", "the same for egress"),
    ("namespaces", "Int64", "namespaces with such pods"),
    ("namespaces_deny_ingress", "Int64", "of these, how many deny ingress by default; empty: not assessed"),
    ("namespaces_deny_egress", "Int64", "the same for egress"),
    ("exposed", "Int64", "workloads that are exposed to outside"),
    ("exposed_open", "Int64", "of these, how many are not wholly isolated; empty: not assessed"),
    ("rules", "Int64", "rules of NetworkPolicies"),
    ("broad_rules", "Int64", "of these, how many allow broad ranges of addresses; empty: not assessed"),
    ("policies", "Int64", "policies that are evaluated"),
    ("doubtful_policies", "Int64", "of these, how many do not do what they say; empty: not assessed"),
    ("critical", "Int64", "critical findings that are not waived"),
    ("high", "Int64", "the same, of high severity"),
    ("medium", "Int64", "the same, of medium severity"),
    ("low", "Int64", "the same, of low severity"),
    ("waived", "Int64", "findings that are waived"),
    ("unassessed", "str", "checks not all of whose subjects could be assessed, comma separated"),
)

RUNS = Schema(
    "runs",
    "Runs of a store, and times at which there should be one",
    columns(
        ("time", "str", f"when it was, or should have been: {_TIME}"),
        ("run", "str", "its folder in the store, or empty"),
        ("id", "str", "the run's id, or empty"),
        ("state", "category", "stored, incomplete, damaged, unfinished, removed or missing"),
        ("reason", "str", "what the state means here, or empty"),
    ),
)
TREND = Schema(
    "trend",
    "The headline figures of each stored run",
    columns(
        ("run", "str", "folder of the run; in a report empty for that of the report"),
        ("taken", "str", f"when its snapshot was taken: {_TIME}"),
        ("as_of", "str", f"date of its report: {_TIME}"),
        ("cluster", "str", "name of the cluster"),
        ("cluster_uid", "str", "its uid, or empty"),
        ("version", "str", "of segaudit"),
        ("settings", "str", "SHA-256 of the settings in force: figures may differ for their sake"),
        ("complete", "bool", "everything that was asked for could be read"),
        *_SHARES,
    ),
)
_SEEN = (
    ("first_seen", "category", f"time of the first snapshot that shows it: {_TIME}"),
    ("last_seen", "category", "time of the last snapshot that shows it"),
    ("gone", "boolean", "the last snapshot of the period shows it no more; empty: cannot be told"),
    ("snapshots", "int32", "snapshots of the period"),
    ("absent", "int32", "of these, how many do not have it"),
)
_VERDICT = (
    "isolated_throughout (in every snapshot of the period), isolated_in_part (in every one that can tell, "
    "which are not all), open (in some), not_assessed, or not_governed (no pod that policies can govern)"
)


def _verdict(direction: str) -> tuple[tuple[str, str, str], ...]:
    """The columns of a direction; what was seen of it adds up to the snapshots less those without it."""
    return (
        (
            direction,
            "category",
            _VERDICT,
        ),
        (f"{direction}_isolated", "int32", "snapshots in which all its pods that count are isolated"),
        (f"{direction}_open", "int32", "snapshots in which some are not"),
        (f"{direction}_not_assessed", "int32", "snapshots that cannot tell"),
        (f"{direction}_not_governed", "int32", "snapshots in which it has no pod that policies can govern"),
        (f"{direction}_first_open", "category", "time of the first snapshot in which it is open, or empty"),
        (f"{direction}_last_open", "category", "time of the last one, or empty"),
    )


PERIOD_WORKLOADS = Schema(
    "workloads",
    "Workloads that were seen in a period, those that are gone too, and whether they were isolated",
    columns(
        ("namespace", "category", "namespace"),
        ("workload", "str", "Kind/name"),
        *_SEEN,
        *(column for direction in _DIRECTIONS for column in _verdict(direction)),
    ),
)
PERIOD_NAMESPACES = Schema(
    "namespaces",
    "Namespaces that were seen in a period, those that are gone too, and whether their pods were isolated",
    columns(
        ("namespace", "str", "namespace"),
        *_SEEN,
        *(column for direction in _DIRECTIONS for column in _verdict(direction)),
    ),
)
POLICY_CHANGES = Schema(
    "changes",
    "Policies that were created, changed or deleted between two snapshots",
    columns(
        ("after", "category", f"time of the last snapshot before the change: {_TIME}"),
        ("before", "category", "time of the first snapshot that shows it"),
        ("change", "category", "created, changed or deleted"),
        ("kind", "category", "kind"),
        ("api_version", "category", "apiVersion"),
        ("namespace", "category", "namespace, or empty"),
        ("name", "str", "name"),
        ("uid", "str", "metadata.uid, or empty"),
        ("generation_before", "Int64", "metadata.generation before, or empty"),
        ("generation_after", "Int64", "metadata.generation after, or empty"),
        ("created", "str", "metadata.creationTimestamp, or empty"),
        ("managers", "str", "field managers after it, of a deleted one before: programs, not people"),
    ),
)
FLEET = Schema(
    "fleet",
    "The newest run of each cluster, the worst first",
    columns(
        ("cluster", "str", "name of the cluster, or empty if nothing is known of it"),
        ("cluster_uid", "str", "its uid, or empty"),
        ("store", "str", "where its runs are"),
        ("state", "category", "current, too_old, or unreadable (no run of it could be read)"),
        ("reason", "str", "why not current, why an older run is shown, where else the cluster is; or empty"),
        ("run", "str", "folder of the run"),
        ("taken", "str", f"when its snapshot was taken: {_TIME}"),
        ("age_hours", "Int64", "whole hours from then to the date of this table"),
        ("complete", "boolean", "everything that was asked for could be read"),
        *_SHARES,
    ),
)
