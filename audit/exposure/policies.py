"""Policies, their rules, and what is wrong with them, as frames."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from audit import language
from audit.exposure.cluster import EVALUATED_APIS, Cluster, are_evaluated
from audit.exposure.statements import Statement
from audit.frames import DEFECTS, POLICY_FACTS, RULE_FACTS
from audit.policy.addresses import FAMILIES, Block, Range, merge, parse_cidr, subtract
from audit.policy.identities import Ints
from audit.policy.kinds import find
from audit.policy.model import Direction, PodPeer, Rule
from audit.policy.words import peers_words, pods_words, ports_words
from audit.snapshot import Snapshot

_OF_RULES: Final = (
    "direction",
    "rule",
    "in_effect",
    "peers",
    "ports",
    "ipv4_prefix",
    "ipv4_addresses",
    "ipv6_prefix",
    "ipv6_addresses",
    "internet",
    "other_namespaces",
)
_MOST_NAMED = 20
"""Policies that a text names before it counts the rest."""
_PRIVATE: Final = tuple(
    parsed[0]
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    if (parsed := parse_cidr(text)) is not None
)
"""RFC 1918, "Private Address Space", and RFC 4193, "Local IPv6 Unicast Addresses"."""


def policies(snapshot: Snapshot, cluster: Cluster, told: Sequence[Statement]) -> pd.DataFrame:
    """The frame `POLICY_FACTS`; `told` is what each of the cluster's policies says of itself."""
    evaluated = pd.DataFrame(
        {
            "evaluated": True,
            "governs": True,
            **{d.value: [d in policy.types for policy in cluster.policies] for d in Direction},
            "pods": _selected_pods(cluster),
            **{f"{d}_rules": [len(policy.rules(d) or ()) for policy in cluster.policies] for d in Direction},
            **_columns(told),
        },
        index=cluster.policy_rows.index,
    )
    known = pd.concat([cluster.policy_rows, evaluated], axis=1)
    others = _unevaluated(snapshot)
    blank: dict[str, Any] = {"evaluated": False, **dict.fromkeys(("ingress", "egress"), False)}
    blank |= {"justification": "", "owner": "", "changed": others["created"]}
    rows = pd.concat(
        [known, others.assign(**blank, **dict.fromkeys(("pods", "ingress_rules", "egress_rules"), 0))],
        ignore_index=True,
    )
    return POLICY_FACTS.conform(rows.assign(notes=""))


def _selected_pods(cluster: Cluster) -> Ints:
    """How many pods each policy selects."""
    sizes = np.bincount(cluster.identity_of_pod, minlength=len(cluster.engine.ends.identities))
    selected = cluster.engine.selected
    policy = np.repeat(np.arange(len(selected)), [len(identities) for identities in selected])
    pods = sizes[np.concatenate([np.empty(0, np.int64), *selected])]
    return np.bincount(policy, pods, minlength=len(selected)).astype(np.int64)


def unevaluated(snapshot: Snapshot, cluster: Cluster) -> list[str]:
    """For each namespace the policies that could govern its pods and are not evaluated, as a text."""
    rows = _unevaluated(snapshot)
    rows = rows[rows["governs"]]
    named = (rows["kind"].astype("str") + "/" + rows["name"]).tolist()
    by_namespace: dict[str, list[str]] = {}
    for namespace, name in zip(rows["namespace"].tolist(), named, strict=True):
        by_namespace.setdefault(namespace, []).append(name)
    everywhere = by_namespace.get("", [])
    return [_listed([*everywhere, *by_namespace.get(namespace, [])]) for namespace in cluster.namespaces]


def rules(cluster: Cluster, told: Sequence[Statement]) -> pd.DataFrame:
    """The frame `RULE_FACTS`; `told` is what each policy says of itself."""
    rows = list(itertools.chain.from_iterable(_rules(cluster, direction) for direction in Direction))
    numbers = [number for number, *_ in rows]
    of_rules = {name: [row[i] for row in rows] for i, name in enumerate(_OF_RULES, 1)}
    of_policies = pd.DataFrame(
        {
            "namespace": [policy.namespace for policy in cluster.policies],
            "policy": [policy.name for policy in cluster.policies],
            "selects": [pods_words(policy.selector) for policy in cluster.policies],
            "pods": _selected_pods(cluster),
            "source": cluster.policy_rows["source"].to_numpy(),
            "notes": "",
            **_columns(told),
        }
    ).iloc[numbers]
    frame = RULE_FACTS.frame({**{str(c): of_policies[c] for c in of_policies}, **of_rules})
    return frame.sort_values(["namespace", "policy", "direction", "rule"], ignore_index=True)


def _columns(told: Sequence[Statement]) -> dict[str, list[str]]:
    return {name: [getattr(one, name) for one in told] for name in Statement._fields}


NOT_SERVED: Final = "is served by no API server since Kubernetes 1.16: networking.k8s.io/v1 took its place"
"""Of a policy of the API group extensions."""


def defects(snapshot: Snapshot, cluster: Cluster) -> pd.DataFrame:
    """The frame `DEFECTS`: those found at reading, and those of NetworkPolicies."""
    keys = ["api_version", "kind", "namespace", "name", "source"]
    wrong = [i for i, policy in enumerate(cluster.policies) if policy.defects]
    objects = cluster.policy_rows.loc[wrong, keys]
    found = objects.loc[objects.index.repeat([len(cluster.policies[i].defects) for i in wrong])]
    each = [defect for i in wrong for defect in cluster.policies[i].defects]
    rows = found.assign(path=[d.path for d in each], reason=[d.reason for d in each])
    gone = cluster.policy_rows.loc[cluster.policy_rows["api_version"] != EVALUATED_APIS[0], keys]
    gone = gone.assign(path="apiVersion", reason=NOT_SERVED)
    parts = (snapshot["defects"].astype("str"), rows.astype("str"), gone.astype("str"))
    both = pd.concat(parts, ignore_index=True)
    return DEFECTS.conform(both.drop_duplicates().sort_values(DEFECTS.names, ignore_index=True))


def _unevaluated(snapshot: Snapshot) -> pd.DataFrame:
    """Rows of the snapshot's policies that are not evaluated, with `governs`: may change L3/L4 verdicts."""
    rows = snapshot["policies"]
    others = rows[~are_evaluated(rows)].reset_index(drop=True)
    kinds = [find(v, k) for v, k in zip(others["api_version"].tolist(), others["kind"].tolist(), strict=True)]
    return others.assign(governs=np.array([kind is not None and kind.governs for kind in kinds], np.bool_))


def _listed(names: Sequence[str]) -> str:
    shown = ",".join(sorted(names)[:_MOST_NAMED])
    return (
        shown
        if len(names) <= _MOST_NAMED
        else f"{shown} and {language.number(len(names) - _MOST_NAMED)} more"
    )


def _rules(cluster: Cluster, direction: Direction) -> Iterator[tuple[Any, ...]]:
    """The number of its policy and `_OF_RULES` of each rule."""
    known: dict[Rule, tuple[object, ...]] = {}
    for number, policy in enumerate(cluster.policies):
        effect = direction in policy.types
        for index, rule in enumerate(policy.written(direction)):
            if rule not in known:
                known[rule] = _told(rule)
            yield number, direction, index, effect, *known[rule]


def _told(rule: Rule) -> tuple[object, ...]:
    """What it lets through in words, the addresses of both families, and whether they are outside."""
    sizes = itertools.chain.from_iterable(_addresses(rule, family) for family in FAMILIES)
    return peers_words(rule), ports_words(rule.ports), *sizes, _is_public(rule), _names_namespaces(rule)


def _is_public(rule: Rule) -> bool:
    """Whether it names everyone, or some address that is not of a private network."""
    if rule.peers is None:
        return True
    return bool(subtract(allowed_addresses([p for p in rule.peers if isinstance(p, Block)]), _PRIVATE))


def _names_namespaces(rule: Rule) -> bool:
    """Whether it names everyone, or pods by a namespaceSelector, be it of the policy's own namespace."""
    if rule.peers is None:
        return True
    return any(isinstance(peer, PodPeer) and peer.namespaces is not None for peer in rule.peers)


def _addresses(rule: Rule, family: int) -> tuple[int | None, str]:
    """The shortest prefix that the rule's blocks of a family write, and how many addresses they leave."""
    blocks = [peer for peer in rule.peers or () if isinstance(peer, Block) and peer.family == family]
    if not blocks:
        return None, ""
    return min(block.prefix for block in blocks), str(sum(r.size for r in allowed_addresses(blocks)))


def allowed_addresses(blocks: Sequence[Block]) -> list[Range]:
    """What the blocks of one rule allow together: overlaps once, what is excepted not."""
    return merge(itertools.chain.from_iterable(block.ranges() for block in blocks))
