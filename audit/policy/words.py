"""Selectors, peers and ports in words, for people to read."""

from collections.abc import Sequence

from audit.policy.addresses import Block
from audit.policy.model import (
    NOTHING,
    Operator,
    Peer,
    PodPeer,
    Port,
    PortSpan,
    Requirement,
    Rule,
    Selector,
)
from audit.policy.ports import FIRST_PORT, LAST_PORT


def selector_words(selector: Selector) -> str:
    """As kubectl writes selectors: `app=web,tier in (a,b),!legacy`; empty for one that selects everything."""
    return ",".join(_requirement(requirement) for requirement in selector.requirements)


def peers_words(rule: Rule) -> str:
    """Whom a rule names, its peers divided by semicolons."""
    if rule.peers is None:
        return "everyone"
    return "; ".join(peer_words(peer) for peer in rule.peers) or "nobody (not readable)"


def peer_words(peer: Peer) -> str:
    """Whom one peer names."""
    if isinstance(peer, Block):
        return f"{peer.text} except {', '.join(peer.except_texts)}" if peer.excepts else peer.text
    if not isinstance(peer, PodPeer) or NOTHING in (peer.pods, peer.namespaces):
        return "nobody (not valid)"
    if peer.namespaces is None:
        return f"{pods_words(peer.pods)} of this namespace"
    where = selector_words(peer.namespaces)
    return f"{pods_words(peer.pods)} of {f'namespaces with {where}' if where else 'all namespaces'}"


def ports_words(ports: Sequence[Port] | None) -> str:
    """What ports a rule names, as `TCP 80, UDP 53, TCP http`."""
    if ports is None:
        return "all ports"
    return ", ".join(port_words(port) for port in ports) or "none (not readable)"


def port_words(port: Port) -> str:
    """One port entry."""
    if not isinstance(port, PortSpan):
        return f"{port.protocol} {port.name}"
    if port.first > port.last:
        return "none (not valid)"
    if (port.first, port.last) == (FIRST_PORT, LAST_PORT):
        return f"{port.protocol} all ports"
    return f"{port.protocol} {port.first}" + (f"-{port.last}" if port.last > port.first else "")


def pods_words(selector: Selector) -> str:
    """The pods that a selector selects."""
    if selector == NOTHING:
        return "nobody (not valid)"
    return f"pods with {selector_words(selector)}" if selector.requirements else "all pods"


def _requirement(requirement: Requirement) -> str:
    values = ",".join(requirement.values)
    match requirement.operator:
        case Operator.EXISTS:
            return requirement.key
        case Operator.DOES_NOT_EXIST:
            return f"!{requirement.key}"
        case Operator.IN if len(requirement.values) == 1:
            return f"{requirement.key}={values}"
        case Operator.NOT_IN if len(requirement.values) == 1:
            return f"{requirement.key}!={values}"
        case Operator.IN:
            return f"{requirement.key} in ({values})"
        case Operator.NOT_IN:
            return f"{requirement.key} notin ({values})"
