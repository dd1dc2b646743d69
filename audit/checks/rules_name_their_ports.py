"""Rules that open every port."""

from collections.abc import Sequence

import pandas as pd

from audit.checks import check
from audit.checks._breadth import undoing_entries
from audit.checks._controls import PORTS
from audit.checks._corrections import Edit, Mend, corrections
from audit.checks._model import Status
from audit.checks._rules import Row, RuleAt, every, judged, rules, trusts_any_namespace
from audit.exposure.default_deny import allows_every_port, is_whole
from audit.exposure.policies import allowed_addresses
from audit.facts import Facts
from audit.policy.addresses import BITS, FAMILIES, Block
from audit.policy.model import PortSpan, Rule
from audit.settings import Thresholds
from audit.severity import Severity


@check(
    title="Rules name their ports",
    severity=Severity.LOW,
    subject="policy rule",
    needs=("networkpolicies",),
    local=True,
    remediation=corrections,
    controls=PORTS,
)
def rules_name_their_ports(facts: Facts) -> pd.DataFrame:
    """A rule without ports opens all of them, and so does an entry of a protocol without a port.

    Beside entries that have one, an entry without a port makes the others pointless. For peers that are named
    that may be meant; for peers as broad as every namespace or a whole range of addresses it lets them try
    whatever a pod listens on, debug and admin ports too.
    """
    thresholds = facts.settings.thresholds

    def verdict(at: RuleAt) -> Sequence[Row]:
        if undone := undoing_entries(at.rule):
            return [_entry(at, place, beside) for place, beside in undone]
        if at.rule.peers is None and allows_every_port(at.rule):
            return [at.row(Status.NOT_APPLICABLE, "It names no peers either: see rules-name-their-peers.")]
        whom = _broad(at.rule, thresholds) if _every_port(at.rule) else ""
        told = f"{at.called}: it opens every port for {whom}. Name the ports that are needed."
        return [at.row(Status.FAILED, told)] if whom else ()

    return judged(facts, rules(facts, every), verdict, "It names its ports, or its peers are few.")


def _every_port(rule: Rule) -> bool:
    """Whether it opens all ports of a protocol."""
    return rule.ports is None or any(isinstance(port, PortSpan) and is_whole(port) for port in rule.ports)


def _broad(rule: Rule, thresholds: Thresholds) -> str:
    """What is broad about its peers, as a part of a sentence; empty if nothing is."""
    if rule.peers is None:
        return "everyone"
    if any(map(trusts_any_namespace, rule.peers)):
        return "pods of every namespace"
    for family, prefix in zip(FAMILIES, (thresholds.ipv4_prefix, thresholds.ipv6_prefix), strict=True):
        blocks = [peer for peer in rule.peers if isinstance(peer, Block) and peer.family == family]
        if sum(r.size for r in allowed_addresses(blocks)) > 1 << BITS[family] - prefix:
            return f"more IPv{family} addresses than a /{prefix} has"
    return ""


def _entry(at: RuleAt, place: int, beside: Sequence[int]) -> Row:
    entry = (at.rule.ports or ())[place]
    others = "the ports beside it restrict nothing" if beside else "only the other protocols are restricted"
    message = f"{at.called}: ports[{place}] opens every port of {entry.protocol}, so {others}. Name one."
    # without the entry what is left is what was named; alone of its protocol it may be all that was meant
    closes = f"This closes all ports of {entry.protocol} for {at.place} that it does not name."
    mend = Mend(at.at.number, (Edit((*at.path, "ports", place), ()),), closes) if beside else None
    return at.row(Status.FAILED, message, entry, rule=f"{at.place}.ports[{place}]", mend=mend)
