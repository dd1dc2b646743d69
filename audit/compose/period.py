"""What was isolated throughout a period and what was open at some time of it, and which policies changed."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from audit.compose import words
from audit.config import moment
from audit.history.period import VERDICTS, Period
from audit.policy.model import Direction
from reports.model import Block, Column, Group, Paragraph, Row, Section, Table, Text, code, file, name

_MOST_NAMESPACES: Final = 25
_MOST_WORKLOADS: Final = 40
_MOST_CHANGES: Final = 40
_WORDS: Final[Mapping[str, str]] = {
    "isolated_throughout": "isolated throughout",
    "isolated_in_part": "isolated where seen",
    "open": "open",
    "not_assessed": "not assessed",
    "not_governed": "no pod to govern",
}


def period_section(period: Period) -> Section:
    """The subsection about workloads and namespaces."""
    tables = ((period.namespaces, "namespace"), (period.workloads, "workload"))
    return Section(
        "trend-period",
        "Isolated throughout, or open at some time",
        lead=(
            "As far as the snapshots show. “Throughout” takes that every one of them shows it, could tell, "
            "and found all its pods isolated; “open” that one of them found a pod that was not. What was "
            "deleted meanwhile is kept."
        ),
        blocks=(
            _summary(tables),
            _listed(period.namespaces, ["namespace"], _MOST_NAMESPACES, "Namespaces"),
            _listed(period.workloads, ["namespace", "workload"], _MOST_WORKLOADS, "Workloads"),
        ),
    )


def _summary(tables: tuple[tuple[pd.DataFrame, str], ...]) -> Table:
    rows: list[Row] = []
    for frame, noun in tables:
        gone = words.number(int(frame["gone"].fillna(value=False).sum()))
        for direction in Direction:
            counts = frame[direction.value].value_counts()
            told = [words.number(int(counts.get(verdict, 0))) for verdict in VERDICTS]
            rows.append((f"{words.begun(words.plural(noun))}, {direction.value}", *told, gone))
    return Table(
        columns=(
            Column("What, and for which direction"),
            *(Column(words.begun(_WORDS[verdict]), "number") for verdict in VERDICTS),
            Column("Of all, gone", "number"),
        ),
        groups=(Group(tuple(rows)),),
        caption="How many there are of each; gone is what the last snapshot shows no more.",
    )


def _listed(frame: pd.DataFrame, keys: list[str], most: int, title: str) -> Table:
    """The rows that were open in most snapshots first, those with less to tell behind them."""
    opened = [f"{direction.value}_open" for direction in Direction]
    ranks = {f"rank_{d.value}": frame[d.value].map(_rank).astype("int64") for d in Direction}
    ordered = frame.assign(**ranks).sort_values(
        [*opened, *ranks, *keys], ascending=[False, False, True, True, *[True] * len(keys)]
    )
    shown = ordered.head(words.whole(len(ordered), most))
    what = title.lower()
    return Table(
        columns=(Column(title[:-1], "name"), Column("Ingress"), Column("Egress"), Column("Last seen")),
        groups=(Group(tuple(_row(row, keys) for row in words.records(shown.astype("object")))),),
        caption=f"{title}, most snapshots in which they were open first.",
        more=_more(len(ordered) - len(shown), f"segaudit trend --of {what}", f"csv/period_{what}.csv"),
        empty=f"No snapshot shows any {what}.",
    )


def _rank(verdict: str) -> int:
    return ("open", "not_assessed", "isolated_in_part", "isolated_throughout", "not_governed").index(verdict)


def _row(row: Mapping[str, object], keys: list[str]) -> Row:
    gone = row["gone"]
    last = words.day(moment(str(row["last_seen"])))
    seen = (
        f"gone after {last}"
        if gone is True
        else "in the last"
        if gone is False
        else f"{last}; not known since"
    )
    return ("/".join(str(row[key]) for key in keys), *(_verdict(row, d.value) for d in Direction), seen)


def _verdict(row: Mapping[str, Any], direction: str) -> str:
    verdict, of = row[direction], f"of {words.number(row['snapshots'])}"
    if verdict == "open":
        last = words.day(moment(row[f"{direction}_last_open"]))
        return f"open in {words.number(row[f'{direction}_open'])} {of}, last on {last}"
    if verdict == "isolated_in_part":
        count = words.number(row[f"{direction}_isolated"])
        return f"isolated in {count} {of}, not seen or assessed in the others"
    return _WORDS[verdict]


def _more(rest: int, command: str, path: str) -> Text:
    if rest <= 0:
        return ""
    return words.text(
        f"and {words.number(rest)} more: ", (code(command),), " and ", (file(path),), " have all."
    )


def changes_section(changes: pd.DataFrame) -> Section:
    """The subsection about policies, the newest changes first."""
    counts = changes["change"].value_counts()
    told = [f"{words.number(int(counts.get(word, 0)))} {word}" for word in ("created", "changed", "deleted")]
    blocks: list[Block] = []
    if len(changes):
        blocks = [
            Paragraph(f"{words.counted(len(changes), 'change')}: {words.joined(told)}."),
            _changes(changes),
        ]
    return Section(
        "trend-policies",
        "Policies that changed",
        lead=(
            "Each change was made between two snapshots; when, and by whom, no snapshot knows. Field "
            "managers are programs."
            if blocks
            else "No policy was created, changed or deleted between two of the snapshots, as far as they "
            "could be read."
        ),
        blocks=tuple(blocks),
    )


def _changes(changes: pd.DataFrame) -> Table:
    newest = changes.iloc[::-1].astype({"before": "str", "after": "str"})
    shown = newest.head(words.whole(len(newest), _MOST_CHANGES))
    return Table(
        columns=(
            Column("Policy", "name"),
            Column("Change"),
            Column("Generation"),
            Column("Field managers"),
            Column("UID", "code"),
        ),
        groups=tuple(_steps(shown)),
        caption="Policies that were created, changed or deleted, by the two snapshots between which it was.",
        more=_more(len(newest) - len(shown), "segaudit trend --of policies", "csv/policy_changes.csv"),
    )


def _steps(shown: pd.DataFrame) -> Iterator[Group]:
    """The changes between two snapshots, a group each."""
    for (before, after), rows in shown.groupby(["before", "after"], sort=False):
        told = sorted(
            words.records(rows.astype("object")), key=lambda row: (row["namespace"], row["kind"], row["name"])
        )
        yield Group(
            tuple(
                (
                    "/".join(filter(None, (row["namespace"], row["kind"], row["name"]))),
                    row["change"],
                    _generation(row["generation_before"], row["generation_after"]),
                    words.text((name(row["managers"]),)) if row["managers"] else "not told",
                    row["uid"] or "not told",
                )
                for row in told
            ),
            title=f"Between {words.day(moment(str(after)))} and {words.day(moment(str(before)))}",
        )


def _generation(before: object, after: object) -> str:
    was, now = (str(each) if isinstance(each, int) else "" for each in (before, after))
    return f"{was} to {now}" if was and now and was != now else was or now or "not told"
