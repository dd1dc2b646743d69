"""The language of numbers and dates: they are written as people write them there; sentences are English.

It holds for the whole process, as that of a C program does: else every sentence that counts something would
have to be handed it. Formats are those of the Unicode CLDR, of which Babel has a copy.
"""

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
_tag = DEFAULT


@contextmanager
def written_in(tag: str) -> Iterator[None]:
    """Write them so until the block ends; UsageError if there is no language of that BCP 47 tag."""
    global _tag  # noqa: PLW0603  # see above
    if tag != DEFAULT:
        _known(tag)
    before, _tag = _tag, tag
    try:
        yield
    finally:
        _tag = before


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
    return text.replace(_NARROW, _PLAIN)


def time(moment: datetime) -> str:
    """The time of a day: 02:00 UTC."""
    from babel.dates import format_time

    text = format_time(moment.astimezone(UTC), "short", locale=_locale(_tag))
    return f"{text} UTC".replace(_NARROW, _PLAIN)
