"""The letter about the whole cluster: the finding, the figures, what to do first, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from audit import durations, language
from audit.compose import words
from audit.compose.change import Changes, between
from audit.compose.letters.changed import Before, changed, points, severities
from audit.compose.letters.stored import PAPER, Stored
from audit.config import moment
from audit.severity import Severity
from reports.letter import Item, Letter, Part, Source
from reports.model import Figure, First

LETTER: Final = "cluster"
"""What the letter is called in the records of what was sent."""
OLD: Final = timedelta(hours=36)
"""A newest run that is older is said to be."""
_MB: Final = 1_000_000
_GRAVE: Final = (Severity.CRITICAL, Severity.HIGH)
_CALLED_MAX: Final = 80
_MOST_UNTOLD: Final = 10


@dataclass(frozen=True)
class Missing:
    """An earlier letter of which nobody knows whether it came."""

    run: datetime
    recipient: str


def letter(
    stored: Stored,
    before: Before,
    *,
    now: datetime | None,
    missing: Sequence[Missing],
    untold: Sequence[str],
) -> Letter:
    """The letter. `now` is given if the run is the newest; `untold` tells of owners who get no letter."""
    page = stored.report.page_one
    return Letter(
        subject=subject(stored, before),
        title=stored.report.title,
        about=stored.report.subject,
        date=stored.report.date,
        classification=stored.report.classification,
        notes=notes(stored, now, missing),
        lead=stored.words(page.lead),
        remark=stored.words(page.enforcement),
        figures=_figures(stored, before),
        parts=(
            _first(stored, page.first),
            changed(stored, before),
            Part("Not assessed", items=tuple(Item(stored.words(each)) for each in page.not_assessed)),
            Part("Looked at", items=tuple(Item(stored.words(each)) for each in page.looked_at)),
            *([_untold(untold)] if untold else ()),
        ),
        sources=sources(stored),
    )


def subject(stored: Stored, before: Before) -> str:
    """`[prod-eu-1] 3 critical, 14 high; 87 % of pods isolated (+1.2)`."""
    counts = severities(stored.report.data.findings.rows)
    grave = words.graded({each.word: counts[each] for each in _GRAVE})
    told = ", ".join(grave) or "no critical or high findings"
    return headed(stored, f"{told}; {_isolated(stored, before)}{_doubt(stored)}")


def headed(stored: Stored, told: str) -> str:
    """A subject: of which cluster, how confidential, what there is to say."""
    called = stored.report.subject
    short = called if len(called) <= _CALLED_MAX else f"{called[:_CALLED_MAX]}…"
    label = f"{stored.report.classification}: " if stored.report.classification else ""
    return f"[{short}] {label}{told}"


def notes(stored: Stored, now: datetime | None, missing: Sequence[Missing]) -> tuple[str, ...]:
    """What stands before everything else: that the run is old, and that earlier letters may be missing."""
    return (*_age(stored, now), *_may_be_missing(missing))


def _may_be_missing(missing: Sequence[Missing]) -> list[str]:
    """A sentence about earlier letters of which nobody knows whether they came."""
    if not missing:
        return []
    told = [f"that of {words.day(each.run)} to {each.recipient}" for each in missing]
    return [f"Earlier messages may not have arrived: {words.joined(told)}."]


def sources(stored: Stored) -> tuple[Source, ...]:
    """From what the letter was made."""
    return (
        Source("Run", stored.run.name),
        Source("SHA-256 of manifest.json", stored.sha256),
        Source("SHA-256 of the snapshot", stored.record.head.snapshot),
        Source("Made by", f"segaudit {stored.manifest.version}"),
    )


def attached(size: int) -> str:
    """Where the whole report is, if it comes with the letter."""
    return f"The whole report is attached ({megabytes(size)})."


def stored_only(stored: Stored, reason: str) -> str:
    """Where the whole report is, if it does not: `reason` says why, and may be empty."""
    where = f"{stored.run.store.place.address.rstrip('/')}/{stored.run.name}/"
    if PAPER not in stored.run.files:
        return f"The whole report is in the store: {where}"
    return f"The whole report is not attached{reason and f', {reason}'}. It is in the store: {where}{PAPER}"


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{language.decimal(round(max(size / _MB, 0.1), 1))} MB"


def _figures(stored: Stored, before: Before) -> tuple[Figure, ...]:
    """Those of the report, each with its change since the run that the letter compares with."""
    own, since = stored.record, Changes()
    if before.record is not None and not stored.narrowed:
        since = between(own, before.record, moment(own.head.as_of))
    figures = stored.report.page_one.figures
    return tuple(msgspec.structs.replace(each, change=since.under(each.label)) for each in figures)


def _age(stored: Stored, now: datetime | None) -> list[str]:
    """That the newest run is too old, if it is."""
    age = now - stored.record.taken if now else timedelta()
    if age <= OLD:
        return []
    told = f"This is the newest run that is stored, and its snapshot is {durations.written(age)} old."
    return [f"{told} Nothing that happened since is in it: look why no later run was stored."]


def _first(stored: Stored, first: Sequence[First]) -> Part:
    if not first:
        return Part("First", lead=stored.words(stored.report.page_one.nothing_first))
    found = {f"finding-{each.id}": each.severity for each in stored.report.data.findings.rows}
    items = tuple(Item(stored.words(each.text), found.get(each.remedy, "")) for each in first)  # type: ignore[arg-type]
    return Part("First", items=items, ordered=True)


def _untold(untold: Sequence[str]) -> Part:
    shown = untold[: words.whole(len(untold), _MOST_UNTOLD)]
    rest = len(untold) - len(shown)
    more = f"and {words.number(rest)} more." if rest else ""
    return Part("Owners of namespaces", items=tuple(map(Item, shown)), more=more)


def _isolated(stored: Stored, before: Before) -> str:
    """The share of pods that are isolated for ingress, of what is reported, and its change."""
    rows = stored.report.data.namespaces.rows
    share = stored.record.head.figures.ingress_isolated
    isolated, pods = share.count, share.of
    if stored.narrowed and isolated is not None:
        isolated, pods = sum(row.pods_ingress_isolated or 0 for row in rows), sum(row.pods for row in rows)
    if isolated is None or not pods:
        return "isolation not assessed" if not share.whole else "no pods"
    if stored.narrowed or before.record is None:
        return f"{whole_percent(isolated, pods)} of pods isolated"
    change = points(share, before.record.head.figures.ingress_isolated)
    return f"{whole_percent(isolated, pods)} of pods isolated{change and f' ({change})'}"


def whole_percent(part: int, whole: int) -> str:
    """Without decimals; 100 % and 0 % only where all or none are meant."""
    if part in (0, whole):
        return words.percent(part, whole)
    return f"{min(max(round(100 * part / whole), 1), 99)} %"


def _doubt(stored: Stored) -> str:
    """That less was looked at than there is: no subject is a false all-clear."""
    head = stored.record.head
    return "" if head.complete and not head.unassessed else "; not everything assessed"
