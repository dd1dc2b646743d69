"""A report with the tables that machine outputs read, small and hostile."""

from collections.abc import Sequence

import pandas as pd

from reports.model import DataColumn, Dataset, Report
from tests.reports import sample
from tests.reports.sample_sections import HOSTILE

COUNTS = ("subjects", "passed", "failed", "waived", "not_applicable", "not_assessed", "error")
FINDING = (
    *("check", "severity", "status", "kind", "namespace", "name", "message", "remediation", "rule", "id"),
    *("workload", "waiver", "since", "source"),
)


def dataset(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]], integers=()) -> Dataset:
    described = tuple(
        DataColumn(column, "integer" if column in integers else "text", f"what {column} is")
        for column in columns
    )
    return Dataset(name, f"What {name} are", described, pd.DataFrame(list(rows), columns=list(columns)))


def checks(*rows: Sequence[object]) -> Dataset:
    return dataset("checks", ("check", "severity", *COUNTS, "reason"), rows, COUNTS)


def catalogue(*rows: Sequence[object]) -> Dataset:
    words = [
        (row[0], f"{str(row[0]).capitalize()} holds", "workload", row[1], "Why it matters.") for row in rows
    ]
    return dataset("catalogue", ("check", "title", "subject", "severity", "rationale"), words)


def check(name: str, severity: str = "high", reason: str = "", **counts: int) -> tuple[object, ...]:
    counted = [counts.get(count, 0) for count in COUNTS[1:]]
    return (name, severity, sum(counted), *counted, reason)


def finding(name: str, number: int = 1, **fields: str) -> tuple[str, ...]:
    known = {
        "check": "isolated",
        "severity": "high",
        "status": "failed",
        "kind": "Deployment",
        "namespace": "shop",
        "name": name,
        "message": f"Deployment shop/{name}: no policy selects it.",
        "remediation": "kind: NetworkPolicy\n",
        "id": f"{number:016x}",
        "workload": f"Deployment/{name}",
        "source": f"shop/{name}.yaml:{number}",
    }
    return tuple((known | fields).get(column, "") for column in FINDING)


CHECKS = (
    check("isolated", passed=3, failed=2, waived=1),
    check("narrow", "critical", "The kind nodes could not be listed.", not_assessed=2),
    check("broken", "low", "The check failed to run: ValueError.", error=1),
    check("clean", "medium", passed=4, not_applicable=1),
    check("idle", "medium"),
)
FINDINGS = (
    finding("web"),
    finding("db", 2, source="/apis/apps/v1/namespaces/shop/deployments/db", severity="critical"),
    finding("old", 3, status="waived", waiver="until 2027-03-01, approved by me, owner us: legacy"),
    finding(
        "", 4, kind="Cluster", namespace="", message="The plug-in ignores policies.", source="", workload=""
    ),
    finding("payments", 5, kind="Namespace", namespace="", workload=""),
)


def report(
    findings=FINDINGS, described=CHECKS, namespaces=("shop", "payments", "quiet"), **changes
) -> Report:
    data = (
        checks(*described),
        catalogue(*described),
        dataset("findings", FINDING, findings),
        dataset("namespaces", ("namespace",), [(name,) for name in namespaces]),
    )
    return sample.report(**({"data": data} | changes))


def hostile() -> Report:
    """Every text that can be somebody else's is a hostile one."""
    told = ("namespace", "message", "remediation", "rule", "waiver", "since", "workload")
    rows = [
        finding(
            text,
            number,
            **dict.fromkeys(told, text),
            source=f"{text}:{number + 1}",
            status=("failed", "waived")[number % 2],
        )
        for number, text in enumerate(HOSTILE)
    ]
    reasons = [check("isolated", reason=text, failed=1, not_assessed=1) for text in HOSTILE[-1:]]
    return report(rows, reasons, HOSTILE, subject=HOSTILE[-1], scope=HOSTILE, generator=HOSTILE[0])


def empty() -> Report:
    return report((), (check("isolated"),), ())
