"""Trend: what the stored runs tell of the time up to this report, and on how many snapshots that rests."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from audit import checks
from audit.compose import words
from audit.compose.lines import lines
from audit.compose.period import changes_section, period_section
from audit.compose.sampling import sentences
from audit.compose.view import View
from audit.history.past import Past
from audit.history.story import Story
from audit.severity import Severity
from reports.model import Block, Column, Group, Note, Paragraph, Row, Section, Span, Table, Text, code, name

ANCHOR: Final = "trend"
_MOST_NAMED: Final = 3


def trend(view: View) -> tuple[Section, ...]:
    """The section; none without a store."""
    past, story = view.past, view.story
    if past is None or story is None:
        return ()
    sampling = story.period.sampling
    told = words.sentences(sentences(sampling, words.day))
    if sampling.snapshots < 2:
        return (Section(ANCHOR, "Trend", lead=told, blocks=(*_gaps(past, story), *_beginning(past))),)
    return (
        Section(
            ANCHOR,
            "Trend",
            lead=told,
            blocks=(*_gaps(past, story), *_settings(story), lines(story.trend, sampling, view.as_of)),
            sections=(
                _findings(view, past, story),
                period_section(story.period),
                changes_section(story.changes),
            ),
        ),
    )


def _beginning(past: Past) -> Iterator[Block]:
    if not past.problem:
        yield Paragraph("Lines, periods and changes are told from the second snapshot on.")


def _gaps(past: Past, story: Story) -> Iterator[Block]:
    """What is missing in the period, and why."""
    if past.problem:
        yield Note(f"{words.begun(past.problem)}.", "Earlier runs are missing", "gap")
    others = {run: reason for run, reason in story.unreadable.items() if reason not in past.problem}
    if others:
        yield _left_out(others)
    if past.older:
        yield Paragraph(
            words.text(
                f"A report reads the newest runs of a store; {words.counted(past.older, 'older run')} "
                f"{words.verb(past.older, 'is', 'are')} left out here, and in what ",
                (code("segaudit trend"),), " prints.",
            )
        )  # fmt: skip
    if past.removed:
        yield Paragraph(
            f"Retention has kept no more than the hashes of {words.counted(past.removed, 'run')}, of which "
            "nothing is told."
        )


def _left_out(runs: Mapping[str, str]) -> Note:
    """Runs that could not be read, with the reasons of a few."""
    shown = list(runs.items())[: words.whole(len(runs), _MOST_NAMED)]
    rest = len(runs) - len(shown)
    pieces: list[Text] = [
        words.text("; " if place else "", (name(run),), f" ({reason})")
        for place, (run, reason) in enumerate(shown)
    ]
    return Note(
        words.text(*pieces, f"; and {words.number(rest)} more." if rest else "."),
        f"{words.counted(len(runs), 'run')} left out, for want of a record that can be read",
        "gap",
    )


def _settings(story: Story) -> Iterator[Block]:
    """Figures may differ because they were counted otherwise."""
    told = [
        f"{words.counted(number, noun)} of {what}"
        for noun, column, what in (("version", "version", "segaudit"), ("set", "settings", "settings"))
        if (number := story.trend[column].nunique()) > 1
    ]
    if told:
        yield Note(
            f"These runs were made with {words.joined(told)}; figures may differ for their sake.",
            "Not all runs counted alike",
        )


def _findings(view: View, past: Past, story: Story) -> Section:
    title, anchor = "Findings since the last run", "trend-findings"
    before = past.before
    if before is None:
        return Section(anchor, title, lead="There is no earlier run that this one could be compared with.")
    new, gone = (_reported(rows, view.only) for rows in (story.new, story.gone))
    since = words.day(before.taken)
    if not len(new) and not len(gone):
        return Section(anchor, title, lead=f"No finding is new since {since}, and none is gone.")
    found, left = f"No finding is new since {since}", "none is gone"
    if len(new):
        are = words.verb(len(new), "is", "are")
        found = f"{words.counted(len(new), 'finding')} {are} new since {since}{_levels(new)}"
    if len(gone):
        are = words.verb(len(gone), "is", "are")
        left = f"{words.number(len(gone))} {are} fixed, or gone with what it was about{_levels(gone)}"
    return Section(
        anchor,
        title,
        lead=f"{found}; {left}.",
        blocks=(_moved(view, new, gone),),
    )


def _reported(rows: pd.DataFrame, only: tuple[str, ...] | None) -> pd.DataFrame:
    return rows if only is None else rows[checks.places(rows).isin({*only, ""})]


def _levels(rows: pd.DataFrame) -> str:
    told = words.graded(Counter(rows["severity"].astype("str").tolist()))
    return f" ({words.joined(told)})" if told else ""


def _moved(view: View, new: pd.DataFrame, gone: pd.DataFrame) -> Table:
    titles = {result.check.id: result.check.title for result in view.results}
    both = pd.concat([new.assign(sign=1), gone.assign(sign=0)], ignore_index=True)
    both["rank"] = both["severity"].astype("str").map({level.word: -level for level in Severity})
    rows: list[Row] = []
    for (_, check), found in both.groupby(["rank", "check"], observed=True, sort=True):
        come, left = found[found["sign"] == 1], found[found["sign"] == 0]
        severity = Severity.parse(str(found["severity"].iloc[0]))
        rows.append(
            (
                titles.get(str(check), str(check)),
                words.box(severity),
                words.number(len(come)),
                _among(come),
                words.number(len(left)),
                _among(left),
            )
        )
    return Table(
        columns=(
            Column("Check"),
            Column("Severity"),
            Column("New", "number"),
            Column("Among them"),
            Column("Gone", "number"),
            Column("Among them"),
        ),
        groups=(Group(tuple(rows)),),
        caption="Findings that are new since the last run, and that are there no more.",
    )


def _among(rows: pd.DataFrame) -> Text:
    """A few of the subjects by name, a namespace's by that alone, and how many more there are."""
    keys = ["namespace", "name", "kind"]
    distinct = rows[keys].drop_duplicates().sort_values(keys)
    shown = distinct.head(words.whole(len(distinct), _MOST_NAMED))
    told: list[str | Span] = [
        name(plain if kind == "Namespace" or not namespace else f"{namespace}/{plain}")
        for namespace, plain, kind in words.rows(shown, *keys)
    ]
    rest = len(distinct) - len(shown)
    return words.listed([*told, f"{words.number(rest)} more"] if rest else told)
