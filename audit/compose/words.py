"""Numbers, dates and lists as people read them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from audit import language
from audit.severity import Severity
from reports.model import Span, Text, code, file, name

number: Final = language.number


def counted(count: int, noun: str) -> str:
    """A number and its noun: 1 policy, 2 policies, 1,204 pods."""
    return f"{number(count)} {noun if count == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a noun of this domain: pods, policies, namespaces with pods."""
    head, divider, rest = noun.partition(" with ")
    return (f"{head[:-1]}ies" if head.endswith("y") else f"{head}s") + divider + rest


def every(count: int, noun: str) -> str:
    """All of so many, at least one: the only pod, both pods, all 1,204 pods."""
    if count == 1:
        return f"the only {noun}"
    return f"both {plural(noun)}" if count == 2 else f"all {counted(count, noun)}"


def begun(sentence: str) -> str:
    """With a capital at the beginning."""
    return sentence[:1].upper() + sentence[1:]


def verb(count: int, one: str, many: str) -> str:
    """The form for so many of a verb, or of any word."""
    return one if count == 1 else many


def percent(part: int, whole: int) -> str:
    """One decimal; 100 % and 0 % only where all or none are meant. `whole` is above 0."""
    if part in (0, whole):
        return f"{100 * part // whole} %"
    rounded = round(100 * part / whole, 1)
    sign, told = {0.0: ("< ", 0.1), 100.0: ("> ", 99.9)}.get(rounded, ("", rounded))
    return f"{sign}{language.decimal(told)} %"


def points(now: tuple[int, int], then: tuple[int, int]) -> str:
    """The change of a share, so many of so many, in points of percent: +1.2; empty if it rounds to none."""
    moved = round(round(100 * now[0] / now[1], 1) - round(100 * then[0] / then[1], 1), 1)
    return language.decimal(moved, signed=True) if moved else ""


def graded(counts: Mapping[str, int]) -> list[str]:
    """How many there are of each severity that has any, the gravest first: 3 critical, 14 high."""
    told = ((counts.get(severity.word, 0), severity.word) for severity in sorted(Severity, reverse=True))
    return [f"{number(count)} {word}" for count, word in told if count]


def day(moment: datetime) -> str:
    """A date and time with its zone: 23 November 2026, 02:00 UTC."""
    return f"{date_of(moment)}, {language.time(moment)}"


def date_of(moment: datetime) -> str:
    """A day with its year: 23 November 2026."""
    return language.date(moment)


def date(moment: datetime, seen: datetime) -> str:
    """A day as it is called at the time `seen`: 3 November; of another year 3 November 2025."""
    return language.date(moment, "MMMMd" if _of_one_year(moment, seen) else "yMMMMd")


def short_date(moment: datetime, seen: datetime, *, of_day: bool | None = None) -> str:
    """The same where there is little room: 3 Nov; or the time: 02:00 UTC.

    It is the time if `of_day` says so, by default where it is the day of `seen`.
    """
    one_day = moment.astimezone(UTC).date() == seen.astimezone(UTC).date()
    if one_day if of_day is None else of_day:
        return language.time(moment)
    return language.date(moment, "MMMd" if _of_one_year(moment, seen) else "yMMMd")


def _of_one_year(one: datetime, other: datetime) -> bool:
    return one.astimezone(UTC).year == other.astimezone(UTC).year


def iso(moment: datetime) -> str:
    """The same moment as RFC 3339 has it, to the second: 2026-11-23T02:00:00Z."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None):%Y-%m-%dT%H:%M:%S}Z"


def written(moment: str) -> str:
    """A moment of a snapshot, RFC 3339, as people read it; anything else as it is."""
    try:
        return day(datetime.fromisoformat(moment))
    except ValueError:
        return moment


def joined(parts: Sequence[str]) -> str:
    """A list in a sentence: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def named(names: Sequence[str], most: int = 3) -> Text:
    """Names of the audited system in a sentence: `a, b and 3 more`."""
    shown: list[str | Span] = [name(each) for each in names[: whole(len(names), most)]]
    rest = len(names) - len(shown)
    if rest:
        shown.append(f"{number(rest)} more")
    return listed(shown)


def listed(parts: Sequence[str | Span]) -> Text:
    """Pieces in a sentence, as `joined` has plain ones."""
    pieces: list[str | Span] = []
    for place, piece in enumerate(parts):
        between = "" if not place else " and " if place == len(parts) - 1 else ", "
        pieces += [between, piece] if between else [piece]
    return tuple(pieces)


def whole(total: int, most: int) -> int:
    """How many of `total` to show where about `most` fit: a short rest is shown rather than counted."""
    return total if total <= most + most // 2 else most


def head(frame: pd.DataFrame, most: int, *columns: str, letters: int = 80) -> pd.DataFrame:
    """The first rows, as `whole` has it; one of more `letters` in all takes the room of several."""
    first = frame.head(whole(len(frame), most))
    texts = [first[column].astype("str").tolist() for column in columns]
    taken = np.cumsum([-(-sum(map(len, row)) // letters) or 1 for row in zip(*texts, strict=True)])
    return first.head(max(1, int(np.searchsorted(taken, most + most // 2, side="right"))))


def more(rest: int, path: str) -> Text:
    """What stands under a table that was cut: the number of rows left out, and the file that has them all."""
    return text(f"and {number(rest)} more, see ", (file(path),), ".") if rest else ""


def text(*parts: Text) -> Text:
    """Pieces in a row as one text."""
    pieces = [piece for part in parts for piece in ([part] if isinstance(part, str) else part)]
    return tuple(piece for piece in pieces if piece != "")


def in_code(sentences: str) -> Text:
    """What stands between backticks is set as code; where one has no other all is as it is written."""
    pieces = sentences.split("`")
    if len(pieces) % 2 == 0:
        return sentences
    return text(*((code(piece),) if place % 2 else piece for place, piece in enumerate(pieces) if piece))


def box(severity: Severity) -> Text:
    """The severity's word in its box."""
    return (Span(severity.word, severity.word),)  # type: ignore[arg-type]  # the same four words


def rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The values of these columns, row by row: for frames that were cut to what is shown."""
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame of a few, each by its columns."""
    return [dict(zip(frame.columns, row, strict=True)) for row in rows(frame, *frame.columns)]


def sentences(parts: Iterable[str]) -> str:
    """Sentences in a row, empty ones left out."""
    return " ".join(filter(None, parts))
