"""The rule register: every rule in words, with why it exists, whose it is and when it last changed."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.view import View
from reports.model import Block, Column, Group, Note, Paragraph, Row, Section, Table, Text, code, file, name

ANCHOR: Final = "rules"
FILE: Final = "csv/rules.csv"

_MOST_ROWS: Final = 75
_LETTERS: Final = 160
"""Of names and peers, in a row as it mostly is."""
_NOT_GIVEN: Final = "Not given"


def rule_register(view: View) -> Section:
    """The section: the rules by namespace and policy."""
    blocks: list[Block] = [*_unread(view), *_others(view)]
    if len(view.rules):
        blocks.append(_table(view.rules))
    return Section(ANCHOR, "Rule register", lead=_lead(view), blocks=tuple(blocks))


def _lead(view: View) -> Text:
    rules = view.rules
    if not len(rules):
        denying = int(view.policies["evaluated"].sum())
        if not denying:
            read = view.readable("networkpolicies")
            return "There is no NetworkPolicy, and so no rule." if read else "No NetworkPolicy could be read."
        has = words.verb(denying, "has no rule, and so allows", "have no rule, and so allow")
        return f"{words.counted(denying, 'NetworkPolicy')} {has} nothing."
    policies = len(rules[["namespace", "policy"]].drop_duplicates())
    total, justified = len(rules), int((rules["justification"] != "").sum())
    told = f"{words.counted(total, 'rule')} of {words.counted(policies, 'NetworkPolicy')}."
    key = (code(view.facts.settings.annotations.justification),)
    if not justified:
        return words.text(f"{told} None says why it exists: no policy has the annotation ", key, ".")
    if justified == total:
        return words.text(f"{told} Each says why it exists, in the annotation ", key, " of its policy.")
    says = words.verb(justified, "says", "say")
    return words.text(f"{told} {words.number(justified)} {says} why, in the annotation ", key, ".")


def _unread(view: View) -> Iterator[Block]:
    if not view.readable("networkpolicies"):
        told = "Not all NetworkPolicies could be read: rules may be missing here."
        yield Note(told, "The register may not be complete", "gap")


def _others(view: View) -> Iterator[Block]:
    """Policies of other APIs, whose rules are in no row."""
    others = int((view.policies["governs"] & ~view.policies["evaluated"]).sum())
    if others:
        told = f"{words.counted(others, 'policy')} of other APIs {words.verb(others, 'is', 'are')} not"
        rest = f" evaluated: {words.verb(others, 'its', 'their')} rules are in no row. See "
        yield Paragraph(words.text(told, rest, (file("csv/policies.csv"),), "."))


def _table(rules: pd.DataFrame) -> Table:
    shown = words.head(rules, _MOST_ROWS, "policy", "selects", "peers", letters=_LETTERS)
    groups = [
        Group(tuple(_row(rule) for rule in words.records(mine)), (name(str(namespace)),))
        for namespace, mine in shown.groupby(shown["namespace"].astype("str"), sort=False)
    ]
    return Table(
        columns=(
            Column("Policy and rule", "name"),
            Column("Who may connect to whom", "name"),
            Column("On", "name"),
            Column("Why"),
            Column("Owner, last change", "name"),
        ),
        groups=tuple(groups),
        caption="The rules as they are written, by namespace and policy; counted from 0, as their paths are.",
        more=words.more(len(rules) - len(shown), FILE),
    )


def _row(rule: dict[str, object]) -> Row:
    changed = str(rule["changed"])
    told = [str(rule["owner"]) or "no owner", words.written(changed) if changed else ""]
    return (
        (name(f"{rule['policy']} {rule['direction']}[{rule['rule']}]"),),
        _whom(rule),
        str(rule["ports"]),
        _why(rule),
        ", ".join(filter(None, told)),
    )


def _whom(rule: dict[str, object]) -> Text:
    selected = (name(str(rule["selects"])),)
    peers = (name(str(rule["peers"])),)
    first, second = (peers, selected) if rule["direction"] == "ingress" else (selected, peers)
    return words.text(first, " to ", second)


def _why(rule: dict[str, object]) -> str:
    """Its justification, what checks say of it, and that it has no effect."""
    told = [str(rule["justification"]) or _NOT_GIVEN, str(rule["notes"])]
    if not rule["in_effect"]:
        told.append("Without effect: its policy is not of this direction")
    elif not rule["pods"]:
        told.append("Its policy selects no pod")
    return ". ".join(part.removesuffix(".") for part in told if part)
