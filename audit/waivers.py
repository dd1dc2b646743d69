"""Findings that somebody accepts, for a time and with a reason: waivers.yaml.

A waiver holds for the findings of one check on one subject, by namespace and name. It counts while all of
reason, owner and approved_by are given and its end is neither past nor more than a year and a day after
its beginning; what does not count is told, and its findings stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np

from audit.checks import CheckResult, Status, load
from audit.documents.typed import InvalidError, read_tree, typed
from audit.frames import RESULTS

_NOT_YET: Final = ("selector", "labels", "annotations", "kind", "rule")
"""Keys that this version does nothing with; refused, not ignored."""
LONGEST: Final = timedelta(days=366)
"""Between the beginning of a waiver and its end."""

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4096, extra={"allowed": "a text"})]
_Date = Annotated[date, msgspec.Meta(extra={"allowed": "a date such as 2026-11-23"})]


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One accepted finding; a subject of the cluster has no namespace."""

    check: _Text
    namespace: str = ""
    name: _Text
    reason: str = ""
    owner: str = ""
    approved_by: str = ""
    ticket: str = ""
    created: _Date
    expires: _Date

    def __str__(self) -> str:
        """As findings.csv names it."""
        ticket = f", {self.ticket}" if self.ticket else ""
        people = f"approved by {self.approved_by}, owner {self.owner}"
        return f"from {self.created} until {self.expires}, {people}{ticket}: {self.reason}"

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is about: check, namespace and name."""
        return self.check, self.namespace, self.name

    def lapse(self, today: date) -> str:
        """Why it does not count today, as a sentence; empty if it does."""
        missing = [field for field in ("reason", "owner", "approved_by") if not getattr(self, field).strip()]
        if missing:
            return (
                f"It is not complete: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
            )
        if self.expires - self.created > LONGEST:
            return f"It is to last from {self.created} to {self.expires}: {LONGEST.days} days are the most."
        if self.created > today:
            return f"It begins on {self.created}."
        return f"It ended on {self.expires}." if self.expires < today else ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True)
class Lapsed:
    """A waiver that does not count, and why."""

    waiver: Waiver
    reason: str


@dataclass(frozen=True)
class Waivers:
    """What a file of waivers says."""

    waivers: tuple[Waiver, ...] = ()

    def lapsed(self, as_of: datetime) -> list[Lapsed]:
        """Those that do not count at that time, in the file's order."""
        found = ((waiver, waiver.lapse(as_of.date())) for waiver in self.waivers)
        return [Lapsed(waiver, reason) for waiver, reason in found if reason]


def read(path: Path | None) -> Waivers:
    """The waivers of a file, none without one. UsageError with file, line and what is allowed there."""
    if path is None:
        return Waivers()
    tree, data = read_tree(path, "file of waivers")
    try:
        found = typed(tree, _File, _NOT_YET)
        _refuse_unknown_checks(found)
    except InvalidError as error:
        raise error.at(path, data) from None
    return Waivers(found.waivers)


def _refuse_unknown_checks(file: _File) -> None:
    known = sorted(check.id for check in load())
    for place, waiver in enumerate(file.waivers):
        if waiver.check not in known:
            reason = f"there is no such check; allowed are {', '.join(known)}"
            raise InvalidError(("waivers", place, "check"), reason)


def apply(results: Sequence[CheckResult], waivers: Waivers, as_of: datetime) -> list[CheckResult]:
    """The results with failed subjects waived for which a waiver counts at that time."""
    today = as_of.date()
    holding = {w.subject: str(w) for w in reversed(waivers.waivers) if not w.lapse(today)}
    checks = {check for check, _, _ in holding}
    return [_waived(result, holding) if result.check.id in checks else result for result in results]


def _waived(result: CheckResult, holding: dict[tuple[str, str, str], str]) -> CheckResult:
    rows = result.subjects
    columns = (rows[c].astype("str").tolist() for c in ("check", "namespace", "name"))
    texts = np.array([holding.get(key, "") for key in zip(*columns, strict=True)], dtype=object)
    hit = (rows["status"] == Status.FAILED.value).to_numpy() & (texts != "")
    if not hit.any():
        return result
    status = np.where(hit, Status.WAIVED.value, rows["status"].astype("str"))
    waived = rows.assign(status=status, waiver=np.where(hit, texts, ""))
    return replace(result, subjects=RESULTS.conform(waived))
