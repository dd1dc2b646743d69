"""Text as a report has it: pieces in a row, each in one style; what all blocks are made of."""

from typing import Literal, TypeAlias

import msgspec

Style: TypeAlias = Literal[
    "plain",
    "strong",
    "muted",
    "name",  # a name of the audited system: may break after / . - and before a capital
    "code",  # a piece of YAML, a command, a field: in the typewriter face
    "file",  # the file of a whole table ("csv/pods.csv"): as code, with the first digits of its SHA-256
    "critical",  # from here on: a word in a box of that colour
    "high",
    "medium",
    "low",
    "passed",
    "not-assessed",
]


class Span(msgspec.Struct, frozen=True, tag="span"):
    """A piece of text in one style; a link to the section or finding `anchor` if that is given."""

    text: str
    style: Style = "plain"
    anchor: str = ""


class Reference(msgspec.Struct, frozen=True, tag="reference"):
    """A cross-reference: the number of section or finding `anchor`, on paper with its page ("7.3, page 12").

    An anchor that the report does not have is a RenderFailure.
    """

    anchor: str


Text: TypeAlias = str | tuple[str | Span | Reference, ...]
"""A plain string, or pieces in a row: `("Deployment ", name("shop/web"), ", see ", Reference("web"))`."""


def name(text: str) -> Span:
    """A name of the audited system, in the running text."""
    return Span(text, "name")


def code(text: str) -> Span:
    """A piece of YAML, a command or a field."""
    return Span(text, "code")


def file(text: str) -> Span:
    """The file of a whole table, "csv/pods.csv": pages print the beginning of its SHA-256 behind it."""
    return Span(text, "file")


def strong(text: str) -> Span:
    """Emphasis; rarely."""
    return Span(text, "strong")
