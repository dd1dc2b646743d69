"""Rules that allow everyone on every port where a default deny meant to close."""

from typing import NamedTuple

from audit.checks._rules import RuleAt, rules
from audit.exposure.default_deny import EVERY_POD, STRICT, allows_every_port
from audit.facts import Facts
from audit.policy.model import Direction, Rule


class Undone(NamedTuple):
    """A namespace, the directions that it denies by default, and the rules that undo that."""

    namespace: str
    denied: list[Direction]
    rules: list[RuleAt]
    """Those of policies with an empty podSelector first."""


def undone(facts: Facts) -> list[Undone]:
    """Each namespace in the order of `facts.namespaces`."""
    undoing: dict[str, list[RuleAt]] = {}
    counts = facts.policies["pods"].tolist()
    for rule in rules(facts, _allows_all):
        policy = rule.at.policy
        if rule.in_effect and not rule.refused and (counts[rule.at.number] or policy.selector.empty):
            undoing.setdefault(policy.namespace, []).append(rule)
    rows = facts.namespaces
    denied = {d: rows[f"default_deny_{d}"].isin([STRICT, EVERY_POD]).tolist() for d in Direction}
    return [
        _undone(namespace, [d for d in Direction if denied[d][place]], undoing.get(namespace, []))
        for place, namespace in enumerate(rows["namespace"].tolist())
    ]


def _allows_all(rule: Rule) -> bool:
    """Whether it allows everyone on every port."""
    return rule.peers is None and allows_every_port(rule)


def _undone(namespace: str, denied: list[Direction], undoing: list[RuleAt]) -> Undone:
    found = sorted(
        (u for u in undoing if u.direction in denied),
        key=lambda u: (not u.at.policy.selector.empty, u.direction, u.at.policy.name, u.index),
    )
    return Undone(namespace, denied, found)
