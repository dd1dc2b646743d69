"""A report on many clusters: the newest run of each store, the worst first."""

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.data import dataset
from audit.config import moment
from audit.durations import written
from audit.frames import FLEET
from audit.history.fleet import cluster_key
from audit.policy.model import Direction
from audit.severity import Severity
from reports.model import (
    Block,
    Column,
    Figure,
    First,
    Group,
    Items,
    PageOne,
    Report,
    Row,
    Section,
    Table,
    Text,
    code,
    file,
    name,
)
from reports.to_csv import write_csv

CLUSTERS: Final = "clusters"
_STALE: Final = "not-current"
_TWICE: Final = "stores-of-one-cluster"
FILE: Final = "csv/fleet.csv"

_MOST_FIRST: Final = 5
_MOST_ROWS: Final = 600
_MOST_STALE: Final = 100
_UNKNOWN: Final = "?"
_LEVELS: Final = tuple(severity.word for severity in sorted(Severity, reverse=True))
_GRAVE: Final = _LEVELS[:2]

_ROWS = Sequence[Mapping[str, object]]


def fleet_report(table: pd.DataFrame, *, as_of: datetime, oldest: timedelta, generator: str) -> Report:
    """The report on a frame FLEET as `history.fleet` makes it; `oldest`: what is older is too old."""
    rows = words.records(table.astype("object"))
    known = [row for row in rows if row["state"] != "unreadable"]
    whole = dataset(FLEET, table)
    return Report(
        title="segaudit · Network policy audit of a fleet",
        subject=words.counted(len(rows), "store"),
        date=words.day(as_of),
        created=words.iso(as_of),
        identifier=hashlib.sha256(write_csv(whole)).hexdigest(),
        evidence="table",
        generator=generator,
        page_one=_page_one(rows, known, oldest),
        sections=(_clusters(known, as_of), *_not_current(rows), *_twice(known), _method(oldest)),
        data=(whole,),
    )


def _page_one(rows: _ROWS, known: _ROWS, oldest: timedelta) -> PageOne:
    return PageOne(
        lead=_lead(rows, known),
        enforcement=(
            "Every figure is by policy, and that of the newest run in the cluster's store; whether its "
            "network plug-in enforces policies, page one of the cluster's own report says."
        ),
        figures=_figures(known),
        first=tuple(First(_told(row), CLUSTERS) for row in known[:_MOST_FIRST] if _grave(row)),
        nothing_first="No cluster has a critical or high finding that is not waived.",
        refers="in the table",
        not_assessed=tuple(_unknown(rows, oldest)),
        looked_at=(_looked_at(rows, known),),
    )


def _lead(rows: _ROWS, known: _ROWS) -> Text:
    """How many clusters have grave findings, which has the most, and of how many that is not known."""
    if not known:
        return f"Nothing is known: no run could be read in {words.counted(len(rows), 'store')}."
    bad = [row for row in known if _grave(row)]
    of = words.counted(len(known), "cluster")
    late = sum(row["state"] == "too_old" for row in rows)
    unread = len(rows) - len(known)
    rest = [
        f" {words.number(late)} last {words.verb(late, 'run is', 'runs are')} too old." if late else "",
        f" {words.counted(unread, 'store')} could not be read." if unread else "",
    ]
    partly = sum(row["complete"] is False or bool(row["unassessed"]) for row in known)
    if partly:
        rest.append(f" {words.number(partly)} could not be assessed in whole.")
    if not bad:
        return f"No critical or high finding is known of {of}.{''.join(rest)}"
    have = words.verb(len(bad), "has", "have")
    share = (
        words.begun(words.every(len(bad), "cluster"))
        if len(bad) == len(known)
        else f"{words.number(len(bad))} of {of}"
    )
    worst = words.text("; the worst is ", (name(_cluster(bad[0])),), f" ({_levels(bad[0], _GRAVE)}).")
    return words.text(f"{share} {have} critical or high findings", worst if len(known) > 1 else ".", *rest)


def _figures(known: _ROWS) -> tuple[Figure, ...]:
    """Of all clusters together that could assess them."""
    return (
        _share("Isolated for ingress", known, "pods_ingress_isolated", "pods", "pod"),
        _share("Isolated for egress", known, "pods_egress_isolated", "pods", "pod"),
        _share("Default deny for ingress", known, "namespaces_deny_ingress", "namespaces", "namespace"),
        _number("Critical findings", known, "critical"),
        _number("High findings", known, "high"),
    )


def _share(label: str, known: _ROWS, part: str, whole: str, noun: str) -> Figure:
    pairs = [(row[part], row[whole]) for row in known]
    counted = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    count, of = sum(a for a, _ in counted), sum(b for _, b in counted)
    if not of:
        return Figure(label, _UNKNOWN, "not assessed")
    left = len(pairs) - len(counted)
    base = f"{words.number(count)} of {words.counted(of, noun)}"
    return Figure(
        label, words.percent(count, of), f"{base}; {words.number(left)} not assessed" if left else base
    )


def _number(label: str, known: _ROWS, column: str) -> Figure:
    counts = [row[column] for row in known]
    some = [count for count in counts if isinstance(count, int) and count]
    base = f"in {words.number(len(some))} of {words.counted(len(known), 'cluster')}"
    return Figure(label, words.number(sum(some)), base)


def _told(row: Mapping[str, object]) -> Text:
    """A cluster in a sentence."""
    ingress = _percent(row, "pods_ingress_isolated", "pods")
    isolated = (
        "isolation is not assessed" if ingress == _UNKNOWN else f"{ingress} of its pods isolated for ingress"
    )
    late = words.text(f" As of {_time(row)}, too old.") if row["state"] == "too_old" else ""
    return words.text((name(_cluster(row)),), f": {_levels(row)}; {isolated}.", late)


def _unknown(rows: _ROWS, oldest: timedelta) -> Iterator[Text]:
    """What is not known, or not known of now; a line for each reason."""
    for state, say in (
        ("unreadable", "of which no run could be read: "),
        ("too_old", f"whose last snapshot is over {written(oldest)} old: "),
    ):
        told = [_cluster(row) for row in rows if row["state"] == state]
        if told:
            yield words.text(f"{words.counted(len(told), 'store')} {say}", words.named(told), ".")
    if repeated := _repeated([row for row in rows if row["cluster"]]):
        clusters = [_cluster(found[0]) for found in repeated]
        yield words.text("Counted more than once, for they have several stores: ", words.named(clusters), ".")
    partial = [_cluster(row) for row in rows if row["complete"] is False]
    if partial:
        yield words.text("Not everything could be read of ", words.named(partial), ".")
    unassessed = [_cluster(row) for row in rows if row["unassessed"]]
    if unassessed:
        yield words.text("Not all checks could be assessed in ", words.named(unassessed), ".")


def _looked_at(rows: _ROWS, known: _ROWS) -> Text:
    times = sorted(moment(str(row["taken"])) for row in known)
    spread = f"; the snapshots are of {words.day(times[0])} to {words.day(times[-1])}" if times else ""
    clusters = words.counted(len(_by_cluster(known)), "known cluster")
    return f"{words.counted(len(rows), 'store')} of {clusters}{spread}."


def _clusters(known: _ROWS, as_of: datetime) -> Section:
    shown = known[: words.whole(len(known), _MOST_ROWS)]
    return Section(
        CLUSTERS,
        "Clusters, the worst first",
        lead=(
            "In the order of: critical findings, high findings, the share of pods not isolated for ingress, "
            "then for egress, medium findings, low findings, most first; then name. Nothing is weighed."
        ),
        blocks=(
            Table(
                columns=(
                    Column("Cluster", "name"),
                    Column("Snapshot"),
                    Column("Critical, high, medium, low findings"),
                    Column("Pods", "number"),
                    Column("Isolated for ingress", "number"),
                    Column("Isolated for egress", "number"),
                    Column("Default deny, ingress and egress"),
                    Column("Broad rules", "number"),
                    Column("Doubtful policies", "number"),
                ),
                groups=(Group(tuple(_row(row, as_of) for row in shown)),),
                caption=(
                    "The newest run of each store; findings that are waived are left out; ? is not assessed."
                ),
                more=words.more(len(known) - len(shown), FILE),
                empty="No run could be read in any store.",
            ),
        ),
    )


def _row(row: Mapping[str, object], as_of: datetime) -> Row:
    late = ", too old" if row["state"] == "too_old" else ""
    denying = " and ".join(_count(row, f"namespaces_deny_{direction}") for direction in Direction)
    return (
        _cluster(row),
        words.short_date(moment(str(row["taken"])), as_of) + late,
        " · ".join(_count(row, word) for word in _LEVELS),
        _count(row, "pods"),
        _percent(row, "pods_ingress_isolated", "pods"),
        _percent(row, "pods_egress_isolated", "pods"),
        f"{denying} of {_count(row, 'namespaces')}",
        _count(row, "broad_rules"),
        _count(row, "doubtful_policies"),
    )


def _not_current(rows: _ROWS) -> Iterator[Section]:
    """The stores of which nothing is known, or nothing of now, with the reason."""
    told = [row for row in rows if row["reason"]]
    if not told:
        return
    shown = told[: words.whole(len(told), _MOST_STALE)]
    states = {"too_old": "too old", "unreadable": "unreadable", "current": "current"}
    yield Section(
        _STALE,
        "Stores that are not as they should be",
        blocks=(
            Table(
                columns=(Column("Store", "name"), Column("Cluster", "name"), Column("State"), Column("Why")),
                groups=(
                    Group(
                        tuple(
                            (
                                str(r["store"]),
                                str(r["cluster"]) or "not known",
                                states[str(r["state"])],
                                str(r["reason"]),
                            )
                            for r in shown
                        )
                    ),
                ),
                caption="Stores that could not be read, or are not current, or are not what they seem.",
                more=words.more(len(told) - len(shown), FILE),
            ),
        ),
    )


def _twice(known: _ROWS) -> Iterator[Section]:
    """Clusters that are counted more than once."""
    items: list[Text] = [
        words.text(
            (name(_cluster(rows[0])),), _known_by(rows[0]), " is in ",
            words.named([str(row["store"]) for row in rows], 10), ".",
        )
        for rows in _repeated(known)
    ]  # fmt: skip
    if items:
        yield Section(
            _TWICE,
            "Several stores of one cluster",
            lead="These clusters have a row for each of their stores, and are counted in each.",
            blocks=(Items(tuple(items)),),
        )


def _known_by(row: Mapping[str, object]) -> Text:
    uid = str(row["cluster_uid"])
    return words.text(" (uid ", (code(uid),), ")") if uid else ", by its name,"


def _repeated(known: _ROWS) -> list[list[Mapping[str, object]]]:
    """The rows of each cluster that has several."""
    return [rows for rows in _by_cluster(known) if len(rows) > 1]


def _by_cluster(rows: _ROWS) -> list[list[Mapping[str, object]]]:
    """The rows of each cluster."""
    found: dict[Hashable, list[Mapping[str, object]]] = {}
    for row in rows:
        found.setdefault(cluster_key(str(row["cluster"]), str(row["cluster_uid"])), []).append(row)
    return list(found.values())


def _method(oldest: timedelta) -> Section:
    items: tuple[Text, ...] = (
        (
            "A row is what the newest run of a store says of itself; reports and snapshots are not read. "
            "Where its record cannot be read, that of an older run stands for it, which is said."
        ),
        (
            f"A cluster whose last snapshot was taken over {written(oldest)} before the date of this report "
            "is too old."
        ),
        "Figures of clusters together add up those that could be assessed.",
        words.text(
            "What each column means stands in ", (code("report.json"),), "; the table is ", (file(FILE),),
            ", whose SHA-256 this report bears.",
        ),
    )  # fmt: skip
    blocks: tuple[Block, ...] = (Items(items),)
    return Section("method", "Method", blocks=blocks)


def _cluster(row: Mapping[str, object]) -> str:
    return str(row["cluster"] or row["store"])


def _time(row: Mapping[str, object]) -> str:
    return words.day(moment(str(row["taken"])))


def _grave(row: Mapping[str, object]) -> bool:
    return any(row[word] for word in _GRAVE)


def _levels(row: Mapping[str, object], levels: Sequence[str] = _LEVELS) -> str:
    counts = {word: count for word in levels if isinstance(count := row[word], int)}
    return words.joined(words.graded(counts)) or "no finding"


def _count(row: Mapping[str, object], column: str) -> str:
    count = row[column]
    return words.number(count) if isinstance(count, int) else _UNKNOWN


def _percent(row: Mapping[str, object], part: str, whole: str) -> str:
    count, of = row[part], row[whole]
    return words.percent(count, of) if isinstance(count, int) and isinstance(of, int) and of else _UNKNOWN
