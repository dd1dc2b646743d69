"""Rules that are open to everyone on purpose: the one place that says why a rule may be."""

from typing import Final

from audit.checks import _dns
from audit.checks._rules import RuleAt
from audit.policy.model import Direction, NamedPort, Port, Rule

_DNS_NAMES: Final = ("dns", "dns-tcp")
_DNS: Final = {
    Direction.INGRESS: "DNS alone, which everyone has to ask.",
    Direction.EGRESS: "DNS alone, which every pod needs; name its servers to close it for others.",
}


def why_open(at: RuleAt) -> str:
    """Why it is no mistake that this rule is open to everyone, as a sentence; empty if it is one."""
    return _DNS[at.direction] if is_dns(at.rule) else ""


def is_dns(rule: Rule) -> bool:
    """Whether it opens DNS and nothing else."""
    return bool(rule.ports) and all(map(_is_dns, rule.ports or ()))


def _is_dns(entry: Port) -> bool:
    if entry.protocol not in _dns.PROTOCOLS:
        return False
    if isinstance(entry, NamedPort):
        return entry.name in _DNS_NAMES
    return entry.first == entry.last and entry.first in _dns.PORTS
