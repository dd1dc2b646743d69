"""Markdown: a summary for a pull request or a chat, small enough for the comments of both.

No name becomes markup: `reports.marks` writes what is in a line, and a fence is longer than any in it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from reports import values
from reports.marks import code, line
from reports.model import (
    Code,
    Figure,
    Finding,
    Report,
    Section,
    Span,
    Table,
    Text,
)
from reports.numbers import number
from reports.text import Typesetter, plain
from reports.verdicts import checks

MOST: Final = 60_000
"""Characters: a comment on GitHub has 65,536 at most."""
_MOST_TOLD: Final = 3
"""Findings of a check."""
_MOST_LINES: Final = 8
"""Reasons why something was not assessed, and sentences of what was looked at."""
_FINDINGS: Final = "findings"
"""The section of the findings by check."""

_TICKS: Final = re.compile(r"`+")

_set: Final = Typesetter({})


def render_md(report: Report) -> bytes:
    """`report` in short: page one, what to apply first, and the findings by check as far as there is room."""
    return ("\n\n".join(filter(None, _Summary(report).blocks())) + "\n").encode()


class _Summary:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._titles = {section.anchor: plain(section.title) for section in _every(report.sections)}
        described = checks(report) if values.find(report, "checks") else []
        self._checks = {check.check: check for check in described}
        self._findings = {
            block.anchor: block
            for section in _every(report.sections)
            for block in section.blocks
            if isinstance(block, Finding)
        }

    def blocks(self) -> Iterator[str]:
        """Paragraphs, tables and lists, which stand apart; those of the findings while there is room."""
        first = list(self._page_one())
        yield from first
        room = MOST - sum(len(block) + 2 for block in first)
        last = "\n\n".join(self._foot())
        yield from self._by_check(room - len(last))
        yield last

    def _page_one(self) -> Iterator[str]:
        report, page = self._report, self._report.page_one
        yield f"# {self._line(report.title)}: {code(report.subject)}"
        told = [report.date, report.classification]
        yield self._line(" · ".join(text for text in told if text))
        if report.scope:
            yield self._line(("Narrowed to ", *_listed(report.scope), "."))
        yield self._line(page.lead)
        yield self._line(page.enforcement)
        if page.figures:
            yield self._figures(page.figures)
        if page.compared:
            yield self._line(page.compared)
        yield "## First"
        if page.first:
            yield "\n".join(f"{n}. {self._line(first.text)}" for n, first in enumerate(page.first, 1))
        else:
            yield self._line(page.nothing_first)
        yield "## Not assessed"
        yield self._items(page.not_assessed) or "All that was asked for was assessed."
        yield "## Looked at"
        yield self._items(page.looked_at)
        yield from self._what_to_apply()

    def _figures(self, figures: Iterable[Figure]) -> str:
        rows = [("figure", "value", "base", "change"), ("---", "---:", "---", "---")]
        cell = self._cell
        rows += [(cell(f.label), cell(f.value), cell(f.base), cell(f.change)) for f in figures]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _cell(self, text: Text) -> str:
        """A bar divides cells, be it in code; the table takes the backslash away."""
        return self._line(text).replace("|", "\\|")

    def _items(self, items: tuple[Text, ...]) -> str:
        shown = [f"- {self._line(text)}" for text in items[:_MOST_LINES]]
        rest = len(items) - len(shown)
        return "\n".join([*shown, *([f"- and {self._number(rest)} more, in the report"] if rest else [])])

    def _what_to_apply(self) -> Iterator[str]:
        """The manifests of the first things, each once; under the number of the thing."""
        told = False
        for place, first in enumerate(self._report.page_one.first, 1):
            finding = self._findings.get(first.remedy)
            for block in finding.manifests if finding else ():
                if not told:
                    yield "## What to apply"
                    told = True
                yield f"For {place}:{self._after(block.intro)}"
                yield _fenced(block)

    def _after(self, text: Text) -> str:
        return f" {self._line(text)}" if text else ""

    def _by_check(self, room: int) -> Iterator[str]:
        """The findings of each check, those that the report tells first; what is left out is said."""
        left = 0
        title = "## Findings by check"
        for section in self._report.sections:
            if section.anchor != _FINDINGS:
                continue
            room -= len(title) + 2
            yield title
            if section.lead:
                yield self._line(section.lead)
            for check in section.sections:
                found = [block for block in check.blocks if isinstance(block, Finding)]
                if not found:
                    continue
                block = self._check(check, found)
                room -= len(block) + 2
                if room < 0:
                    left += 1
                else:
                    yield block
        if left:
            others = f"{self._number(left)} more {'check' if left == 1 else 'checks'}"
            yield f"The findings of {others} are in the report."

    def _check(self, check: Section, found: list[Finding]) -> str:
        lines = [
            f"- **{finding.severity}**: {self._line(finding.sentence)}{self._status(finding)}"
            for finding in found[:_MOST_TOLD]
        ]
        if len(found) > len(lines) or any(isinstance(block, Table) for block in check.blocks):
            lines.append("- and more, in the report")
        counts = self._counts(check.anchor)
        return "\n".join([f"### {self._line(check.title)}", "", *counts, *lines])

    def _counts(self, anchor: str) -> Iterator[str]:
        """How many subjects failed a check, and are waived."""
        if check := self._checks.get(anchor):
            waived = f", {self._number(check.waived)} waived" if check.waived else ""
            yield from (f"{self._number(check.failed)} failed{waived}.", "")

    def _status(self, finding: Finding) -> str:
        return f" ({self._line(finding.status)})" if finding.status else ""

    def _foot(self) -> Iterator[str]:
        report = self._report
        yield "---"
        yield f"SHA-256 of the {report.evidence}: {code(report.identifier)}. {self._line(report.generator)}"

    def _number(self, count: int) -> str:
        return number(count, self._report.look)

    def _line(self, text: Text) -> str:
        return line(text, self._titles)


def _fenced(block: Code) -> str:
    """Preformatted text; nothing in it ends it."""
    lines = [_set.spoken(line.replace("\t", "  ")) for line in block.text.rstrip("\n").split("\n")]
    runs = [len(run) for line in lines for run in _TICKS.findall(line)]
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return "\n".join([f"{fence}yaml", *lines, fence])


def _every(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _every(section.sections)


def _listed(names: tuple[str, ...]) -> Iterator[str | Span]:
    for place, name in enumerate(names[:_MOST_LINES]):
        yield ", " if place else ""
        yield Span(name, "name")
    if rest := len(names) - _MOST_LINES:
        yield f" and {rest} more" if rest > 0 else ""
