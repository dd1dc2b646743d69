"""A letter for each owner of namespaces: their findings, their YAML, and nothing of anybody else."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from audit.channels import OWNERS_MAX, Mail, owner_addresses
from audit.checks import Status
from audit.compose import words
from audit.compose.letters.alike import alike, once, sentence
from audit.compose.letters.changed import severities
from audit.compose.letters.cluster import Missing, headed, notes, sources
from audit.compose.letters.stored import Finding, Namespace, Stored
from audit.config import moment
from audit.severity import Severity
from reports.letter import Item, Letter, Part

LETTER: Final = "owner"
"""What the letter is called in the records of what was sent."""
_MOST_TOLD: Final = 20
"""Findings of all namespaces of a letter together, but for one of each: mail programs cut what is long."""
_MOST_LINES: Final = 40
"""Of the YAML under one finding."""


@dataclass(frozen=True)
class Owners:
    """Who gets a letter, about which namespaces; and what is to be said of those who get none."""

    namespaces: Mapping[str, Sequence[str]]
    """By address."""
    untold: Sequence[str]
    """Sentences."""


def owners(stored: Stored, settings: Mail) -> Owners:
    """The owners whom the settings name, and those whom an annotation names in a domain that is allowed.

    Addresses that differ in case are one.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    spelled: dict[str, str] = {}

    def owns(address: str, name: str) -> None:
        found[spelled.setdefault(address.casefold(), address)][name] = None

    reported = stored.namespaces
    configured = [each.partition("=") for each in settings.owners]
    unknown = sorted({name for name, _, _ in configured} - reported.keys())
    untold = [f"No mail about the namespace {name}: it is not in this report." for name in unknown]
    for name, _, address in configured:
        if name in reported:
            owns(address, name)
    for row in reported.values() if settings.allowed_domains else ():
        addresses = owner_addresses(row.owner)
        for address in filter(settings.allows, addresses[:OWNERS_MAX]):
            owns(address, row.namespace)
        if not all(map(settings.allows, addresses)):
            untold.append(
                f"No mail to an owner of the namespace {row.namespace}: its annotation names an address that "
                "is not in mail.allowed_domains."
            )
        if len(addresses) > OWNERS_MAX:
            untold.append(
                f"No mail to some owners of the namespace {row.namespace}: its annotation names "
                f"{words.number(len(addresses))} addresses, and mail goes to the first {OWNERS_MAX}."
            )
    return Owners({address: list(names) for address, names in sorted(found.items())}, untold)


def letter(
    stored: Stored, names: Sequence[str], *, now: datetime | None, missing: Sequence[Missing]
) -> Letter:
    """The letter about some namespaces; `now` is given if the run is the newest."""
    rows = stored.namespaces
    of_name = {name: once(stored.by_namespace.get(name, ())) for name in names}
    counts = severities([each for found in of_name.values() for each in found])
    told = words.graded({each.word: count for each, count in counts.items()})
    called = words.joined([*names[:2], *([f"{words.number(len(names) - 2)} more"] if len(names) > 2 else ())])
    return Letter(
        subject=headed(stored, f"{called}: {', '.join(told) or 'no finding'}"),
        title=stored.report.title,
        about=f"{words.joined(list(names))} in {stored.report.subject}",
        date=stored.report.date,
        classification=stored.report.classification,
        notes=notes(stored, now, missing),
        lead=f"{_findings(counts.total())} in your {words.verb(len(names), 'namespace', 'namespaces')}.",
        remark=_remark(stored),
        parts=tuple(
            _part(rows[name], of_name[name], max(_MOST_TOLD // len(names), 1), stored.record.head.as_of)
            for name in names
        ),
        attachment="This mail is about what you own alone: it has no attachment.",
        sources=sources(stored),
    )


def _findings(count: int) -> str:
    return words.counted(count, "finding") if count else "No finding"


def _remark(stored: Stored) -> str:
    """What bears on every verdict, without a name of anybody else's."""
    doubt = (
        "Not everything could be assessed, in the cluster as a whole."
        if stored.record.head.unassessed
        else ""
    )
    return words.sentences((stored.words(stored.report.page_one.enforcement), doubt))


def _part(row: Namespace, findings: Sequence[Finding], most: int, as_of: str) -> Part:
    found = [each for each in findings if each.status == Status.FAILED]
    groups = alike(found)
    shown = groups[: words.whole(len(groups), most)]
    rest = len(found) - sum(map(len, shown))
    return Part(
        row.namespace,
        lead=words.sentences((_isolated(row), _waived(len(findings) - len(found)), _unevaluated(row))),
        items=tuple(_items(shown, as_of)),
        more=f"and {words.counted(rest, 'more finding')}; ask whoever runs segaudit for the report."
        if rest
        else "",
    )


def _items(groups: Sequence[Sequence[Finding]], as_of: str) -> Iterator[Item]:
    """Each with the YAML that mends it, the same YAML once."""
    offered: set[str] = set()
    for group in groups:
        yaml = group[0].remediation
        told = yaml if yaml not in offered and yaml.count("\n") <= _MOST_LINES else ""
        offered.add(yaml)
        severity = Severity.parse(group[0].severity).word
        text = words.sentences((sentence(group), _since(group, as_of)))
        yield Item(text, severity, told)  # type: ignore[arg-type]  # one of its four words


def _since(group: Sequence[Finding], as_of: str) -> str:
    """Since when they are open, or the oldest of them; empty where all are new, or no date is known."""
    dates = {each.since for each in group}
    old = dates - {"", as_of}
    if not old:
        return ""
    day = words.date(moment(min(old)), moment(as_of))
    return f"Open since {day}." if len(dates) == 1 else f"Some are open since {day}."


def _isolated(row: Namespace) -> str:
    if not row.pods:
        return "No pods that a policy could govern."
    if row.pods_ingress_isolated is None or row.pods_egress_isolated is None:
        return "Which pods are isolated is not assessed."
    return (
        f"Of {words.counted(row.pods, 'pod')}, {words.number(row.pods_ingress_isolated)} "
        f"{words.verb(row.pods_ingress_isolated, 'is', 'are')} isolated for ingress and "
        f"{words.number(row.pods_egress_isolated)} for egress."
    )


def _waived(count: int) -> str:
    return (
        f"{words.counted(count, 'more finding')} {words.verb(count, 'is', 'are')} accepted." if count else ""
    )


def _unevaluated(row: Namespace) -> str:
    if not row.unevaluated_policies:
        return ""
    return f"Not evaluated, and may change this: {row.unevaluated_policies.replace(',', ', ')}."
