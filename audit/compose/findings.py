"""Findings by check: what it is, why it matters, who is affected, and the YAML that mends it."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import pandas as pd

from audit.checks import CheckResult
from audit.compose import words
from audit.compose.causes import MOST_TOLD, Cause
from audit.compose.view import View
from audit.severity import Severity
from reports.model import (
    Block,
    Code,
    Column,
    Finding,
    Group,
    Note,
    Paragraph,
    Section,
    Span,
    Table,
    Text,
    code,
    name,
)

ANCHOR: Final = "findings"
FILE: Final = "csv/findings.csv"

_MOST_ROWS: Final = 10

_SEVERITIES: Final = tuple(sorted(Severity, reverse=True))


def findings(view: View, causes: Sequence[Cause]) -> Section:
    """The section: checks with findings first, by severity and number of findings, then the others."""
    by_check = {
        check: list(found)
        for check, found in groupby(sorted(causes, key=lambda c: c.check.id), key=lambda c: c.check.id)
    }
    ranked = sorted(view.results, key=lambda result: _rank(result, by_check.get(result.check.id, [])))
    return Section(
        ANCHOR,
        "Findings by check",
        lead=_lead(view),
        blocks=(_overview(view, ranked),),
        sections=tuple(_check(view, result, by_check.get(result.check.id, [])) for result in ranked),
    )


def counts(view: View) -> tuple[tuple[Severity, int], ...]:
    """How many findings there are of each severity that has any, waived ones left out."""
    failed = view.findings.loc[view.findings["status"] == "failed", "severity"].value_counts()
    return tuple(
        (level, int(failed.get(level.word, 0))) for level in _SEVERITIES if failed.get(level.word, 0)
    )


def _rank(result: CheckResult, causes: Sequence[Cause]) -> tuple[int, int, str]:
    worst = max((cause.severity for cause in causes if not cause.waived), default=0)
    return -worst, -sum(len(cause.rows) for cause in causes), result.check.id


def _lead(view: View) -> Text:
    found = counts(view)
    if not found:
        return f"No finding. {words.counted(int(view.checks['subjects'].sum()), 'subject')} were judged."
    told = words.joined([f"{words.number(count)} {level.word}" for level, count in found])
    waived = int((view.findings["status"] == "waived").sum())
    total = words.counted(sum(count for _, count in found), "finding")
    more = (
        f" {words.counted(waived, 'finding')} more {words.verb(waived, 'is', 'are')} waived."
        if waived
        else ""
    )
    return words.text(
        f"{total}: {told}.{more} All of them, with the YAML of each, are in ", (code(FILE),), "."
    )


def _overview(view: View, ranked: Sequence[CheckResult]) -> Table:
    row_of = view.checks.set_index("check")
    columns = ("failed", "passed", "not_applicable", "not_assessed")
    return Table(
        columns=(
            Column("Check"),
            Column("Severity"),
            *(Column(title.replace("_", " ").capitalize(), "number") for title in columns),
        ),
        groups=(
            Group(
                tuple(
                    (
                        (Span(result.check.title, anchor=result.check.id),),
                        _box(result.check.severity),
                        *(words.number(int(row_of.loc[result.check.id, column])) for column in columns),
                    )
                    for result in ranked
                )
            ),
        ),
        caption="Subjects of each check by verdict; the severity is the one before context.",
    )


def _check(view: View, result: CheckResult, causes: Sequence[Cause]) -> Section:
    blocks: list[Block] = [Paragraph(result.check.rationale)]
    blocks += [*_not_assessed(result), Paragraph(_judged(view, result))]
    told, rest = causes[:MOST_TOLD], causes[MOST_TOLD:]
    blocks += [_finding(cause) for cause in told]
    if rest:
        blocks.append(_rest(rest))
    return Section(result.check.id, result.check.title, blocks=tuple(blocks))


def _judged(view: View, result: CheckResult) -> Text:
    """How many subjects were judged and how; that there is no finding is said."""
    row = view.checks.set_index("check").loc[result.check.id]
    total = int(row["subjects"])
    if not total:
        return "No finding. There was nothing to judge."
    verdicts = ("failed", "waived", "passed", "not_applicable", "not_assessed", "error")
    told = [f"{words.number(int(row[v]))} {v.replace('_', ' ')}" for v in verdicts if int(row[v])]
    judged = total - int(row["not_assessed"]) - int(row["error"])
    begin = "" if row["failed"] or row["waived"] or not judged else "No finding. "
    return f"{begin}{words.counted(total, 'subject')}: {words.joined(told)}."


def _not_assessed(result: CheckResult) -> list[Block]:
    states = result.subjects["status"]
    if (states == "error").any():
        return [Note(result.reason, "This check failed to run", "gap")]
    left_out = result.subjects[states == "not_assessed"]
    if not len(left_out):
        return []
    reasons = list(dict.fromkeys(left_out["message"].head(_MOST_ROWS).tolist()))
    text = reasons[0] if len(reasons) == 1 else result.reason or reasons[0]
    return [Note(text, f"Not assessed: {words.counted(len(left_out), 'subject')}", "gap")]


def _finding(cause: Cause) -> Finding:
    first = cause.rows.iloc[0]
    return Finding(
        severity=cause.severity.word,  # type: ignore[arg-type]  # the same four words
        sentence=cause.sentence(),
        anchor=cause.anchor,
        status="waived" if cause.waived else "",
        details=_details(first),
        affected=_affected(cause) if len(cause.rows) > 1 else None,
        remediation=_remedy(cause),
        manifests=_manifests(cause),
    )


def _details(row: pd.Series) -> tuple[Text, ...]:
    where = str(row["source"])
    return (words.text("Read from ", (name(where),), "."),) if where else ()


def _affected(cause: Cause) -> Table:
    rows = cause.rows.head(_MOST_ROWS)
    rules = bool((rows["rule"] != "").any())
    columns = [Column("Subject", "name")]
    columns += [Column("Rule", "code")] if rules else []
    columns += [Column("Pods", "number"), Column("Read from", "name")]
    table = []
    for _, row in rows.iterrows():
        rule = [str(row["rule"])] if rules else []
        table.append((called(row), *rule, words.number(int(row["affected"])), str(row["source"])))
    return Table(
        columns=tuple(columns),
        groups=(Group(tuple(table)),),
        caption="Affected, most pods first.",
        more=_more(len(cause.rows) - len(rows)),
    )


def called(row: pd.Series) -> str:
    """What a subject is called in a table: Deployment shop/web."""
    namespace, plain = str(row["namespace"]), str(row["name"])
    kind = "" if str(row["kind"]) == "Namespace" else f"{row['kind']} "
    return f"{kind}{namespace}/{plain}" if namespace and plain and kind else f"{kind}{plain or namespace}"


def _remedy(cause: Cause) -> Text:
    texts = cause.rows["remediation"]
    if not (texts != "").any():
        return ""
    different = texts[texts != ""].nunique()
    if different == 1:
        return "Apply this."
    return words.text(
        "Apply this for ", (name(called(_first_with_remedy(cause))),),
        f"; the manifests for the others are in the column remediation of ", (code(FILE),), ".",
    )  # fmt: skip


def _first_with_remedy(cause: Cause) -> pd.Series:
    return cause.rows[cause.rows["remediation"] != ""].iloc[0]


def _manifests(cause: Cause) -> tuple[Code, ...]:
    if not (cause.rows["remediation"] != "").any():
        return ()
    return (Code(str(_first_with_remedy(cause)["remediation"])),)


def _rest(causes: Sequence[Cause]) -> Table:
    shown = causes[:_MOST_ROWS]
    return Table(
        columns=(Column("Finding"), Column("Severity"), Column("Pods", "number")),
        groups=(
            Group(
                tuple((cause.sentence(), _box(cause.severity), words.number(cause.pods)) for cause in shown)
            ),
        ),
        caption="Further findings of this check.",
        more=_more(sum(len(cause.rows) for cause in causes[_MOST_ROWS:])),
    )


def _more(count: int) -> Text:
    return words.text(f"and {words.number(count)} more, see ", (code(FILE),), ".") if count else ""


def _box(severity: Severity) -> Text:
    return (Span(severity.word, severity.word),)  # type: ignore[arg-type]  # the same four words
