"""Findings by check: what it is, why it matters, who is affected, and the YAML that mends it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any, Final

import numpy as np

from audit.checks import Check, CheckResult, Status
from audit.compose import words
from audit.compose.causes import NO_MANIFEST, UNDER, Cause
from audit.compose.completeness import no_finding
from audit.compose.unassessed import FINDINGS
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
    Reference,
    Section,
    Span,
    Table,
    Text,
    file,
    name,
)

FILE: Final = "csv/findings.csv"

_MOST_ROWS: Final = 10
_MOST_FURTHER: Final = 5
_DIVIDER: Final = "\n---\n"
_MOST_LINES: Final = 64
"""Lines of a manifest's documents that are printed."""
_VERDICTS: Final = ("failed", "waived", "passed", "not_applicable", "not_assessed", "error")

Counts = Mapping[str, Any]
"""The row of a check in `View.checks`."""


def findings(view: View, causes: Sequence[Cause]) -> Section:
    """The section: checks with findings, by severity and number, what could not be judged, and the rest."""
    ordered = sorted(causes, key=lambda cause: cause.check.id)
    by_check = {check: list(found) for check, found in groupby(ordered, key=lambda cause: cause.check.id)}
    counts: dict[str, Counts] = {row["check"]: row for row in words.records(view.checks)}
    told = [result for result in view.results if _is_told(counts[result.check.id])]
    told.sort(key=lambda result: _rank(result.check, by_check.get(result.check.id, [])))
    others = [result for result in view.results if not _is_told(counts[result.check.id])]
    unknown = [result for result in others if _is_unknown(counts[result.check.id])]
    clean = [result for result in others if not _is_unknown(counts[result.check.id])]
    manifests: dict[str, str] = {}
    sections = [
        _check(result, counts[result.check.id], by_check.get(result.check.id, []), manifests)
        for result in told
    ]
    return Section(
        FINDINGS,
        "Findings by check",
        lead=_lead(view),
        blocks=(_overview([result.check for result in told], counts),) if told else (),
        sections=(*sections, *_unknown(unknown, counts), *_clean(clean, counts)),
    )


def _is_told(row: Counts) -> bool:
    """Whether a check has findings, and so a section of its own."""
    return bool(row["failed"] or row["waived"])


def _is_unknown(row: Counts) -> bool:
    """Whether some subjects of a check could not be judged."""
    return bool(row["not_assessed"] or row["error"])


def _rank(check: Check, causes: Sequence[Cause]) -> tuple[int, int, str]:
    worst = max((cause.severity for cause in causes if not cause.waived), default=0)
    return -worst, -sum(len(cause) for cause in causes), check.id


def _lead(view: View) -> Text:
    statuses = view.findings["status"].value_counts()
    failed, waived = int(statuses.get(Status.FAILED, 0)), int(statuses.get(Status.WAIVED, 0))
    if not failed and not waived:
        return no_finding(view)
    by_severity = view.findings.loc[view.findings["status"] == Status.FAILED, "severity"].value_counts()
    told = [
        (int(by_severity[level.word]), level.word)
        for level in sorted(Severity, reverse=True)
        if by_severity.get(level.word, 0)
    ]
    if len(told) == 1:
        levels = f"{words.verb(failed, '', 'all ')}{told[0][1]}"
    else:
        levels = words.joined([f"{words.number(count)} {level}" for count, level in told])
    divider = ": " if len(told) > 1 else ", " if told else ""
    first = f"{words.counted(failed, 'finding')}{divider}{levels}."
    more = f" {words.number(waived)} more {words.verb(waived, 'is', 'are')} waived." if waived else ""
    return words.text(f"{first}{more} All findings are in ", (file(FILE),), ", a row each, with the YAML. "
        "A manifest starts from what was read: of several for one policy apply one, then audit again.",
    )  # fmt: skip


def _overview(checks: Sequence[Check], counts: Mapping[str, Counts]) -> Table:
    shown = [s for s in _VERDICTS if s == "failed" or any(counts[check.id][s] for check in checks)]
    return Table(
        columns=(
            Column("Check"),
            Column("Severity"),
            *(Column(_word(status).capitalize(), "number") for status in shown),
        ),
        groups=(
            Group(
                tuple(
                    (
                        (Span(check.title, anchor=check.id),),
                        words.box(check.severity),
                        *(words.number(counts[check.id][status]) for status in shown),
                    )
                    for check in checks
                )
            ),
        ),
        caption="What these checks judged, by verdict; the severity is the one before context.",
    )


def _word(status: str) -> str:
    return status.replace("_", " ")


def _check(result: CheckResult, row: Counts, causes: Sequence[Cause], manifests: dict[str, str]) -> Section:
    blocks: list[Block] = [
        Paragraph(words.text(words.in_code(result.check.rationale), " ", _judged(result, row))),
        *_not_assessed(result),
        *_elsewhere(row, causes),
        *(_finding(cause, manifests) for cause in causes if cause.at_length),
    ]
    rest = [cause for cause in causes if not cause.at_length]
    if rest:
        blocks.append(_rest(rest))
    return Section(result.check.id, result.check.title, blocks=tuple(blocks))


def _elsewhere(row: Counts, causes: Sequence[Cause]) -> list[Block]:
    """That some findings are told under a graver check, for the same cause."""
    count = int(row["failed"] + row["waived"]) - sum(map(len, causes))
    if not count:
        return []
    told = f"{words.counted(count, 'finding')} {words.verb(count, 'is', 'are')} told once, under "
    graver = (Reference(UNDER[str(row["check"])]),)
    return [Paragraph(words.text(told, graver, ", where the same cause is graver."))]


def _judged(result: CheckResult, row: Counts) -> str:
    """How many subjects were judged and how; that there is no finding is said."""
    noun = result.check.subject.partition(",")[0]
    if not row["subjects"]:
        return f"No finding. There is no {noun} to judge."
    left = f"; not applicable to {words.number(row['not_applicable'])} more" if row["not_applicable"] else ""
    if _is_told(row):
        told = [
            (row[status], _word(status)) for status in _VERDICTS if row[status] and status != "not_applicable"
        ]
        judged = sum(count for count, _ in told)
        parts = words.joined([f"{words.number(count)} {word}" for count, word in told])
        if len(told) == 1:
            parts = told[0][1] if judged == 1 else f"all {told[0][1]}"
        if row["subjects"] > 1 and _is_of_cluster(result):
            return f"One finding for the cluster stands for {words.every(row['subjects'] - 1, noun)}."
        return f"{words.counted(judged, noun)}: {parts}{left}."
    judged = row["passed"]
    if not judged:
        return f"No finding. Not applicable to {words.every(row['subjects'], noun)}.{_why(result)}"
    return f"No finding. {words.counted(judged, noun)} {words.verb(judged, 'was', 'were')} judged{left}."


def _why(result: CheckResult) -> str:
    """What is said of all subjects alike, or of most of them, with a blank before it."""
    (said, count), *_ = Counter(result.subjects["message"].tolist()).most_common(1)
    if count == len(result.subjects):
        return f" {said}"
    return f" Of most of them: {said}" if 2 * count > len(result.subjects) else ""


def _is_of_cluster(result: CheckResult) -> bool:
    """Whether the cluster stands for subjects that are not told one by one."""
    return bool((result.subjects["kind"] == "Cluster").any())


def _not_assessed(result: CheckResult) -> list[Block]:
    left_out = int((result.subjects["status"] == Status.NOT_ASSESSED).sum())
    if not left_out:
        return []
    title = f"{words.counted(left_out, result.check.subject.partition(',')[0])} not assessed"
    return [Note(result.reason, title, "gap")]


def _unknown(results: Sequence[CheckResult], counts: Mapping[str, Counts]) -> tuple[Section, ...]:
    """The checks without a finding that could not judge everything, by the reason."""
    if not results:
        return ()
    by_reason: dict[str, list[CheckResult]] = {}
    for result in results:
        by_reason.setdefault(result.reason, []).append(result)
    groups = tuple(
        Group(
            tuple(
                (result.check.title, words.box(result.check.severity), _left_out(result, counts))
                for result in found
            ),
            title=reason,
        )
        for reason, found in by_reason.items()
    )
    return (
        Section(
            "checks-not-assessed",
            "Checks that are not assessed",
            blocks=(
                Table(
                    columns=(Column("Check"), Column("Severity"), Column("Not assessed")),
                    groups=groups,
                    caption="Checks without a finding that could not judge everything, and why.",
                ),
            ),
        ),
    )


def _left_out(result: CheckResult, counts: Mapping[str, Counts]) -> str:
    row = counts[result.check.id]
    if row["error"]:
        return "The check failed to run."
    unknown, judged = row["not_assessed"], row["passed"]
    if _is_of_cluster(result):
        return "Nothing could be judged."
    noun = result.check.subject.partition(",")[0]
    return (
        f"{words.counted(unknown, noun)}; {words.number(judged)} passed"
        if judged
        else words.counted(unknown, noun)
    )


def _clean(results: Sequence[CheckResult], counts: Mapping[str, Counts]) -> tuple[Section, ...]:
    if not results:
        return ()
    rows = tuple(
        (result.check.title, words.box(result.check.severity), _judged(result, counts[result.check.id]))
        for result in results
    )
    return (
        Section(
            "checks-without-a-finding",
            "Checks without a finding",
            blocks=(
                Table(
                    columns=(Column("Check"), Column("Severity"), Column("Verdict")),
                    groups=(Group(rows),),
                    caption="What these checks judged; a finding would have this severity, before context.",
                ),
            ),
        ),
    )


def _finding(cause: Cause, manifests: dict[str, str]) -> Finding:
    """`manifests`: those that the report has shown so far, with the anchor of their finding."""
    alone = len(cause) == 1
    first = cause.first
    source = first["source"] if alone else ""
    remediation, shown = _remedy(cause, manifests)
    details = [words.text("Read from ", (name(source),), ".")] if source else []
    if cause.waived:
        details.append(f"Waived {first['waiver'].removesuffix('.')}.")
    if not shown and remediation:  # nothing stands under it that it would introduce
        details.append(remediation)
    return Finding(
        severity=cause.severity.word,  # type: ignore[arg-type]  # the same four words
        sentence=cause.sentence(),
        anchor=cause.anchor,
        status="waived" if cause.waived else "",
        details=tuple(details),
        affected=None if alone else _affected(cause),
        remediation=remediation if shown else "",
        manifests=shown,
    )


def _affected(cause: Cause) -> Table:
    rows = cause.head(words.whole(len(cause), _MOST_ROWS))
    columns = [Column("Affected", "name")]
    optional = [
        (Column("Rule", "code"), "rule"),
        (Column("Pods", "number"), "affected"),
        (Column("Read from", "name"), "source"),
        (Column("Open since"), "since"),
    ]
    ages = [cause.since(second) if cause.ages_differ else "" for second in rows["opened"].tolist()]
    rows = rows.assign(since=ages)
    shown = [(column, field) for column, field in optional if rows[field].astype("bool").any()]
    cells = zip(*([_cell(value) for value in rows[field].tolist()] for _, field in shown), strict=True)
    called = [_called(*row) for row in words.rows(rows, "kind", "namespace", "name")]
    others: list[tuple[Text, ...]] = list(cells) or [()] * len(called)
    return Table(
        columns=(*columns, *(column for column, _ in shown)),
        groups=(Group(tuple((who, *rest) for who, rest in zip(called, others, strict=True))),),
        caption="All of them, most pods first." if len(rows) == len(cause) else "Most pods first.",
        more=words.more(len(cause) - len(rows), FILE),
    )


def _cell(value: Any) -> str:  # noqa: ANN401  # a value of a frame: a number or a text
    return words.number(value) if isinstance(value, int) else str(value)


def _called(kind: str, namespace: str, plain: str) -> str:
    """What a subject is called in a table: Deployment shop/web; a namespace by its name alone."""
    if kind == "Namespace":
        return plain or namespace
    return f"{kind} {namespace}/{plain}" if namespace else f"{kind} {plain}"


def _remedy(cause: Cause, manifests: dict[str, str]) -> tuple[Text, tuple[Code, ...]]:
    """What to apply, and the manifest if it was not shown before; one stands for those of equal subjects."""
    numbers = cause.manifests
    mended = np.flatnonzero(numbers != NO_MANIFEST)
    if not len(mended):
        return "", ()
    first = int(mended[0])
    example = cause.remediation(first)
    others = len(np.unique(numbers[mended])) - 1
    rest: Text = ""
    if others:
        are = words.verb(others, "is", "are")
        rest = words.text(
            f" {words.begun(words.counted(others, 'more manifest'))}, for the others, {are} in ",
            (file(FILE),), ", column remediation.",
        )  # fmt: skip
    if example in manifests:
        shown = (Reference(manifests[example]),)
        return words.text("Apply the manifest of ", shown, ": it mends this too.", rest), ()
    printed = _bounded(example)
    if printed is None:
        lines = words.counted(example.count("\n"), "line")
        return words.text(f"A manifest of {lines} is in ", (file(FILE),), ", column remediation.", rest), ()
    manifests[example] = cause.anchor
    if len(mended) == len(cause) and not others:
        return "Apply this.", (printed,)
    whom = next(words.rows(cause.head(first + 1, first), "kind", "namespace", "name"))
    return words.text("Apply this for ", (name(_called(*whom)),), ".", rest), (printed,)


def _bounded(manifest: str) -> Code | None:
    """As many of its documents as fit on about a page; None if the first does not."""
    documents = manifest.split(_DIVIDER)
    lengths = list(accumulate(document.count("\n") + 1 for document in documents))
    fit = sum(length <= _MOST_LINES for length in lengths)
    if not fit:
        return None
    if fit == len(documents):
        return Code(manifest)
    first = words.verb(fit, "This is the first", f"These are the first {words.number(fit)}")
    return Code(
        _DIVIDER.join(documents[:fit]) + "\n",
        caption=words.text(
            f"{first} of {words.counted(len(documents), 'document')}; all are in ",
            (file(FILE),), ", column remediation.",
        ),
    )  # fmt: skip


def _rest(causes: Sequence[Cause]) -> Table:
    shown = causes[: words.whole(len(causes), _MOST_FURTHER)]
    return Table(
        columns=(Column("Finding"), Column("Severity"), Column("Pods", "number")),
        groups=(
            Group(
                tuple(
                    (cause.sentence(), words.box(cause.severity), words.number(cause.pods)) for cause in shown
                )
            ),
        ),
        caption="Further findings of this check, most pods first.",
        more=words.more(sum(len(cause) for cause in causes[len(shown) :]), FILE),
    )
