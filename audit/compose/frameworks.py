"""Frameworks, control by control: what the evidence says, what it does not cover, what is left by hand."""

from collections.abc import Iterator, Sequence
from typing import Final

from audit.checks import Check
from audit.compose import words
from audit.compose.view import View
from audit.controls import Assessment, Evidence, Status
from reports.model import (
    Column,
    Group,
    KeyValues,
    Reference,
    Row,
    Section,
    Span,
    Style,
    Table,
    Text,
    file,
)

ANCHOR: Final = "frameworks"
FILE: Final = "csv/controls.csv"

_MOST_CHECKS: Final = 3
"""Checks of one control that are told by name, of each verdict."""
_WORDS: Final[dict[Status, tuple[str, Style]]] = {
    Status.CONTRADICTS: ("contradicts", "strong"),
    Status.IN_PART: ("supports in part", "plain"),
    Status.SUPPORTS: ("supports", "passed"),
    Status.NOT_ASSESSED: ("not assessed", "not-assessed"),
    Status.BY_HAND: ("by hand", "muted"),
}
"""In the order of the table; each status as it is told, and its style."""

_RULES: Final = KeyValues(
    (
        (
            "Contradicts",
            (
                "A subject of a check that speaks for the control failed; or all that was found is waived "
                "and nothing passed; or policies have no effect on any node."
            ),
        ),
        (
            "Supports in part",
            (
                "Some passed and none failed, but some are waived or could not be judged, or policies are "
                "not known to be enforced on every node pool."
            ),
        ),
        ("Supports", "Some passed, and none of that. It does not say that the control is fulfilled."),
        ("Not assessed", "Nothing could be judged, or there was nothing to judge."),
        ("By hand", "No check speaks for it. Subjects to which a check is not applicable count nowhere."),
    )
)


def frameworks(view: View) -> Section:
    """The section: a table of all frameworks, and a section for each."""
    return Section(
        ANCHOR,
        "Frameworks",
        lead=words.text(
            "What the evidence of this report says of controls that concern the network; others are not "
            "listed. No check proves a control: what is not covered and what is left to do by hand stands "
            "beside each. All of it is in ",
            (file(FILE),),
            ".",
        ),
        blocks=(_overview(view.frameworks), _RULES),
        sections=tuple(_framework(each) for each in view.frameworks),
    )


def _overview(assessments: Sequence[Assessment]) -> Table:
    rows: tuple[Row, ...] = tuple(
        (
            (Span(each.framework.name, anchor=_anchor(each)),),
            *(words.number(sum(one.status is status for one in each.controls)) for status in _WORDS),
        )
        for each in assessments
    )
    return Table(
        columns=(
            Column("Framework"),
            *(Column(words.begun(word), "number") for word, _ in _WORDS.values()),
        ),
        groups=(Group(rows),),
        caption="Controls that concern the network, by what the evidence says of them.",
        empty="No framework is told.",
    )


def _framework(assessment: Assessment) -> Section:
    framework = assessment.framework
    return Section(
        _anchor(assessment),
        framework.name,
        lead=words.sentences((framework.note, _held_for(assessment))),
        blocks=(
            Table(
                columns=(
                    Column("Control"),
                    Column("Evidence"),
                    Column("It covers"),
                    Column("It does not cover"),
                    Column("By hand"),
                ),
                groups=(Group(tuple(_row(one) for one in assessment.controls)),),
                caption=f"Controls of {framework.name} that concern the network.",
            ),
        ),
    )


def _held_for(assessment: Assessment) -> str:
    """For what part of the cluster it was judged, where that is not simply all of it."""
    holds = assessment.framework.holds_for
    start = f"It holds for {holds} only. " if holds else ""
    if assessment.scope:
        pods = words.counted(assessment.pods, "pod") if assessment.pods else "which holds no pods"
        return f"{start}It is judged for what is in {assessment.scope} ({pods}), and for the cluster's nodes."
    if holds:
        return f"{start}No scope of the configuration names it, so it is judged for the whole cluster."
    return ""


def _anchor(assessment: Assessment) -> str:
    return f"framework-{assessment.framework.id}"


def _row(one: Evidence) -> Row:
    control = one.control
    word, style = _WORDS[one.status]
    to_do = words.sentences(
        (
            control.by_hand,
            f"{words.begun(control.frequency)}." if control.frequency else "",
            f"For {control.applies_to}." if control.applies_to else "",
        )
    )
    return (
        words.text((Span(control.id, "strong"),), f" {control.title}"),
        (Span(word, style),),
        words.text(words.in_code(control.covers), *_judged(one)),
        words.in_code(control.does_not_cover),
        words.in_code(to_do),
    )


def _judged(one: Evidence) -> Iterator[Text]:
    """What the checks found, and where their findings stand."""
    if one.status is Status.BY_HAND:
        return
    yield f" {one.reason}"
    for verdict in ("failed", "waived"):
        found = [check for check, counts in one.counts.items() if getattr(counts, verdict)]
        if found:
            yield from (f" {words.begun(verdict)}: ", _listed(found), ".")


def _listed(found: Sequence[Check]) -> Text:
    """Checks with findings, the gravest by title and place."""
    shown = words.whole(len(found), _MOST_CHECKS)
    told: list[Text] = []
    for check in sorted(found, key=lambda check: (-check.severity, check.id))[:shown]:
        told += ["; " if told else "", f"{check.title} (", (Reference(check.id),), ")"]
    if rest := len(found) - shown:
        told.append(f"; and {words.counted(rest, 'more check')}")
    return words.text(*told)
