"""Policies that close what is open by default."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import pandas as pd

from audit import language
from audit.checks import _dns
from audit.checks._corrections import at_path, policy_objects, selector_object
from audit.checks._dns import Dns
from audit.checks._manifests import Manifest, applicable, document, free_name, head
from audit.checks._published import Published, kept_words
from audit.checks._subjects import counted
from audit.exposure.possible import Known, Partners
from audit.facts import Facts
from audit.policy.model import Direction
from audit.policy.selectors import NAME_LABEL

_NAMES: Final = ("default-deny", "allow-dns-servers", "allow-known")
_MAY: Final = {
    Direction.INGRESS: "to which {} may connect",
    Direction.EGRESS: "which may connect to {}",
}
_OUTSIDE: Final = "every address that is no pod's"
MOST_KNOWN: Final = 5
"""Rules that stand in an offered policy for all who may connect."""
_BUT_KNOWN: Final = "; the last policy here keeps open what the policies of these pods allow"


def deny_ingress(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row the default deny for ingress of its namespace."""
    return _deny(facts, failed, Direction.INGRESS)


def deny_egress(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row the default deny for egress of its namespace, with DNS left open."""
    return _deny(facts, failed, Direction.EGRESS)


def _deny(facts: Facts, failed: pd.DataFrame, direction: Direction) -> list[str]:
    dns = _dns.find(facts)
    namespaces = failed["namespace"].astype("str").tolist()
    wanted = set(namespaces)
    taken: dict[str, set[str]] = {}
    for policy in facts.cluster.policies:
        if policy.namespace in wanted:
            taken.setdefault(policy.namespace, set()).add(policy.name)
    rows = facts.namespaces[facts.namespaces["namespace"].isin(list(wanted))]
    columns = ["namespace", "pods", f"pods_{direction}_isolated"]
    possible = facts.possible[direction]
    published = Published(facts) if direction is Direction.INGRESS else None
    texts = {}
    for number, namespace, pods, isolated in rows[columns].itertuples(name=None):
        names = tuple(free_name(taken.get(namespace, set()), f"{what}-{direction}") for what in _NAMES)
        documents = [head(names[0], namespace) + _deny_all(direction, dns)]
        if namespace == dns.namespace:
            documents.append(head(names[1], namespace) + _keep_dns(direction, dns))
        kept = published.kept_open(namespace, published.open_now) if published else []
        documents += [text for _, text in kept if text]
        # where some pods are isolated already, what is allowed for all would open these
        known = possible.known(number, MOST_KNOWN) if not isolated else []
        if known:
            documents.append(head(names[2], namespace) + _allow_known(facts, direction, known))
        closed = f"pods of namespace {namespace} that no other policy selects: none today"
        if pods > isolated:
            whose = f"{counted(pods - isolated, 'pod')} of namespace {namespace}"
            but = _BUT_KNOWN if known else ""
            closed = f"{whose}, {_MAY[direction].format(told_whom(possible.with_whom(number)))} now{but}"
        remark = f"Closes {direction} for {closed}; {_keeps(direction, namespace, dns)}.{kept_words(kept)}"
        texts[namespace] = applicable(remark, documents)
    return [texts[namespace] for namespace in namespaces]


@lru_cache
def _deny_all(direction: Direction, dns: Dns) -> str:
    spec: dict[str, object] = {"podSelector": {}, "policyTypes": [direction.capitalize()]}
    if direction is Direction.EGRESS:
        spec["egress"] = [dns.rule_to()]
    return document({"spec": spec})


def _keep_dns(direction: Direction, dns: Dns) -> str:
    """What keeps the servers themselves open: without them the whole cluster has no DNS."""
    return document(
        {
            "spec": {
                "podSelector": {"matchLabels": dict(dns.labels)},
                "policyTypes": [direction.capitalize()],
                direction.value: [dns.rule_from()] if direction is Direction.INGRESS else dns.rules_out(),
            }
        }
    )


def _allow_known(facts: Facts, direction: Direction, known: Sequence[Known]) -> str:
    """What the rules of the other end allow, as rules of this one."""
    objects = policy_objects(facts, [rule.policy for rule in known])
    rules = [mirrored(facts, direction, rule, obj) for rule, obj in zip(known, objects, strict=True)]
    return document(
        {"spec": {"podSelector": {}, "policyTypes": [direction.capitalize()], direction.value: rules}}
    )


def mirrored(facts: Facts, direction: Direction, known: Known, obj: dict[str, object]) -> Manifest:
    """The pods of the rule's policy as the peer, on the rule's ports."""
    policy = facts.cluster.policies[known.policy]
    peer = {
        "namespaceSelector": {"matchLabels": {NAME_LABEL: policy.namespace}},
        "podSelector": selector_object(policy.selector),
    }
    ports = at_path(obj, ("spec", direction.opposite.value, known.rule, "ports"))
    return {direction.peers: [peer], **({"ports": ports} if ports else {})}


def told_whom(whom: Partners) -> str:
    """With whom connections are possible, counted by namespace."""
    if not whom.pods:
        return _OUTSIDE
    pods = counted(whom.pods, "pod")
    if whom.namespaces == 1:
        return f"{pods} of namespace {whom.largest[0][0]} and {_OUTSIDE}"
    each = ", ".join(f"{name} {language.number(count)}" for name, count in whom.largest)
    more = (
        f" and {language.number(whom.namespaces - len(whom.largest))} more"
        if whom.namespaces > len(whom.largest)
        else ""
    )
    return f"{pods} of {language.number(whom.namespaces)} namespaces ({each}{more}) and {_OUTSIDE}"


def _keeps(direction: Direction, namespace: str, dns: Dns) -> str:
    """What stays open."""
    keeps = "what other policies allow stays open"
    if direction is Direction.EGRESS and namespace == dns.namespace:
        return f"{keeps}, so does DNS, and for its servers TCP 443 and 6443, where they watch the API server"
    if direction is Direction.EGRESS:
        return f"{keeps}, and so does DNS"
    return f"{keeps}, and so does DNS for all pods" if namespace == dns.namespace else keeps
