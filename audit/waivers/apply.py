"""Failed becomes waived where a waiver that counts names the subject; and what is told of each waiver."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd

from audit import checks
from audit.checks import CheckResult, Status
from audit.facts import Facts
from audit.frames import RESULTS, WAIVERS
from audit.severity import Severity
from audit.snapshot import WHOLE, Snapshot
from audit.waivers.annotations import annotated
from audit.waivers.current import Use, judged
from audit.waivers.file import OWN, Waivers
from audit.waivers.labels import Labels
from audit.waivers.model import Waiver
from audit.waivers.subjects import Subjects

_FREE: Final = -1


@dataclass(frozen=True)
class Applied:
    """What is left of findings when waivers are applied."""

    results: list[CheckResult]
    """Of all checks, in their order; those of waivers-are-current among them."""
    waivers: pd.DataFrame
    """The frame WAIVERS: all that is said of each."""


def apply(  # noqa: PLR0913, PLR0917  # what it hangs on
    results: Iterable[CheckResult],
    accepted: Waivers,
    facts: Facts,
    as_of: datetime,
    only: Collection[str] | None = None,
    kept: Callable[[CheckResult], CheckResult] = lambda result: result,
) -> Applied:
    """Waive what failed and is named by a waiver which counts at that time; of several the first holds.

    `results` are those of `checks.run` on the same facts, and with the same `only`. They are taken one at a
    time, and what `kept` makes of each is what is left of it.
    """
    waivers, today = (*accepted.waivers, *annotated(facts)), as_of.date()
    by_check: dict[str, list[int]] = {}
    for number, waiver in enumerate(waivers):
        by_check.setdefault(waiver.terms.check, []).append(number)
    uses, labels = [Use()] * len(waivers), Labels(facts)
    told = []
    for result in results:
        numbers = by_check.get(result.check.id, [])
        its = [waivers[number] for number in numbers]
        waived, found = _waived(result, its, labels, today, only) if its else (result, [])
        hidden = _hidden(result, its, facts.snapshot) if its else []
        for number, use, unseen in zip(numbers, found, hidden, strict=True):
            uses[number] = replace(use, unseen=unseen)
        told.append(kept(waived))
    rows = judged(waivers, uses, today)
    own = [checks.result_of(r.check, facts, rows, only) if r.check.id == OWN else r for r in told]
    return Applied(own, _told(waivers, uses, rows))


def _waived(
    result: CheckResult,
    waivers: Sequence[Waiver],
    labels: Labels,
    today: date,
    only: Collection[str] | None,
) -> tuple[CheckResult, list[Use]]:
    """One check's result with its waivers applied, and what each of these found."""
    rows = result.subjects
    subjects = Subjects(rows, waivers, labels)
    status = rows["status"].astype("str").to_numpy(object)
    failed = status == Status.FAILED.value
    critical = (rows["severity"] == Severity.CRITICAL.word).to_numpy()
    reported = checks.reported(rows, only).to_numpy()
    holding = np.full(len(rows), _FREE)
    uses = []
    for number, waiver in enumerate(waivers):
        named = subjects.named(waiver)
        found = named[failed[named]]
        open_ = found[~critical[found]] if waiver.annotation else found
        if waiver.terms.hold(today):
            holding[open_[holding[open_] == _FREE]] = number
        uses.append(
            Use(
                found=len(found),
                open=len(open_),
                reported=int(reported[open_].sum()),
                statuses=frozenset(status[named].tolist()),
            )
        )
    hit = holding != _FREE
    if not hit.any():
        return result, uses
    texts = np.array([*map(str, waivers), ""], dtype=object)  # _FREE is the last
    changed = rows.assign(status=np.where(hit, Status.WAIVED.value, status), waiver=texts[holding])
    return replace(result, subjects=RESULTS.conform(changed)), uses


def _hidden(result: CheckResult, waivers: Sequence[Waiver], snapshot: Snapshot) -> list[bool]:
    """For each waiver whether it may name subjects that could not be seen."""
    place = pd.Series([waiver.namespace for waiver in waivers], dtype="str")
    unseen = checks.unseen(result, place, snapshot)
    # what was not read where the report does not look is no gap for the check
    for kind in (*result.check.needs, *result.check.among):
        if snapshot.state(kind) not in WHOLE:
            unseen = unseen | ~place.isin(snapshot.read_in(kind)).to_numpy()
    if result.subjects["status"].isin(checks.UNASSESSED).any():
        unseen = unseen | (place == "").to_numpy()  # it may mean any namespace
    return [bool(each) for each in unseen]


def _told(waivers: Sequence[Waiver], uses: Sequence[Use], rows: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Sequence[object] | pd.Series] = {
        "check": [w.terms.check for w in waivers],
        "kind": [w.kind for w in waivers],
        "namespace": [w.namespace for w in waivers],
        "name": [w.name for w in waivers],
        "selector": [w.labels for w in waivers],
        "findings": [use.reported for use in uses],
        "annotation": [f"{w.kind} {w.place}" if w.annotation else "" for w in waivers],
        "source": [w.source for w in waivers],
    }
    columns |= {
        field: [str(getattr(w.terms, field) or "") for w in waivers]
        for field in ("reason", "owner", "approved_by", "ticket", "created", "expires")
    }
    messages = zip(rows["message"].tolist(), waivers, strict=True)
    columns["status"] = rows["status"]
    columns["message"] = [text.replace(f"{waiver.called} ", "It ", 1) for text, waiver in messages]
    return WAIVERS.frame(columns)
