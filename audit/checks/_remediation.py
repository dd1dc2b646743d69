"""Policies that close what is open by default."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from audit.checks import _dns
from audit.checks._dns import Dns
from audit.checks._manifests import Manifest, network_policy, yaml_text
from audit.checks._subjects import counted
from audit.facts import Facts
from audit.policy.model import Direction

_OPEN_NOW: Final = {
    Direction.INGRESS: "every pod of every namespace may connect to",
    Direction.EGRESS: "may connect to everything",
}


def deny_ingress(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row the default deny for ingress of its namespace."""
    return _deny(facts, failed, Direction.INGRESS)


def deny_egress(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row the default deny for egress of its namespace, with DNS left open."""
    return _deny(facts, failed, Direction.EGRESS)


def free_name(taken: set[str], wanted: str) -> str:
    """`wanted`, or with a number behind it, as no policy of the namespace is called."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _deny(facts: Facts, failed: pd.DataFrame, direction: Direction) -> list[str]:
    dns = _dns.find(facts)
    namespaces = failed["namespace"].astype("str").tolist()
    wanted = set(namespaces)
    taken: dict[str, set[str]] = {}
    for policy in facts.cluster.policies:
        if policy.namespace in wanted:
            taken.setdefault(policy.namespace, set()).add(policy.name)
    rows = facts.namespaces[facts.namespaces["namespace"].isin(list(wanted))]
    columns = ("namespace", "pods", f"pods_{direction}_isolated")
    texts = {
        namespace: yaml_text(
            _remark(direction, namespace, pods - isolated, dns),
            list(_manifests(direction, namespace, taken.get(namespace, set()), dns)),
        )
        for namespace, pods, isolated in zip(*(rows[c].tolist() for c in columns), strict=True)
    }
    return [texts[namespace] for namespace in namespaces]


def _manifests(direction: Direction, namespace: str, taken: set[str], dns: Dns) -> Iterator[Manifest]:
    spec: dict[str, object] = {"podSelector": {}, "policyTypes": [direction.capitalize()]}
    if direction is Direction.EGRESS:
        spec["egress"] = [dns.rule_to()]
    yield network_policy(free_name(taken, f"default-deny-{direction}"), namespace, spec)
    if namespace == dns.namespace:
        # closing the servers themselves would take DNS from the whole cluster
        yield network_policy(
            free_name(taken, f"allow-dns-servers-{direction}"),
            namespace,
            {
                "podSelector": {"matchLabels": dns.labels},
                "policyTypes": [direction.capitalize()],
                direction.value: [dns.rule_from() if direction is Direction.INGRESS else {}],
            },
        )


def _remark(direction: Direction, namespace: str, open_pods: int, dns: Dns) -> str:
    pods = counted(open_pods, "pod")
    first = (
        f"Closes {direction} for {pods} of namespace {namespace} that {_OPEN_NOW[direction]} now"
        if open_pods
        else f"Closes {direction} for pods of namespace {namespace} that no other policy selects: none today"
    )
    keeps = "what other policies allow stays open"
    if direction is Direction.EGRESS:
        keeps += ", and so does DNS"
    elif namespace == dns.namespace:
        keeps += ", and so does DNS for all pods"
    return f"{first}; {keeps}."
