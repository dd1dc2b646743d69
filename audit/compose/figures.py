"""The figures as a table: those of page one, and what else metrics tell of a run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

import pandas as pd

from audit.compose.view import View
from audit.config import moment
from audit.frames import FIGURES
from audit.headline import Headline, headline
from audit.history.record import Head, open_findings
from audit.policy.model import Direction

_DIRECTION: Final = "direction"
_SEVERITY: Final = "severity"


class _Run(NamedTuple):
    """What is counted of a run."""

    taken: datetime
    complete: bool
    unassessed: int
    """Checks some of whose subjects could not be assessed."""
    pods_read: bool
    counted: Headline
    open_findings: Mapping[str, int]
    waived_findings: int


def figures(view: View) -> pd.DataFrame:
    """FIGURES of what is reported."""
    left_out = view.checks[["not_assessed", "error"]].sum(axis=1) > 0
    return _table(
        _Run(
            taken=moment(view.facts.snapshot.provenance.taken),
            complete=view.facts.snapshot.complete,
            unassessed=int(left_out.sum()),
            pods_read=view.readable("pods"),
            counted=headline_of(view),
            open_findings=open_findings(view.findings),
            waived_findings=int((view.findings["status"] == "waived").sum()),
        )
    )


def figures_of(head: Head) -> pd.DataFrame:
    """FIGURES of a run, of its whole cluster."""
    return _table(
        _Run(
            taken=moment(head.taken),
            complete=head.complete,
            unassessed=len(head.unassessed),
            pods_read=head.pods_read,
            counted=head.figures,
            open_findings=head.open_findings,
            waived_findings=head.waived_findings,
        )
    )


def headline_of(view: View) -> Headline:
    """The figures of page one."""
    return headline(
        known=view.known,
        pods=view.pods,
        namespaces=view.namespaces,
        policies=view.policies,
        rules=view.rules,
        exposure=view.exposure,
        published=view.published,
        findings=view.findings,
        results=view.results,
    )


def _table(run: _Run) -> pd.DataFrame:
    counted = run.counted
    rows: list[tuple[str, str, str, int | None, str]] = []

    def one(name: str, value: int | None, meaning: str) -> None:
        rows.append((name, "", "", value, meaning))

    def each(name: str, label: str, values: Mapping[str, int | None], meaning: str) -> None:
        rows.extend((name, label, part, value, meaning) for part, value in values.items())

    def both(name: str, ingress: int | None, egress: int | None, meaning: str) -> None:
        each(name, _DIRECTION, {Direction.INGRESS: ingress, Direction.EGRESS: egress}, meaning)

    ingress, egress = counted.ingress_isolated, counted.egress_isolated
    denied, denied_egress = counted.ingress_denied, counted.egress_denied
    one("snapshot_timestamp_seconds", int(run.taken.timestamp()), "When the snapshot was taken.")
    one("complete", int(run.complete), "Whether everything that was asked for could be read.")
    one("unassessed_checks", run.unassessed, "Checks that could not be assessed everywhere.")
    one("pods", ingress.of if run.pods_read else None, "Pods that a policy could govern.")
    both("isolated_pods", ingress.count, egress.count, "Of these, isolated ones.")
    one("namespaces", denied.of if run.pods_read else None, "Namespaces with such pods.")
    both("default_deny_namespaces", denied.count, denied_egress.count, "Of these, with default deny.")
    one("exposed_open_workloads", counted.exposed_open.count, "Exposed to outside and not isolated.")
    one("broad_rules", counted.broad_rules.count, "Rules with broad ranges of addresses.")
    one("doubtful_policies", counted.doubtful_policies.count, "Policies that do not do what they say.")
    each("findings", _SEVERITY, dict(run.open_findings), "Findings that are not accepted.")
    one("waived_findings", run.waived_findings, "Findings that are accepted.")
    columns = zip(*rows, strict=True)
    names = ("figure", "label", "part", "value", "meaning")
    return FIGURES.frame({name: list(cells) for name, cells in zip(names, columns, strict=True)})
