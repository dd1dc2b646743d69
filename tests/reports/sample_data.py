"""Whole tables for the sample report, with what its sections tell and names that try to break the page."""

import pandas as pd

from reports.model import DataColumn, Dataset
from tests.reports.sample_sections import DENY, HOSTILE

ENDLESS = "x" * 10_000
SVG = "<svg onload=document.title='owned'>"
ADDRESS = "javascript:document.title='owned'"
NAMES = (*HOSTILE, SVG, ADDRESS, ENDLESS, "\u200frtl\u202e")
NOW = "2026-11-23T02:00:00Z"
MANY = 600


def _dataset(called: str, /, **columns: list[object]) -> Dataset:
    texts = {"message", "remediation"}
    numbers = {"pods"}
    described = tuple(
        DataColumn(
            column,
            "text" if column in texts else "integer" if column in numbers else "string",
            f"what {column} is",
        )
        for column in columns
    )
    return Dataset(called, f"The {called}", described, pd.DataFrame(columns))


def findings() -> Dataset:
    """Two that the report tells, in `shop`, then MANY of `ci`, and one of each hostile name."""
    names = ["web", "allow-all", *(f"job-{i}" for i in range(MANY)), *NAMES]
    others = len(names) - 2
    return _dataset(
        "findings",
        check=["shop-web-check", "open-policies", *["pods-are-isolated-for-ingress"] * others],
        severity=["critical", "high", *["low"] * others],
        status=["failed", "waived", *["failed"] * others],
        kind=["Deployment", "NetworkPolicy", *["Job"] * others],
        namespace=["shop", "shop", *["ci"] * others],
        name=names,
        message=[
            "Deployment shop/web (6 pods): no policy selects it.",
            "NetworkPolicy shop/allow-all allows everything.",
            *(f"Job ci/{name}: no policy selects it." for name in names[2:]),
        ],
        remediation=[DENY, "", *[""] * others],
        since=["2026-11-01T02:00:00Z", NOW, *[NOW] * others],
        told=["shop-web", "open-workloads", *["pods-are-isolated-for-ingress"] * others],
    )


def tables() -> tuple[Dataset, ...]:
    return (
        _dataset(
            "pods",
            namespace=["shop", "shop", "ci"],
            pod=["web-1", "web-2", NAMES[0]],
            workload=["Deployment/web", "Deployment/web", f"Job/{NAMES[0]}"],
            policies=["", "", "allow-all,deny"],
        ),
        _dataset("namespaces", namespace=["shop", "ci"], pods=[2, 1]),
        _dataset(
            "workloads", namespace=["shop", "ci"], workload=["Deployment/web", "Job/job-1"], pods=[2, 1]
        ),
        _dataset("policies", namespace=["shop"], name=["allow-all"], pods=[2]),
        findings(),
    )
