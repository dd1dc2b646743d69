"""Numbers, dates and lists as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from reports.model import Span, Text, name

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


def number(count: int) -> str:
    """With thousands separators: 1,204."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """A number and its noun: 1 policy, 2 policies, 1,204 pods."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a noun of this domain: pods, policies."""
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def verb(count: int, one: str, many: str) -> str:
    """The verb's form for so many."""
    return one if count == 1 else many


def percent(part: int, whole: int) -> str:
    """One decimal; 100.0 % and 0.0 % only where all or none are meant. `whole` is above 0."""
    rounded = f"{100 * part / whole:.1f}"
    if rounded == "100.0" and part < whole:
        return "> 99.9 %"
    if rounded == "0.0" and part:
        return "< 0.1 %"
    return f"{rounded.removesuffix('.0') if part in (0, whole) else rounded} %"


def day(moment: datetime) -> str:
    """A date and time with its zone: 23 November 2026, 02:00 UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def iso(moment: datetime) -> str:
    """The same moment as RFC 3339 has it, to the second: 2026-11-23T02:00:00Z."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}Z"


def joined(parts: Sequence[str]) -> str:
    """A list in a sentence: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def named(names: Sequence[str], most: int = 3) -> tuple[str | Span, ...]:
    """Names of the audited system in a sentence: `a, b and 3 more`."""
    shown = [name(text) for text in names[:most]]
    rest = len(names) - len(shown)
    last = [f"{number(rest)} more"] if rest else [shown.pop()] if shown else []
    pieces: list[str | Span] = []
    for place, piece in enumerate(shown):
        pieces += [", ", piece] if place else [piece]
    return (*pieces, *((" and ", *last) if pieces else last))


def text(*parts: Text) -> Text:
    """Pieces in a row as one text."""
    pieces: list[object] = []
    for part in parts:
        pieces += [part] if isinstance(part, str) else part
    return tuple(piece for piece in pieces if piece != "")  # type: ignore[return-value]  # pieces of texts
