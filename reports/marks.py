"""Markdown in which nothing that a stranger wrote is markup.

What shows Markdown makes links, mentions, emoji and references out of bare words. So a word is written as it
is only if it is made of letters, or a number; every other one is a piece of code, in which nothing is looked
for.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final, NamedTuple

from reports.model import Reference, Span, Text
from reports.text import Typesetter, plain

_LONGEST: Final = 1_500
"""Of a run of words, or a name."""

# Letters with - / or an apostrophe between them, or a number with its dividers; and what sentences put around
_WORD: Final = re.compile(
    r"[(\u201c\u2018]*(?:[^\W\d_]+(?:[-/\u2019'][^\W\d_]+)*|[+-]?\d+(?:[.,:]\d+)*)[)\u201d\u2019]*[.,;:?\u2026]*"
    r"|[%\u00b7\u2013)\u201d\u2019]*[.,;:?\u2026]*"
)
_HASH: Final = re.compile(r"[0-9a-f]{7}")
"""What may be the beginning of a commit's."""
_BEFORE: Final = "(\u201c\u2018"
_AFTER: Final = ".,;:?\u201d\u2019"
_BLANKS: Final = re.compile(r"(\s+)")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])(?=\s|$)")
_TICKS: Final = re.compile(r"`+")

_set: Final = Typesetter({})


class _Token(NamedTuple):
    """A piece of a line: text that is no markup, or what stands in code."""

    text: str
    code: bool


def line(text: Text, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """`text` in one line in which nothing is markup but pieces of code; `titles` are of what it refers to."""
    pieces = (text,) if isinstance(text, str) else text
    tokens: list[_Token] = []
    for style, run in groupby(pieces, key=_style):
        if style == "code":
            tokens += [_Token(plain((piece,)), code=True) for piece in run]
        else:
            tokens += _tokens("".join(_told(piece, titles) for piece in run))
    # two pieces of code with nothing between them would be read as one, or as none
    joined = (
        (is_code, "".join(token.text for token in its))
        for is_code, its in groupby((t for t in tokens if t.code or t.text), key=lambda token: token.code)
    )
    shown = "".join(code(text) if is_code else text for is_code, text in joined)
    return _NUMBERED.sub(r"\1\\\2", shown.strip())


def _told(piece: str | Span | Reference, titles: Mapping[str, str]) -> str:
    if isinstance(piece, Reference):
        return f"“{titles.get(piece.anchor, 'findings')}” in the report"
    return plain((piece,))


def _style(piece: str | Span | Reference) -> str:
    return "code" if isinstance(piece, Span) and piece.style in {"name", "code"} else "plain"


def _tokens(text: str) -> Iterator[_Token]:
    """Running text, each of its words as it is or as code; blanks are single."""
    bounded = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    for place, piece in enumerate(_BLANKS.split(_set.spoken(bounded))):
        if place % 2 or not piece or (_WORD.fullmatch(piece) and not _HASH.search(piece)):
            yield _Token(" " if place % 2 else piece, code=False)
            continue
        before, word, after = _taken_apart(piece)
        yield _Token(before, code=False)
        yield _Token(word, code=True)
        yield _Token(after, code=False)


def _taken_apart(piece: str) -> tuple[str, str, str]:
    """What stands before a word, the word, and what stands behind; a bracket that it opens is its own."""
    bare = piece.lstrip(_BEFORE)
    before = piece[: len(piece) - len(bare)]
    word = bare.rstrip(_AFTER)
    if word.endswith(")") and "(" not in word:
        word = word.rstrip(f"){_AFTER}")
    return (before, word, bare[len(word) :]) if word else ("", piece, "")


def code(text: str) -> str:
    """`text` as a piece of code in one line."""
    shown = " ".join(_set.spoken(text[:_LONGEST]).split()) or "(blank)"
    ticks = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"
