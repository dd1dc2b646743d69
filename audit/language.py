"""The language of numbers and dates: they are written as people write them there; sentences are English.

It holds for the whole process, as that of a C program does: else every sentence that counts something would
have to be handed it. Formats are those of the Unicode CLDR, of which Babel has a copy; dates whose words are
in a script that no font of the report has, or run from right to left, are written as ISO 8601 has them.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from audit.errors import UsageError

if TYPE_CHECKING:
    from babel import Locale

DEFAULT: Final = "en-GB"
_MEMO: Final = 1 << 16
_NARROW, _PLAIN = "\u202f", "\u00a0"
"""Blanks that do not break: CLDR likes the narrow one, which many fonts lack."""
_SCRIPTS: Final = ("LATIN", "GREEK", "CYRILLIC")
"""Letters that the report's own fonts have."""
_RIGHT_TO_LEFT: Final = frozenset(("R", "AL"))
_tag = DEFAULT
_any_script = False


@contextmanager
def written_in(tag: str, *, any_script: bool = False) -> Iterator[None]:
    """Write them so until the block ends; UsageError if there is no language of that BCP 47 tag.

    `any_script`: there are fonts for more than the report's own have.
    """
    global _tag, _any_script  # see above
    if tag != DEFAULT:
        _known(tag)
    before = _tag, _any_script
    _tag, _any_script = tag, any_script
    try:
        yield
    finally:
        _tag, _any_script = before


def _known(tag: str) -> None:
    from babel import UnknownLocaleError

    try:
        _locale(tag)
    except (UnknownLocaleError, ValueError):
        raise UsageError(
            f"language: there are no formats for {tag}; write a tag such as de, en-US or pt-BR"
        ) from None


@lru_cache
def _locale(tag: str) -> "Locale":
    from babel import Locale

    return Locale.parse(tag, sep="-")


def number(count: int) -> str:
    """With separators of thousands: 1,204."""
    return str(count) if 0 <= count < 1000 else _number(_tag, count, None)


def decimal(value: float, *, signed: bool = False) -> str:
    """With one decimal: 12.5, or +12.5 if it is to have a sign."""
    return _number(_tag, value, "+#,##0.0;-#,##0.0" if signed else "#,##0.0")


@lru_cache(_MEMO)
def _number(tag: str, value: float, pattern: str | None) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, pattern, _locale(tag)).replace(_NARROW, _PLAIN)


def date(moment: datetime, form: Literal["yMMMMd", "MMMMd", "yMMMd", "MMMd"] = "yMMMMd") -> str:
    """A day, UTC: 3 September 2026; in other forms without its year, or its month cut short."""
    from babel.dates import format_date, format_skeleton

    day, locale = moment.astimezone(UTC), _locale(_tag)
    text = format_date(day, "long", locale) if form == "yMMMMd" else format_skeleton(form, day, locale=locale)
    return text.replace(_NARROW, _PLAIN) if _is_printed(text) else day.date().isoformat()


def time(moment: datetime) -> str:
    """The time of a day: 02:00 UTC."""
    from babel.dates import format_time

    text = format_time(moment.astimezone(UTC), "short", locale=_locale(_tag))
    if not _is_printed(text):
        text = f"{moment.astimezone(UTC):%H:%M}"
    return f"{text} UTC".replace(_NARROW, _PLAIN)


def _is_printed(text: str) -> bool:
    """Whether the fonts have all of it, as far as is known, and it is written from left to right."""
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return False
    own = (unicodedata.name(letter, "").startswith(_SCRIPTS) for letter in text if letter.isalpha())
    return _any_script or all(own)
