"""The markup of a report, the same for screen and paper: templates that place finished strings."""

import re
from collections.abc import Container, Iterator
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from reports.attached import file_of, written
from reports.errors import RenderFailure
from reports.model import Block, Code, Finding, Report, Section
from reports.pictures import drawn
from reports.tables import lay_out
from reports.text import Typesetter

_ANCHOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{64}")
_DOCUMENT: Final = re.compile(r"^(?=---(?:\s|$))", re.MULTILINE)
_DEEPEST: Final = 3


@cache
def environment() -> Environment:
    """Templates of markup escape always, and a name that is not there is an error."""
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(disabled_extensions=("txt.j2",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Page:
    """A report as a page; `covered` are the code points of the fonts at hand, None for a screen."""

    def __init__(self, report: Report, covered: Container[int] | None = None, logo: str = "") -> None:
        """`logo` is the address of the house's logo, if it has one.

        RenderFailure if the report contradicts itself (see `numbered`) or its identifier is no SHA-256.
        """
        if not _IDENTIFIER.fullmatch(report.identifier):
            raise RenderFailure(f"{report.identifier!r} is no SHA-256 in hexadecimal digits")
        self._report = report
        self._numbers = numbered(report.sections)
        self._logo = logo
        tables = {} if report.part else {file_of(dataset): dataset for dataset in report.data}
        self._set = Typesetter(
            self._numbers, covered, lambda path: written(tables[path]).sha256 if path in tables else ""
        )
        self.body = self._render("body.html.j2")

    def document(self, stylesheet: str, policy: str = "") -> str:
        """The whole document; `stylesheet` is our own, `policy` a Content-Security-Policy."""
        title = self._set.spoken(f"{self._report.subject} · {self._report.title}")
        trusted = Markup(stylesheet)  # noqa: S704 - our own style sheets, in which nothing of a report stands
        return self._render(
            "document.html.j2", title=title, body=self.body, stylesheet=trusted, policy=policy
        )

    def _render(self, template: str, **more: object) -> Markup:
        rendered = (
            environment()
            .get_template(template)
            .render(
                report=self._report,
                logo=self._logo,
                exact=self._set.exact,
                spoken=self._set.spoken,
                inline=self._set.inline,
                lines=self._set.lines,
                breakable=self._set.breakable,
                number=self._set.number,
                heading=self._heading,
                heading_below=self._heading_below,
                template=_template,
                documents=_documents,
                laid_out=lambda table: lay_out(table, self._set),
                drawn=lambda block: drawn(block, self._set.spoken),
                **more,
            )
        )
        return Markup(rendered)  # noqa: S704 - templates escape always

    def _heading(self, section: Section) -> str:
        """The element of the section's heading: h2 for the outermost."""
        return f"h{_depth(self._set.number(section.anchor)) + 1}"

    def _heading_below(self, section: Section) -> str:
        """The element of the headings of the section's findings."""
        return f"h{_depth(self._set.number(section.anchor)) + 2}"


def numbered(sections: tuple[Section, ...]) -> dict[str, str]:
    """The numbers of all sections, and of the findings that have an anchor, by anchor.

    RenderFailure if an anchor stands twice or cannot be one, or if sections lie too deep.
    """
    numbers: dict[str, str] = {}
    for anchor, number, depth in _numbered(sections, "", 1):
        if not _ANCHOR.fullmatch(anchor):
            raise RenderFailure(f"{anchor!r} cannot be an anchor: letters, digits, '.', '_' and '-' can")
        if anchor in numbers:
            raise RenderFailure(f"the report has the anchor {anchor!r} twice")
        if depth > _DEEPEST:
            raise RenderFailure(f"the section {anchor!r} lies more than {_DEEPEST} levels deep")
        numbers[anchor] = number
    return numbers


def _numbered(
    sections: tuple[Section, ...], above: str, depth: int, taken: int = 0
) -> Iterator[tuple[str, str, int]]:
    """Anchor, number and depth in document order: a section, its findings, its subsections."""
    for place, section in enumerate(sections, taken + 1):
        number = f"{above}{place}"
        yield section.anchor, number, depth
        findings = [b.anchor for b in section.blocks if isinstance(b, Finding) and b.anchor]
        yield from ((anchor, f"{number}.{i}", depth) for i, anchor in enumerate(findings, 1))
        yield from _numbered(section.sections, f"{number}.", depth + 1, len(findings))


def _depth(number: str) -> int:
    return number.count(".") + 1


def _template(block: Block) -> str:
    """The template that places `block`: it is named as the block is in JSON."""
    return f"blocks/{block.__struct_config__.tag}.html.j2"


def _documents(code: Code) -> list[str]:
    """The documents of a manifest, each with the line `---` that begins it: a page may end between them."""
    return [part.rstrip("\n") for part in _DOCUMENT.split(code.text) if part.strip()]
