"""Policies that close what is open by default."""

import textwrap
from functools import lru_cache
from typing import Final

import pandas as pd

from audit.checks import _dns
from audit.checks._dns import Dns
from audit.checks._manifests import applicable, document
from audit.checks._subjects import counted
from audit.facts import Facts
from audit.policy.model import Direction

_NAMES: Final = ("default-deny", "allow-dns-servers")
_KIND: Final = document({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"})
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
    texts = {}
    for namespace, pods, isolated in zip(*(rows[c].tolist() for c in columns), strict=True):
        names = tuple(_free_name(taken.get(namespace, set()), f"{what}-{direction}") for what in _NAMES)
        texts[namespace] = _manifests(direction, namespace, names, pods - isolated, dns)
    return [texts[namespace] for namespace in namespaces]


def _free_name(taken: set[str], wanted: str) -> str:
    """`wanted`, or with a number behind it, as no policy of the namespace is called."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


@lru_cache(maxsize=1 << 15)
def _manifests(direction: Direction, namespace: str, names: tuple[str, ...], open_pods: int, dns: Dns) -> str:
    """The same for the checks of workloads and of namespaces; `names` are those of `_NAMES` that are free."""
    documents = [_head(names[0], namespace) + _deny_all(direction, dns)]
    if namespace == dns.namespace:
        documents.append(_head(names[1], namespace) + _keep_dns(direction, dns))
    return applicable(_remark(direction, namespace, open_pods, dns), documents)


def _head(name: str, namespace: str) -> str:
    return f"{_KIND}metadata:\n{_metadata('name', name)}{_metadata('namespace', namespace)}"


@lru_cache(maxsize=1 << 15)
def _metadata(field: str, value: str) -> str:
    """A line of metadata: thousands of manifests share names, and more than one is of a namespace."""
    return textwrap.indent(document({field: value}), "  ")


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
                direction.value: [dns.rule_from() if direction is Direction.INGRESS else {}],
            }
        }
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
