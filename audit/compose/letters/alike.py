"""Findings that are told as one: of one check, one severity and the same words but for the subject."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from audit.compose import words
from audit.compose.causes import UNDER
from audit.compose.letters.stored import Finding
from audit.severity import Severity

_MOST_NAMED: Final = 10


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are told: not what has its cause in common with a graver finding of the same subject."""
    every = list(findings)
    told = {(each.status, each.namespace, each.kind, each.name, each.check) for each in every}
    return [
        each
        for each in every
        if (each.status, each.namespace, each.kind, each.name, UNDER.get(each.check, "")) not in told
    ]


def alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings in groups, the gravest first."""
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for each in findings:
        groups[each.check, each.severity, each.message.partition(": ")[2]].append(each)
    return sorted(groups.values(), key=lambda group: -Severity.parse(group[0].severity))


def sentence(group: Sequence[Finding]) -> str:
    """What is said of the first, and for whom the same holds."""
    first, *others = group
    if not others:
        return first.message
    return f"{first.message} The same holds for {named([each.called for each in others])}."


def named(names: Sequence[str]) -> str:
    """Names in a sentence, the first few: `a, b and 3 more`."""
    shown = names[: words.whole(len(names), _MOST_NAMED)]
    rest = len(names) - len(shown)
    return words.joined([*shown, *([f"{words.number(rest)} more"] if rest else [])])
