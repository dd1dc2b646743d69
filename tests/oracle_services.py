"""Policies that target services by mistake: the three kinds of semantics.md, "Metrics", by brute force."""

import itertools

from tests.oracle import (
    Cluster,
    Pod,
    in_block,
    peers,
    pod_selector,
    port_matches,
    rules,
    valid_port,
)
from tests.oracle_metrics import DIRECTIONS, count
from tests.oracle_values import (
    Address,
    Object,
    address,
    is_empty,
    labels,
    mapping,
    name,
    namespace,
    selects,
    sequence,
    strings,
    valid_selector,
)


def cluster_ips(service: Object) -> list[Address]:
    """The ClusterIPs; `None` and the empty text are none."""
    spec = mapping(service.get("spec"))
    written = [spec.get("clusterIP"), *sequence(spec.get("clusterIPs"))]
    return list(dict.fromkeys(a for a in map(address, written) if a is not None))


def service_mistakes(cluster: Cluster) -> list[Object]:
    """Policies that target services by mistake: by selector, by ClusterIP, by the Service's port."""
    return [
        *itertools.chain.from_iterable(_selector_mistakes(cluster, p) for p in cluster.policies),
        *itertools.chain.from_iterable(_address_mistakes(cluster, p) for p in cluster.policies),
        *itertools.chain.from_iterable(_port_mistakes(cluster, p) for p in cluster.policies),
    ]


def _id(obj: Object) -> str:
    return f"{namespace(obj)}/{name(obj)}"


def _selector_mistakes(cluster: Cluster, policy: Object) -> list[Object]:
    """A selector that picks no pod and equals or overlaps a Service's labels, and is not its selector."""
    written = [("podSelector", pod_selector(policy), {namespace(policy)})]
    for direction in DIRECTIONS:
        for i, rule in enumerate(rules(policy, direction)):
            for j, peer in enumerate(peers(rule, direction)):
                at = f"{direction.lower()}[{i}].{'from' if direction == 'Ingress' else 'to'}[{j}].podSelector"
                chosen = peer.get("namespaceSelector")
                spaces = {
                    ns
                    for ns, on in cluster.namespaces.items()
                    if (ns == namespace(policy) if chosen is None else selects(chosen, on))
                }
                if peer.get("podSelector") is not None and peer.get("ipBlock") is None:
                    written.append((at, peer["podSelector"], spaces))
    found = []
    for at, selector, spaces in written:
        if is_empty(selector) or not valid_selector(mapping(selector)):
            continue
        if any(p.namespace in spaces and selects(selector, p.labels) for p in cluster.pods):
            continue
        for service in cluster.services:
            how = _likeness(mapping(selector), service)
            if how and namespace(service) in spaces:
                found.append(
                    {"kind": "selector", "policy": _id(policy), "at": at, "service": _id(service), "how": how}
                )
    return found


def _likeness(selector: Object, service: Object) -> str | None:
    wanted, on = strings(selector.get("matchLabels")), labels(service)
    own = strings(mapping(service.get("spec")).get("selector"))
    expressions = [mapping(e) for e in sequence(selector.get("matchExpressions"))]
    asks = wanted or any(e.get("operator") in {"In", "Exists"} for e in expressions)
    if not asks or (own and selects(selector, own)):
        return None
    if selects(selector, on):
        return "equals-service-labels" if not expressions and wanted == on else "matches-service-labels"
    if name(service) in wanted.values():
        return "is-service-name"
    return "shares-service-label" if wanted.items() & on.items() else None


def _address_mistakes(cluster: Cluster, policy: Object) -> list[Object]:
    """An ipBlock that is a ClusterIP ("exact"), or holds one ("within"); not where it is excepted."""
    found = []
    for direction in DIRECTIONS:
        for i, rule in enumerate(rules(policy, direction)):
            for j, peer in enumerate(peers(rule, direction)):
                block = mapping(peer.get("ipBlock"))
                at = f"{direction.lower()}[{i}].{'from' if direction == 'Ingress' else 'to'}[{j}].ipBlock"
                for service in cluster.services:
                    for ip in cluster_ips(service):
                        if in_block(block, ip):
                            single = count([block], ip.version) == 1
                            how = "exact" if single else "within"
                            found.append(
                                {"kind": "cluster-ip", "policy": _id(policy), "at": at, "how": how}
                                | {"service": _id(service), "ip": str(ip)}
                            )
    return found


def _port_mistakes(cluster: Cluster, policy: Object) -> list[Object]:
    """A port that is a Service's, and neither its targetPort nor any that its pods open."""
    found = []
    for direction in DIRECTIONS:
        for i, rule in enumerate(rules(policy, direction)):
            ends = [
                p
                for p in cluster.pods
                if (
                    policy in cluster.applying(p, direction)
                    if direction == "Ingress"
                    else not p.host_network
                    and (
                        not peers(rule, direction)
                        or any(
                            cluster.peer_matches(policy, peer, p, at)
                            for peer in peers(rule, direction)
                            for at in p.addresses or [None]
                        )
                    )
                )
            ]
            for j, entry in enumerate(map(mapping, sequence(rule.get("ports")))):
                found += [
                    {"kind": "service-port", "policy": _id(policy), "service": _id(service)}
                    | {"at": f"{direction.lower()}[{i}].ports[{j}]"}
                    for service in cluster.services
                    if valid_port(entry) and entry.get("port") is not None and _misses(entry, service, ends)
                ]
    return found


def _misses(entry: Object, service: Object, ends: list[Pod]) -> bool:
    selector = strings(mapping(service.get("spec")).get("selector"))
    behind = [
        p
        for p in ends
        if selector and p.namespace == namespace(service) and selects({"matchLabels": selector}, p.labels)
    ]
    for port in map(mapping, sequence(mapping(service.get("spec")).get("ports"))):
        protocol = port.get("protocol") or "TCP"
        number, target = port.get("port"), port.get("targetPort")
        if isinstance(entry["port"], str):
            named = entry["port"] == port.get("name") and (entry.get("protocol") or "TCP") == protocol
        else:
            named = bool(behind) and port_matches(entry, protocol, number, behind[0])
        right = [
            (protocol, value)
            for p in behind
            for value in ([number if target is None else target] if not isinstance(target, str) else [])
            + [n for known, q, n in p.container_ports if (known, q) == (target, protocol)]
        ]
        opened = [(q, n) for p in behind for _, q, n in p.container_ports]
        if (
            named
            and behind
            and not any(port_matches(entry, *known, p) for known in right + opened for p in behind)
        ):
            return True
    return False
