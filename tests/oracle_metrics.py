"""The figures of semantics.md, "Metrics", and the reach columns of pods.csv, by brute force."""

import ipaddress
import itertools
from typing import Any

from tests.oracle import (
    NAME_LABEL,
    PROTOCOLS,
    Cluster,
    Pod,
    in_block,
    peers,
    pod_selector,
    port_matches,
    rules,
    types,
    valid_port,
)
from tests.oracle_values import (
    Object,
    is_empty,
    mapping,
    name,
    namespace,
    network,
    selects,
    sequence,
    strings,
    text,
)

DIRECTIONS = ("Ingress", "Egress")
THRESHOLD = {4: 16, 6: 32}


# -- default deny ------------------------------------------------------------------------------------------


def governable(cluster: Cluster, ns: str) -> list[Pod]:
    """Pods that a policy could govern: neither finished nor on the host's network."""
    return [p for p in cluster.pods if p.namespace == ns and not p.host_network]


def assignments(selectors: list[Any], more: dict[str, set[str]] | None = None) -> list[dict[str, str]]:
    """All sets of labels that these selectors can tell apart.

    A key that one mentions has a value that one mentions (or that `more` has for it), another, or is absent.
    """
    options: dict[str, set[str | None]] = {k: {None, "an-other", *v} for k, v in (more or {}).items()}
    for selector in map(mapping, selectors):
        for key, value in strings(selector.get("matchLabels")).items():
            options.setdefault(key, {None, "an-other"}).add(value)
        for expression in map(mapping, sequence(selector.get("matchExpressions"))):
            values = {text(v) for v in sequence(expression.get("values"))}
            options.setdefault(text(expression.get("key")), {None, "an-other"}).update(values)
    return [
        {k: v for k, v in zip(options, chosen, strict=True) if v is not None}
        for chosen in itertools.product(*options.values())
    ]


def covers_all_labels(selectors: list[Any]) -> bool:
    """Whether every pod that could be created is selected by one of them."""
    return all(any(selects(s, on) for s in selectors) for on in assignments(selectors))


def default_deny(cluster: Cluster, ns: str, direction: str) -> str:
    """The best that holds of strict, every_pod, current_pods and none; no_pods instead of the last two."""
    applying = [p for p in cluster.policies if namespace(p) == ns and direction in types(p)]
    if any(is_empty(pod_selector(p)) and not rules(p, direction) for p in applying):
        return "strict"
    if covers_all_labels([pod_selector(p) for p in applying]):
        return "every_pod"
    pods = governable(cluster, ns)
    if not pods:
        return "no_pods"
    return "current_pods" if all(cluster.isolated(p, direction) for p in pods) else "none"


def opens_every_port(rule: Object) -> bool:
    """Ports absent, or entries without a port for all of TCP, UDP and SCTP."""
    entries = [mapping(e) for e in sequence(rule.get("ports"))]
    whole = {e.get("protocol") or "TCP" for e in entries if e.get("port") is None and valid_port(e)}
    return not entries or whole == set(PROTOCOLS)


def nullified(cluster: Cluster, ns: str, direction: str) -> bool:
    """A policy with an empty podSelector has one rule for the direction that lets everyone in (out)."""
    return any(
        not peers(rule, direction) and opens_every_port(rule)
        for policy in cluster.policies
        if namespace(policy) == ns and is_empty(pod_selector(policy))
        for rule in rules(policy, direction)
    )


# -- address space -----------------------------------------------------------------------------------------


def spans(blocks: list[Object], version: int) -> list[tuple[int, int]]:
    """What ipBlocks allow together: address space cut wherever one of them cuts, each piece asked once."""
    written = [network(w) for b in blocks for w in [b.get("cidr"), *sequence(b.get("except"))]]
    cuts = sorted({c for n in written if n and n.version == version for c in (int(n[0]), int(n[-1]) + 1)})
    make = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return [(a, b - 1) for a, b in itertools.pairwise(cuts) if any(in_block(k, make(a)) for k in blocks)]


def count(blocks: list[Object], version: int) -> int:
    return sum(last - first + 1 for first, last in spans(blocks, version))


def whole(version: int) -> int:
    return 1 << (32 if version == 4 else 128)


def blocks_of(rule: Object, direction: str) -> list[Object]:
    """The ipBlocks of a rule that are peers: beside a selector they are refused, and match nothing."""
    return [
        mapping(peer["ipBlock"])
        for peer in peers(rule, direction)
        if peer.get("ipBlock") is not None
        and peer.get("podSelector") is None
        and peer.get("namespaceSelector") is None
    ]


def written_rules(policy: Object, direction: str) -> list[Object]:
    """All rules of a section, in effect or not."""
    return [mapping(rule) for rule in sequence(mapping(policy.get("spec")).get(direction.lower()))]


def rule_addresses(cluster: Cluster) -> dict[str, dict[str, int]]:
    """`namespace/policy|ingress|0` -> addresses allowed by the rule's ipBlocks, of each family."""
    return {
        f"{namespace(policy)}/{name(policy)}|{direction.lower()}|{i}": {
            "ipv4": count(blocks_of(rule, direction), 4),
            "ipv6": count(blocks_of(rule, direction), 6),
        }
        for policy in cluster.policies
        for direction in DIRECTIONS
        for i, rule in enumerate(written_rules(policy, direction))
        if blocks_of(rule, direction)
    }


def ip_blocks(cluster: Cluster) -> list[Object]:
    """Every ipBlock with its written prefix, what remains of it, and whether its section has effect."""
    found = []
    for policy, direction in itertools.product(cluster.policies, DIRECTIONS):
        for i, rule in enumerate(written_rules(policy, direction)):
            for j, peer in enumerate(peers(rule, direction)):
                block = mapping(peer.get("ipBlock"))
                cidr = network(block.get("cidr"))
                if cidr is None:
                    continue
                narrow = whole(cidr.version) >> THRESHOLD[cidr.version]
                found.append(
                    {
                        "policy": f"{namespace(policy)}/{name(policy)}",
                        "direction": direction.lower(),
                        "rule": i,
                        "peer": j,
                        "cidr": block["cidr"],
                        "network": str(cidr),
                        "prefix": cidr.prefixlen,
                        "except": sorted(sequence(block.get("except"))),
                        "addresses": cidr.num_addresses,
                        "remaining": count([block], cidr.version),
                        "broad": cidr.num_addresses > narrow,
                        "broad_after_except": count([block], cidr.version) > narrow,
                        "in_effect": direction in types(policy),
                    }
                )
    return found


# -- reach of one end --------------------------------------------------------------------------------------


def covers_all_pods(open_peers: list[tuple[Object, Object]]) -> bool:
    """Whether these (policy, peer) take in all pods of all namespaces, those to come included.

    `namespaceSelector: {}` does, and so do peers that cover all labels of namespaces and pods together.
    """
    selecting = [
        (policy, peer.get("namespaceSelector"), peer.get("podSelector"))
        for policy, peer in open_peers
        if peer.get("ipBlock") is None and (peer.keys() & {"namespaceSelector", "podSelector"})
    ]
    homes = {namespace(policy) for policy, _, _ in selecting}
    above = assignments([namespaces for _, namespaces, _ in selecting], {NAME_LABEL: homes})
    return any(namespaces is not None for _, namespaces, _ in selecting) and all(
        any(
            (namespaces is not None or pods is not None)
            and (on[NAME_LABEL] == namespace(policy) if namespaces is None else selects(namespaces, on))
            and selects(pods, labels)
            for policy, namespaces, pods in selecting
        )
        for on in above
        if NAME_LABEL in on
        for labels in assignments([pods for _, _, pods in selecting])
    )


def opens_a_port(rule: Object, pod: Pod, direction: str) -> bool:
    """Whether a rule opens some port to whoever its peers are.

    Coming in, a name stands for the pod's own ports. Going out it is looked up at the other end, and so
    stands for nothing where that is an address or a pod that is yet to come.
    """
    entries = [mapping(e) for e in sequence(rule.get("ports"))]
    own = [(protocol, number) for _, protocol, number in pod.container_ports if direction == "Ingress"]
    return not entries or any(
        valid_port(e)
        and (not isinstance(e.get("port"), str) or any(port_matches(e, *known, pod) for known in own))
        for e in entries
    )


def interesting_ports(cluster: Cluster) -> list[tuple[str, int]]:
    """Ports at which an answer can change: those of rules and containers, their neighbours, both ends."""
    numbers = {1, 80, 65535}
    for policy, direction in itertools.product(cluster.policies, DIRECTIONS):
        for rule in written_rules(policy, direction):
            for entry in map(mapping, sequence(rule.get("ports"))):
                ends = [v for v in (entry.get("port"), entry.get("endPort")) if isinstance(v, int)]
                numbers |= {int(v) + step for v in ends for step in (-1, 0, 1)}
    numbers |= {int(n) for pod in cluster.pods for _, _, n in pod.container_ports if isinstance(n, int)}
    return [(p, n) for p in PROTOCOLS for n in sorted(numbers) if 1 <= n <= 65535]


def open_rules(cluster: Cluster, pod: Pod, direction: str) -> list[tuple[Object, Object]]:
    """(policy, rule) of all rules for the pod that open some port to whoever their peers are."""
    return [
        (policy, rule)
        for policy in cluster.applying(pod, direction)
        for rule in rules(policy, direction)
        if opens_a_port(rule, pod, direction)
    ]


def reach_pods(cluster: Cluster, pod: Pod, direction: str) -> str:
    """ingress_pods, egress_pods of pods.csv: by the rules of this end alone, any port.

    A hostNetwork pod at the other end is its node, and no pod of a namespace.
    """
    known = open_rules(cluster, pod, direction)
    open_peers = [(policy, peer) for policy, rule in known for peer in peers(rule, direction)]
    if (
        not cluster.isolated(pod, direction)
        or any(not peers(rule, direction) for _, rule in known)
        or covers_all_pods(open_peers)
    ):
        return "cluster"
    ports = interesting_ports(cluster)
    reached = {
        other.namespace
        for other in cluster.pods
        if not other.host_network
        and any(
            cluster.admits(pod, direction, other, at, port)
            for at in other.addresses or [None]
            for port in ports
        )
    }
    return "namespaces" if reached - {pod.namespace} else "namespace" if reached else "none"


def reach_external(cluster: Cluster, pod: Pod, direction: str) -> str:
    """ingress_external, egress_external: any (all of a family that the pod has), limited or none."""
    known = open_rules(cluster, pod, direction)
    if not cluster.isolated(pod, direction) or any(not peers(rule, direction) for _, rule in known):
        return "any"
    blocks = [block for _, rule in known for block in blocks_of(rule, direction)]
    families = {a.version for a in pod.addresses} or {4, 6}
    counts = {version: count(blocks, version) for version in families}
    if any(counts[version] == whole(version) for version in families):
        return "any"
    return "limited" if any(counts.values()) else "none"
