"""The headline figures of many runs as a series: the rows of a table, the points of a chart."""

from collections.abc import Sequence

import pandas as pd

from audit.frames import TREND
from audit.headline import Share
from audit.history.record import Head, Record
from audit.severity import Severity


def trend(records: Sequence[Record]) -> pd.DataFrame:
    """The frame TREND: a row for each record, by the time of its snapshot."""
    rows = [
        {
            "run": record.name,
            "taken": record.head.taken,
            "as_of": record.head.as_of,
            "cluster": record.head.cluster,
            "cluster_uid": record.head.cluster_uid,
            "version": record.head.version,
            "settings": record.head.settings,
            "complete": record.head.complete,
            **figures(record.head),
        }
        for record in sorted(records, key=lambda each: (each.taken, each.name))
    ]
    return TREND.frame({name: [row[name] for row in rows] for name in TREND.names})


def figures(head: Head) -> dict[str, object]:
    """The figures of one run by column; None where one was not assessed, or not all could be counted."""
    shares = head.figures

    def counted(share: Share, *, read: bool) -> int | None:
        return share.of if read else None

    policies_read = "networkpolicies" not in head.unread
    return {
        "pods": counted(shares.ingress_isolated, read=head.pods_read),
        "pods_ingress_isolated": shares.ingress_isolated.count,
        "pods_egress_isolated": shares.egress_isolated.count,
        "namespaces": counted(shares.ingress_denied, read=head.pods_read),
        "namespaces_deny_ingress": shares.ingress_denied.count,
        "namespaces_deny_egress": shares.egress_denied.count,
        "exposed": counted(shares.exposed_open, read=shares.exposed_open.whole),
        "exposed_open": shares.exposed_open.count,
        "rules": counted(shares.broad_rules, read=policies_read),
        "broad_rules": shares.broad_rules.count,
        "policies": counted(shares.doubtful_policies, read=policies_read),
        "doubtful_policies": shares.doubtful_policies.count,
        **{severity.word: head.open_findings.get(severity.word, 0) for severity in Severity},
        "waived": head.waived_findings,
        "unassessed": ",".join(head.unassessed),
    }
