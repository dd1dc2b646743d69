"""What changed between two stored runs: findings that are new or gone, and the share of isolated pods."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from audit import checks
from audit.checks import Status
from audit.compose import words
from audit.compose.letters.alike import alike, named, once, sentence
from audit.compose.letters.stored import Finding, Stored, called
from audit.errors import AuditError
from audit.headline import Share
from audit.history.record import Record
from audit.severity import Severity
from reports.letter import Item, Part

_MOST_TOLD: Final = 5
_COLUMNS: Final = ("id", "check", "severity", "status", "kind", "namespace", "name")


@dataclass(frozen=True)
class Before:
    """The run that a letter compares with, or why there is none."""

    record: Record | None = None
    reason: str = "there is no earlier run to compare with"


def points(now: Share, then: Share) -> str:
    """The change of a share in points of percent: +1.2; empty if one is not known, or nothing changed."""
    if now.count is None or then.count is None or not (now.of and then.of):
        return ""
    return words.points((now.count, now.of), (then.count, then.of))


def changed(stored: Stored, before: Before) -> Part:
    """What changed since the run before, or why that cannot be told."""
    if before.record is None:
        return Part("What changed", lead=words.begun(f"{before.reason}."))
    title = f"What changed since {words.day(before.record.taken)}"
    try:
        now, then = _open(stored.record), _open(before.record)
    except AuditError as error:
        return Part(title, lead=f"Not known: {error}.")
    ours = _reported(stored, now)
    appeared = ours[(ours["status"] == Status.FAILED) & ~ours["id"].isin(then["id"])]
    gone = _reported(stored, then[(then["status"] == Status.FAILED) & ~then["id"].isin(now["id"])])
    unknown = ours[(ours["status"] == Status.NOT_ASSESSED) & ours["id"].isin(then["id"])]
    items = (
        *_new(stored, appeared),
        *_gone(gone),
        *([Item(_unknown(len(unknown)))] if len(unknown) else ()),
        *_moved(stored, before.record),
    )
    nothing = "No finding is new, and none is gone." if not (len(appeared) or len(gone)) else ""
    return Part(title, lead=words.sentences((nothing, _differing(stored, before.record))), items=items)


def _open(record: Record) -> pd.DataFrame:
    return record.table("findings", _COLUMNS)


def _reported(stored: Stored, findings: pd.DataFrame) -> pd.DataFrame:
    """Those of namespaces that are reported."""
    if not stored.narrowed:
        return findings
    return findings[checks.places(findings).isin(["", *stored.namespaces])]


def _new(stored: Stored, rows: pd.DataFrame) -> list[Item]:
    """What is new, in the words of the report."""
    ids = frozenset(rows["id"].tolist())
    found = [each for each in stored.report.data.findings.rows if each.id in ids]
    told = once(found)
    groups = alike(told)
    shown = groups[: words.whole(len(groups), _MOST_TOLD)]
    items = [Item(f"New: {sentence(group)}", group[0].severity) for group in shown]  # type: ignore[arg-type]
    rest = len(ids) - (len(found) - len(told)) - sum(map(len, shown))
    return [*items, *([Item(f"New: {words.counted(rest, 'more finding')}.")] if rest else [])]


def _gone(rows: pd.DataFrame) -> list[Item]:
    """What is gone, by check: of the words of then only these are known."""
    titles = {check.id: check.title for check in checks.load()}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for check, severity, *subject in words.rows(rows, "check", "severity", "kind", "namespace", "name"):
        groups[severity, check].append(called(*subject))
    graver = sorted(groups, key=lambda key: -Severity.parse(key[0]))
    return [
        Item(f"Gone: {titles.get(check, check)}: {named(groups[severity, check])}.", severity)  # type: ignore[arg-type]
        for severity, check in graver
    ]


def _unknown(count: int) -> str:
    verb = words.verb(count, "is", "are")
    return f"{words.counted(count, 'finding')} of then could not be assessed this time, and {verb} not gone."


def _moved(stored: Stored, before: Record) -> Iterable[Item]:
    """The shares of isolated pods that changed."""
    if stored.narrowed:
        return
    now, then = stored.record.head.figures, before.head.figures
    for what, one, other in (
        ("ingress", now.ingress_isolated, then.ingress_isolated),
        ("egress", now.egress_isolated, then.egress_isolated),
    ):
        if told := points(one, other):
            yield Item(
                f"Isolated for {what}: {words.percent(one.count or 0, one.of)} of pods, "
                f"{told} against {words.percent(other.count or 0, other.of)}."
            )


def _differing(stored: Stored, before: Record) -> str:
    """What may have changed findings beside the cluster."""
    one, other = stored.record.head, before.head
    reasons = [
        *(["the version of segaudit"] if one.version != other.version else ()),
        *(["the settings"] if one.settings != other.settings else ()),
    ]
    verb = words.verb(len(reasons), "differs", "differ") if reasons != ["the settings"] else "differ"
    return words.begun(f"{words.joined(reasons)} {verb}, which may be why.") if reasons else ""


def severities(findings: Sequence[Finding]) -> Counter[Severity]:
    """How many findings that are not waived have each severity, the gravest first."""
    found = Counter(each.severity for each in findings if each.status == Status.FAILED)
    return Counter({severity: found[severity.word] for severity in sorted(Severity, reverse=True)})
