"""The whole tables behind the report, with the meaning of every column: CSV and JSON are these."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

import pandas as pd

from audit import controls
from audit.compose.causes import Cause, told
from audit.compose.figures import figures
from audit.compose.owners import of_owners
from audit.compose.untold import known
from audit.compose.view import View
from audit.frames import (
    CATALOGUE,
    CHECK_FACTS,
    CONTROL_FACTS,
    ENFORCEMENT,
    EXPOSURE,
    FIGURES,
    FINISHED_POD_FACTS,
    NAMESPACE_FACTS,
    OWNER_FACTS,
    PERIOD_NAMESPACES,
    PERIOD_WORKLOADS,
    POD_FACTS,
    POLICY_CHANGES,
    POLICY_FACTS,
    RESULTS,
    RULE_FACTS,
    SERVICE_FACTS,
    TREND,
    WAIVERS,
    WORKLOAD_FACTS,
    Column,
    Schema,
)
from audit.history.story import Story
from reports.model import DataColumn, Dataset

_Type: TypeAlias = Literal["string", "text", "integer", "number", "boolean"]

_FREE_TEXT: Final = frozenset(
    (
        "message",
        "notes",
        "remediation",
        "reason",
        "justification",
        "peers",
        "ports",
        "managers",
        "owner",
        "created",
        "approved_by",
        "ticket",
        "selector",
        "selects",
        "title",
        "covers",
        "does_not_cover",
        "by_hand",
        "applies_to",
        "frequency",
        "scope",
        "rationale",
        "uid",
        "cluster",
        "cluster_uid",
        "evidence",
        "ignores",
        "first_that_matter",
    )
)
"""Columns that hold sentences, words put together or what anybody wrote; all other strings are names, ids or
enumerations."""


_TOLD: Final = Column("told", "str", "where the report tells it: an anchor, as in report.html#ANCHOR")


def data(view: View, causes: Sequence[Cause]) -> tuple[Dataset, ...]:
    """Every table, narrowed as the report is."""
    tables = (
        (POD_FACTS, known(view, view.pods)),
        (FINISHED_POD_FACTS, view.finished_pods),
        (NAMESPACE_FACTS, known(view, view.namespaces)),
        (OWNER_FACTS, of_owners(view)),
        (WORKLOAD_FACTS, known(view, view.workloads)),
        (SERVICE_FACTS, view.services),
        (POLICY_FACTS, view.policies),
        (RULE_FACTS, view.rules),
        (ENFORCEMENT, view.facts.enforcement),
        (EXPOSURE, known(view, view.exposure)),
        (CHECK_FACTS, view.checks),
        (WAIVERS, view.waivers),
        (CONTROL_FACTS, controls.table(view.frameworks)),
        (FIGURES, figures(view)),
        (CATALOGUE, _catalogue(view)),
    )
    findings = dataset(
        Schema(RESULTS.name, RESULTS.meaning, (*RESULTS.columns, _TOLD)),
        view.findings.assign(told=told(view, causes)),
        "findings",
        "Subjects that failed a check, waived ones too",
    )
    return (*(dataset(schema, frame) for schema, frame in tables), findings, *_over_time(view.story))


def _catalogue(view: View) -> pd.DataFrame:
    checks = [result.check for result in view.results]
    words: dict[str, list[object]] = {
        name: [getattr(check, name) for check in checks] for name in ("title", "subject", "rationale")
    }
    return CATALOGUE.frame(
        {"check": [c.id for c in checks], "severity": [c.severity.word for c in checks], **words}
    )


def _over_time(story: Story | None) -> Iterator[Dataset]:
    """The tables of a period, if there is a store."""
    if story is None:
        return
    own = story.trend.index == len(story.trend) - 1  # its folder is named anew each time
    yield dataset(TREND, story.trend.assign(run=story.trend["run"].mask(own, "")))
    yield dataset(PERIOD_WORKLOADS, story.period.workloads, "period_workloads")
    yield dataset(PERIOD_NAMESPACES, story.period.namespaces, "period_namespaces")
    yield dataset(POLICY_CHANGES, story.changes, "policy_changes")


def dataset(schema: Schema, frame: pd.DataFrame, name: str = "", description: str = "") -> Dataset:
    """A frame of these columns with their types; name and description are the schema's where not given."""
    columns = tuple(DataColumn(c.name, _type(c), c.meaning) for c in schema.columns)
    return Dataset(name or schema.name, description or schema.meaning, columns, frame)


def _type(column: Column) -> _Type:
    if column.dtype in ("bool", "boolean"):
        return "boolean"
    if column.dtype.lower().startswith(("int", "uint")):
        return "integer"
    return "text" if column.name in _FREE_TEXT else "string"
