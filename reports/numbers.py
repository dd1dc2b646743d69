"""Numbers that a renderer counts itself, as people write them in the language of the look."""

from babel import Locale
from babel.numbers import format_decimal

from reports.model import Look


def number(count: int, look: Look) -> str:
    """With separators of thousands: 1,204."""
    return format_decimal(count, locale=Locale.parse(look.language, sep="-"))
