"""Text as it is set: escaped, with nothing invisible in it, and with places where long names may break.

Names and annotations come from people who may want to script the report or to make it say something else: all
text is escaped, and a character that prints nothing, or turns the writing direction, is shown as its number.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

from markupsafe import Markup, escape

from reports.errors import RenderFailure
from reports.model import Reference, Span, Text

# Control, format (overrides of direction, zero width), surrogate, private use, unassigned, line and paragraph
# separator: the categories of characters that print nothing, or that no font can be relied on for.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# After `/` and `-`, but not at the end nor within `--`; after `.`, unless a short suffix (".csv") is left;
# before a capital that follows a small letter.
_BREAKS: Final = re.compile(r"(?<=[/-])(?=[^/.-])|(?<=\.)(?=[^/.-].{4})|(?<=[a-z0-9])(?=[A-Z])")

# More than any valid name has without a blank: such text breaks anywhere, or setting it takes minutes.
_ENDLESS: Final = re.compile(r"\S{300}")
_LONGEST: Final = 4000
_SPARE: Final = 100
_PARTS: Final = re.compile(r"\S{1,100}|\s+")

_CODE_POINTS: Final = Markup('<span class="codepoint">{}</span>')
_DIGEST: Final = Markup(' <span class="digest">(SHA-256 {})</span>')
_DIGITS: Final = 12
_BLANKS: Final = str.maketrans("\t\n\r", "   ")

_ELEMENTS: Final = {
    "strong": Markup("<strong>{}</strong>"),
    "muted": Markup('<span class="muted">{}</span>'),
    "name": Markup('<bdi class="name">{}</bdi>'),
    "code": Markup("<code>{}</code>"),
    "critical": Markup('<span class="severity critical">{}</span>'),
    "high": Markup('<span class="severity high">{}</span>'),
    "medium": Markup('<span class="severity medium">{}</span>'),
    "low": Markup('<span class="severity low">{}</span>'),
    "passed": Markup('<span class="passed">{}</span>'),
    "not-assessed": Markup('<span class="not-assessed">{}</span>'),
}
_LINK: Final = Markup('<a href="#{}">{}</a>')
_REFERENCE: Final = Markup('<a class="reference" href="#{}">{}</a>')


class Typesetter:
    """Sets text for one report."""

    def __init__(
        self,
        numbers: Mapping[str, str],
        covered: Container[int] | None = None,
        digest: Callable[[str], str] = lambda _: "",
    ) -> None:
        """`numbers` are those of its anchors, `covered` the code points of the fonts at hand.

        Without `covered` every printable character is taken to have a glyph, as on a screen. `digest` tells
        the SHA-256 of a file beside the report, nothing if it is none of its tables.
        """
        self._numbers = numbers
        self._covered = covered
        self._digest = digest
        # An element for each break doubles the time of a PDF; on a screen, the character would be copied.
        self._break = Markup("<wbr>") if covered is None else Markup("\u200b")

    def exact(self, text: str) -> Markup:
        """`text` escaped, in one line; what cannot be seen is shown as its number, as in many languages."""
        text = _bounded(text)
        if _ENDLESS.search(text):
            return self._break.join(self._shown(part) for part in _PARTS.findall(text))
        return self._shown(text)

    def spoken(self, text: Text) -> str:
        """`text` for titles and labels, where there is no markup: not yet escaped, nothing hidden in it."""
        words = plain(text, self._numbers)
        return "".join(c if self._shows(c) else _code_point(c) for c in words.translate(_BLANKS))

    def line(self, text: str) -> Markup:
        """Running text: line ends and tabs are blanks."""
        return self.exact(text.translate(_BLANKS))

    def breakable(self, text: str) -> Markup:
        """A name: it may break after `/`, `.`, `-` and before a capital."""
        return self._break.join(self.exact(part) for part in _BREAKS.split(_bounded(text)))

    def lines(self, text: str) -> Markup:
        """Preformatted text: its lines are kept, tabs are two blanks."""
        return Markup("\n").join(self.exact(line.replace("\t", "  ")) for line in text.split("\n"))

    def inline(self, text: Text) -> Markup:
        """`text` with its spans and references."""
        if isinstance(text, str):
            return self.line(text)
        return Markup().join(self._piece(piece) for piece in text)

    def names(self, text: Text) -> Markup:
        """As `inline`, but a plain string is a name, and what it stands in says so."""
        return self.breakable(text) if isinstance(text, str) else self.inline(text)

    def number(self, anchor: str) -> str:
        """The number of the section or finding `anchor`; RenderFailure if there is none."""
        try:
            return self._numbers[anchor]
        except KeyError:
            raise RenderFailure(f"the report refers to {anchor!r}, which it does not have") from None

    def _piece(self, piece: str | Span | Reference) -> Markup:
        if isinstance(piece, str):
            return self.line(piece)
        if isinstance(piece, Reference):
            return _REFERENCE.format(piece.anchor, self.number(piece.anchor))
        if piece.anchor:
            self.number(piece.anchor)
            # No element within: each would be a link of its own in a PDF.
            body = _LINK.format(piece.anchor, self.spoken(piece.text))
        elif piece.style == "file":
            return self._file(piece.text)
        elif piece.style in {"name", "code"}:
            body = self.breakable(piece.text)
        else:
            body = self.line(piece.text)
        return body if piece.style == "plain" else _ELEMENTS[piece.style].format(body)

    def _file(self, path: str) -> Markup:
        """The file and the beginning of its hash: what was left out here can be told from anything else."""
        named = _ELEMENTS["code"].format(self.breakable(path))
        digest = self._digest(path)
        return named + _DIGEST.format(digest[:_DIGITS]) if digest else named

    def _shown(self, text: str) -> Markup:
        if text.isascii() and text.isprintable():
            return escape(text)
        runs = groupby(text, self._shows)
        return Markup().join("".join(run) if seen else self._code_points(run) for seen, run in runs)

    def _code_points(self, characters: Iterable[str]) -> Markup:
        return _CODE_POINTS.format(self._break.join(map(_code_point, characters)))

    def _shows(self, character: str) -> bool:
        if unicodedata.category(character) in _INVISIBLE:
            return False
        return self._covered is None or ord(character) in self._covered


def _bounded(text: str) -> str:
    """`text`, or its beginning and how much was left out: nobody reads a name of thousands of characters."""
    if len(text) <= _LONGEST + _SPARE:
        return text
    return f"{text[:_LONGEST]}… and {len(text) - _LONGEST} more characters"


def _code_point(character: str) -> str:
    """Its number as many languages write it, with an end of its own: digits may follow."""
    return f"\\u{{{ord(character):04X}}}"


def plain(text: Text, numbers: Mapping[str, str] = MappingProxyType({})) -> str:
    """`text` without its styles; a reference is its number, or its anchor where that is not known."""
    if isinstance(text, str):
        return text
    return "".join(_words(piece, numbers) for piece in text)


def _words(piece: str | Span | Reference, numbers: Mapping[str, str]) -> str:
    if isinstance(piece, str):
        return piece
    return piece.text if isinstance(piece, Span) else numbers.get(piece.anchor, piece.anchor)
