"""OpenMetrics text: the table `figures`, a gauge a figure, each with the cluster as a label."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final, NamedTuple

from reports import values
from reports.model import Dataset, Report

_PREFIX: Final = "segaudit_"


class _Sample(NamedTuple):
    figure: str
    label: str
    part: str
    value: int | None
    meaning: str


def render_openmetrics(report: Report) -> bytes:
    """The figures of `report`; what was not assessed has no sample."""
    return encode(report.subject, values.table(report, "figures"))


def encode(cluster: str, figures: Dataset) -> bytes:
    """A table with the columns `figure`, `label`, `part`, `value` and `meaning` as gauges of a cluster."""
    from prometheus_client import CollectorRegistry, Gauge
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()
    for (name, label, meaning), samples in groupby(
        _samples(figures), key=lambda sample: (sample.figure, sample.label, sample.meaning)
    ):
        labels = ("cluster", label) if label else ("cluster",)
        gauge = Gauge(f"{_PREFIX}{name}", meaning, labels, registry=registry)
        for sample in samples:
            if sample.value is not None:
                gauge.labels(*(cluster, sample.part)[: len(labels)]).set(sample.value)
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return written


def _samples(figures: Dataset) -> Iterator[_Sample]:
    for row in values.rows(figures, *_Sample._fields):
        yield _Sample(*row)  # type: ignore[arg-type] # the types of its columns
