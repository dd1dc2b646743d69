"""A small line for each headline figure over the snapshots of a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import pandas as pd

from audit.compose import words
from audit.config import moment
from audit.history.sampling import LATE, Sampling
from reports.model import Line, Lines, Point

_UNKNOWN: Final = "?"


@dataclass(frozen=True)
class _Series:
    title: str
    counts: tuple[str, ...]
    """Columns of TREND that are added up."""
    of: str = ""
    """The column that they are a share of, in percent."""


_SERIES: Final = (
    _Series("Isolated for ingress", ("pods_ingress_isolated",), "pods"),
    _Series("Isolated for egress", ("pods_egress_isolated",), "pods"),
    _Series("Namespaces that deny ingress by default", ("namespaces_deny_ingress",)),
    _Series("Namespaces that deny egress by default", ("namespaces_deny_egress",)),
    _Series("Exposed, open", ("exposed_open",)),
    _Series("Broad CIDR rules", ("broad_rules",)),
    _Series("Doubtful policies", ("doubtful_policies",)),
    _Series("Critical and high findings", ("critical", "high")),
    _Series("Medium and low findings", ("medium", "low")),
)


@dataclass(frozen=True)
class _Value:
    time: datetime
    height: float | None
    """Of 100 % for a share, as a number for others; None where it was not assessed."""
    text: str


def lines(trend: pd.DataFrame, sampling: Sampling, as_of: datetime) -> Lines:
    """The charts of a frame TREND of two or more snapshots of one cluster."""
    return Lines(
        tuple(_line(series, trend, sampling, as_of) for series in _SERIES),
        caption=(
            "The headline figures of the whole cluster; findings that are waived are left out. Every line "
            "stands on zero; shares end at 100 %, numbers at their highest. Time runs to the right in "
            "proportion. A line is broken where a figure was not assessed, or no run came for half as long "
            "again as usual."
        ),
    )


def _line(series: _Series, trend: pd.DataFrame, sampling: Sampling, as_of: datetime) -> Line:
    values = [_value(series, row) for row in words.records(trend.astype("object"))]
    first, last = values[0], values[-1]
    whole_day = first.time.date() == last.time.date()
    start, end = (words.short_date(each.time, as_of, of_day=whole_day) for each in (first, last))
    top = 1.0 if series.of else max((value.height or 0.0 for value in values), default=0.0) or 1.0
    return Line(
        title=series.title,
        points=tuple(_points(values, sampling, top)),
        first=first.text,
        last=last.text,
        start=start,
        end=end,
        alternative=_alternative(series.title, values, sampling, as_of),
    )


def _value(series: _Series, row: dict[str, object]) -> _Value:
    time = moment(str(row["taken"]))
    counts = [row[column] for column in series.counts]
    known = [count for count in counts if isinstance(count, int)]
    if len(known) < len(counts):
        return _Value(time, None, _UNKNOWN)
    count = sum(known)
    if not series.of:
        return _Value(time, float(count), words.number(count))
    of = row[series.of]
    if not isinstance(of, int) or not of:
        return _Value(time, None, _UNKNOWN)
    return _Value(time, count / of, words.percent(count, of))


def _points(values: Sequence[_Value], sampling: Sampling, top: float) -> list[Point]:
    """The points, and a break in every gap."""
    start, length = values[0].time, (values[-1].time - values[0].time).total_seconds()
    gaps = _gaps(values, sampling)
    points = []
    for value in values:
        at = round((value.time - start).total_seconds() / length, 4) if length else 0.0
        if value.time in gaps:
            points.append(Point(at, None))
        points.append(Point(at, None if value.height is None else round(value.height / top, 4)))
    return points


def _gaps(values: Sequence[_Value], sampling: Sampling) -> set[datetime]:
    """The times of snapshots that came late: what is before them is not joined to them."""
    usual = sampling.spacing
    return {b.time for a, b in pairwise(values) if usual and b.time - a.time > usual * LATE}


def _alternative(title: str, values: Sequence[_Value], sampling: Sampling, as_of: datetime) -> str:
    """What is to be seen in the chart."""
    known = [(value.height, value) for value in values if value.height is not None]
    seen = words.counted(len(values), "snapshot")
    if not known:
        return f"{title}: not assessed in any of {seen}."

    def told(value: _Value) -> str:
        return f"{value.text} on {words.date(value.time, as_of)}"

    first, last = known[0][1], known[-1][1]
    lowest, highest = (pick(known, key=lambda pair: pair[0])[1] for pick in (min, max))
    if lowest.height == highest.height:
        sentence = f"{title}: {first.text} throughout, in {seen}"
    else:
        sentence = (
            f"{title}: {told(first)}, {told(last)}; lowest {told(lowest)}, highest {told(highest)}; {seen}"
        )
    unknown, late = len(values) - len(known), len(_gaps(values, sampling))
    more = [
        f", of which {words.number(unknown)} could not assess it" if unknown else "",
        f", with {words.counted(late, 'gap')} between them" if late else "",
    ]
    return f"{sentence}{''.join(more)}."
