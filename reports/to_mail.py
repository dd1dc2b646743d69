"""Mail: HTML that old mail programs show too (tables, styles at each element), and plain text.

Mail programs drop style sheets, so each element has its style itself: `mail.css` has a rule a line, with the
colours of the report, and templates ask for them by name.
"""

import re
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from reports import assets
from reports.letter import Item, Letter, Part
from reports.model import Figure, Text
from reports.page import environment
from reports.text import Typesetter

_RULE: Final = re.compile(r"^\.([a-z-]+) \{ (.*) \}$", re.MULTILINE)
_TOKEN: Final = re.compile(r"^  --([a-z-]+): (#[0-9a-f]{6});", re.MULTILINE)
_USED: Final = re.compile(r"var\(--([a-z-]+)\)")
_LONG: Final = re.compile(r"(\S{20,})")
_PIECES: Final = re.compile(r"[^/.-]{0,14}[/.-]|[^/.-]{1,15}")
_BREAK: Final = Markup("<wbr>")
_WIDTH: Final = 72
_BLANK: Final = re.compile(r"\n{3,}")

_set: Final = Typesetter({})


class Bodies(NamedTuple):
    """The two forms of one mail."""

    text: str
    html: str


def render_mail(letter: Letter) -> Bodies:
    """`letter` as plain text, wrapped, and as an HTML document."""
    return Bodies(_rendered("mail.txt.j2", letter), _rendered("mail.html.j2", letter))


def _rendered(template: str, letter: Letter) -> str:
    rendered = (
        environment()
        .get_template(template)
        .render(
            letter=letter,
            style=style,
            said=said,
            lines=_lines,
            broken=_broken,
            spaced=_spaced,
            wrapped=_wrapped,
            underlined=_underlined,
            figure_line=_figure_line,
            item_line=_item_line,
            mark=_mark,
        )
    )
    return _BLANK.sub("\n\n", rendered)


def said(text: Text) -> str:
    """`text` in one line and without markup, not yet escaped; what cannot be seen is shown as its number."""
    return _set.spoken(text)


def style(name: str) -> str:
    """The declarations of a rule of `mail.css`."""
    return styles()[name]


@cache
def styles() -> Mapping[str, str]:
    """Declarations by name, with the light colours of the report."""
    tokens = dict(_TOKEN.findall(assets.style("base")))
    rules = _RULE.findall(assets.style("mail"))
    return {name: _USED.sub(lambda used: tokens[used[1]], told) for name, told in rules}


def _lines(text: str) -> list[str]:
    """The lines of preformatted text, each as `said` has it."""
    return [said(line.replace("\t", "  ")) for line in text.rstrip("\n").split("\n")]


def _broken(text: Text) -> Markup:
    """`text` as HTML, with places where long words may break: on a phone nothing scrolls sideways."""
    words = _LONG.split(said(text))
    return Markup("").join(
        _BREAK.join(_PIECES.findall(word)) if place % 2 else escape(word) for place, word in enumerate(words)
    )


def _spaced(line: str) -> Markup:
    """The same of a line, its first blanks such that HTML keeps them."""
    bare = line.lstrip(" ")
    return Markup("&nbsp;") * (len(line) - len(bare)) + _broken(bare)


def _wrapped(text: Text, first: str = "", rest: str = "") -> str:
    """For plain text: `first` begins the first line, `rest` the others. No name is broken."""
    return textwrap.fill(
        said(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _underlined(text: Text) -> str:
    """A heading of plain text."""
    heading = said(text)
    return f"{heading}\n{'-' * min(len(heading), _WIDTH)}"


def _figure_line(figure: Figure) -> str:
    change = f"; {figure.change}" if figure.change else ""
    return f"{figure.label}: {figure.value}, {figure.base}{change}"


def _item_line(item: Item) -> str:
    return f"{item.severity.upper()}: {said(item.text)}" if item.severity else said(item.text)


def _mark(part: Part, number: int) -> str:
    return f"{number}. " if part.ordered else "*  "
