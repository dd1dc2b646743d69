"""The cover: of what time the report is, read as whom, and how far it goes."""

from collections.abc import Iterator

from audit.compose import words
from audit.compose.completeness import population, read_as
from audit.compose.unassessed import ANCHOR
from audit.compose.view import View
from reports.model import Reference, Text, code


def cover(view: View) -> tuple[tuple[str, Text], ...]:
    """Pairs of a term and what is said of it."""
    return tuple(_pairs(view))


def _pairs(view: View) -> Iterator[tuple[str, Text]]:
    snapshot = view.facts.snapshot
    yield "Period", _period(view)
    yield "Snapshot", f"Taken {words.written(snapshot.provenance.taken)}, {read_as(view)}"
    yield "SHA-256", (code(snapshot.sha256),)
    yield "Scope", _scope(view)
    yield "Looked at", population(view)
    yield "Left out", _left_out(view)
    yield "Made by", view.generator


def _period(view: View) -> str:
    """From the first run that the report looks back on, if there is a store, to this one."""
    trend = None if view.story is None else view.story.trend
    if trend is None or len(trend) == 1:
        return "This snapshot alone"
    first = words.written(str(trend["taken"].iloc[0]))
    return f"{first} to {words.day(view.as_of)}, {words.counted(len(trend), 'snapshot')}"


def _scope(view: View) -> Text:
    if view.only is None:
        return "The whole input"
    return words.text("Narrowed to ", words.named(view.only, 6))


def _left_out(view: View) -> Text:
    if view.facts.snapshot.complete:
        return "Nothing that was asked for: everything was readable"
    return words.text("Not everything was readable: see ", (Reference(ANCHOR),))
