"""Policies with rules of a direction that is not among their types."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pandas as pd

from audit.checks import _dns, check
from audit.checks._controls import EFFECTIVE
from audit.checks._corrections import Edit, Mend, corrections
from audit.checks._dns import Dns
from audit.checks._model import Status
from audit.checks._rules import PolicyAt, Row, policies, with_passed
from audit.checks._subjects import counted
from audit.exposure.default_deny import allows_every_port
from audit.facts import Facts
from audit.policy.model import Direction, PortSpan, Rule
from audit.severity import Severity

_PATH: Final = ("spec", "policyTypes")
_EMPTY: Final = b"[]"


class _Spec(msgspec.Struct, rename="camel"):
    policy_types: object = None
    ingress: msgspec.Raw = msgspec.Raw()
    egress: msgspec.Raw = msgspec.Raw()

    def empty(self, direction: Direction) -> bool:
        """Whether there is a section of that direction, with nothing in it."""
        section = self.ingress if direction is Direction.INGRESS else self.egress
        return bytes(section) == _EMPTY


class _Object(msgspec.Struct):
    """What of a NetworkPolicy is not in `Policy`: whether its types and empty sections are written."""

    spec: _Spec | None = None


_DECODER: Final = msgspec.json.Decoder(_Object)


@check(
    title="Policy types fit the rules",
    severity=Severity.HIGH,
    subject="policy",
    needs=("networkpolicies",),
    local=True,
    remediation=corrections,
    controls=EFFECTIVE,
)
def policy_types_fit_rules(facts: Facts) -> pd.DataFrame:
    """Rules of a direction that is not among the policy's types are ignored without a word.

    With `policyTypes: [Ingress]` an egress section restricts nothing, and with `[Egress]` an ingress
    section lets nobody in and keeps nobody out; an empty section, as if to deny all, denies nothing. A type
    without a section is no mistake: it denies all. Without types a policy holds for ingress, and for egress
    only if it has egress rules.
    """
    texts = facts.cluster.policy_rows["object"].tolist()
    dns = _dns.find(facts)
    rows: list[Row] = []
    told: list[int] = []
    for at in policies(facts):
        found = _row(facts, dns, at, texts[at.number])
        if found is not None:
            rows.append(found)
            told.append(at.number)
    return with_passed(facts, rows, told, "Its rules are of its types.")


def _row(facts: Facts, dns: Dns, at: PolicyAt, text: str) -> Row | None:
    spec = _DECODER.decode(text).spec or _Spec()
    others = [d for d in Direction if d not in at.policy.types]
    ignored = [d for d in others if at.policy.written(d) or (spec.policy_types and spec.empty(d))]
    if ignored:
        if any(defect.path.startswith(".".join(_PATH)) for defect in at.policy.defects):
            return at.row(Status.NOT_APPLICABLE, "They are not valid: see policies-are-well-formed.")
        return _failed(facts, dns, at, ignored)
    if note := _note(at, spec):
        return at.row(Status.PASSED, note)
    return None


def _failed(facts: Facts, dns: Dns, at: PolicyAt, ignored: Sequence[Direction]) -> Row:
    types = ", ".join(d.capitalize() for d in Direction if d in at.policy.types)
    empty = not any(map(at.policy.written, ignored))
    sections = " and ".join(f"an {'empty ' * empty}{d} section" for d in ignored)
    meant = ", as if to deny it," if empty else ","
    message = (
        f"{at.called}: it has {sections}{meant} and its policyTypes are {types} alone, so the section is "
        f"ignored and {' and '.join(ignored)} stays as it is without this policy."
    )
    # such a section would change something only where another policy isolates the same pods
    open_anyway = all(any(map(_allows_all, at.policy.written(d))) for d in ignored)
    # a template may have left it, with no wish to deny anything
    grade = Severity.MEDIUM if empty else Severity.LOW if open_anyway else Severity.HIGH
    return at.row(Status.FAILED, message, mend=_mend(facts, dns, at, ignored), severity=int(grade))


def _mend(facts: Facts, dns: Dns, at: PolicyAt, ignored: Sequence[Direction]) -> Mend:
    """All types, and DNS let out where that is what would be closed."""
    edits = [Edit(_PATH, ([d.capitalize() for d in Direction],))]
    pods = counted(facts.policies["pods"].tolist()[at.number], "pod")
    but = "what its rules allow"
    rules = at.policy.written(Direction.EGRESS)
    home = int(facts.cluster.namespace_of_policy[at.number])
    if Direction.EGRESS in ignored and not any(_lets_dns(facts, dns, rule, home) for rule in rules):
        edits.append(Edit(("spec", Direction.EGRESS.value, len(rules)), (dns.rule_to(),)))
        but += ", and DNS"
    closes = f"This closes {' and '.join(ignored)} for {pods} but for {but} and what other policies allow."
    return Mend(at.number, tuple(edits), closes)


def _note(at: PolicyAt, spec: _Spec) -> str:
    """What follows where no types are written; empty where they are."""
    if spec.policy_types:
        return ""
    if Direction.EGRESS not in at.policy.types:
        empty = "; its empty egress section denies nothing" if spec.empty(Direction.EGRESS) else ""
        return f"It has no policyTypes: it holds for ingress alone, and leaves egress as it is{empty}."
    if at.policy.ingress:
        return "It has no policyTypes: for its egress rules it holds for both directions."
    return "It has no policyTypes: for its egress rules it holds for both directions, and lets nothing in."


def _allows_all(rule: Rule) -> bool:
    return rule.peers is None and allows_every_port(rule)


def _lets_dns(facts: Facts, dns: Dns, rule: Rule, home: int) -> bool:
    """Whether it names the port of DNS, or every port of whoever the servers are among."""
    if rule.ports is not None:
        return any(
            not isinstance(port, PortSpan) or port.first <= _dns.PORT <= port.last for port in rule.ports
        )
    servers = facts.cluster.identity_of_pod[list(dns.pods)]
    ends = facts.cluster.engine.ends
    return rule.peers is None or any(
        np.isin(servers, ends.members(peer, home).ends).any() for peer in rule.peers
    )
