"""The second reading of NetworkPolicy: the API reference transcribed, per pod, slow, obviously right.

Takes plain Kubernetes objects (dicts as JSON or YAML give them), asks one question at a time and keeps
nothing. Each function stands below the sentence that it obeys; "types.go", "defaults.go" and
"validation.go" are those of networking.k8s.io/v1. Nothing here comes from the product: the two are held
equal by test_engine_equals_oracle.py, so a mistake would have to be made twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.oracle_values import (
    Address,
    Object,
    address,
    kind,
    labels,
    mapping,
    name,
    namespace,
    network,
    selects,
    sequence,
    text,
)

PROTOCOLS = ("TCP", "UDP", "SCTP")
NAME_LABEL = "kubernetes.io/metadata.name"


# -- the ends of a connection ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pod:
    """A pod that counts; compared by identity, as two pods never are the same one."""

    obj: Object

    @property
    def namespace(self) -> str:
        return namespace(self.obj)

    @property
    def id(self) -> str:
        return f"{self.namespace}/{name(self.obj)}"

    @property
    def labels(self) -> dict[str, str]:
        return labels(self.obj)

    @property
    def spec(self) -> Object:
        return mapping(self.obj.get("spec"))

    @property
    def status(self) -> Object:
        return mapping(self.obj.get("status"))

    @property
    def finished(self) -> bool:
        """Succeeded and Failed pods do not count; all other phases do, and no phase."""
        return self.status.get("phase") in {"Succeeded", "Failed"}

    @property
    def host_network(self) -> bool:
        return self.spec.get("hostNetwork") in {True, "true", "True", "TRUE"}

    @property
    def addresses(self) -> list[Address]:
        """PodIP and podIPs, all of them."""
        written = [self.status.get("podIP")]
        written += [mapping(entry).get("ip") for entry in sequence(self.status.get("podIPs"))]
        return list(dict.fromkeys(a for a in map(address, written) if a is not None))

    @property
    def container_ports(self) -> Iterator[tuple[str, str, int]]:
        """Name, protocol, number; of init containers only where they keep running."""
        running = sequence(self.spec.get("containers")) + [
            c
            for c in sequence(self.spec.get("initContainers"))
            if mapping(c).get("restartPolicy") == "Always"
        ]
        for container in running:
            for entry in sequence(mapping(container).get("ports")):
                port = mapping(entry)
                yield text(port.get("name")), port.get("protocol") or "TCP", port.get("containerPort", 0)


End = Pod | Address


# -- one policy --------------------------------------------------------------------------------------------


def types(policy: Object) -> set[str]:
    """defaults.go: no types given are Ingress, and Egress too if there is an egress rule.

    What is neither Ingress nor Egress is refused by validation.go and is no direction.
    """
    spec = mapping(policy.get("spec"))
    written = sequence(spec.get("policyTypes"))
    if not written:
        return {"Ingress", "Egress"} if sequence(spec.get("egress")) else {"Ingress"}
    return {t for t in written if t in {"Ingress", "Egress"}}


def pod_selector(policy: Object) -> Any:
    """types.go: absent and null are the empty selector, which selects all pods of the namespace."""
    return mapping(policy.get("spec")).get("podSelector")


def rules(policy: Object, direction: str) -> list[Object]:
    """A section whose direction is not among the types does nothing; a null rule decodes as an empty one."""
    if direction not in types(policy):
        return []
    return [mapping(rule) for rule in sequence(mapping(policy.get("spec")).get(direction.lower()))]


def peers(rule: Object, direction: str) -> list[Object]:
    return [mapping(peer) for peer in sequence(rule.get("from" if direction == "Ingress" else "to"))]


def in_block(block: Object, other: Address | None) -> bool:
    """The cidr minus what is excepted; an end without an address is in no block."""
    cidr = network(block.get("cidr"))
    excepted = [network(e) for e in sequence(block.get("except"))]
    if cidr is None or None in excepted or other is None:
        return False
    return other in cidr and not any(other in e for e in excepted if e is not None)


def port_name(written: str) -> bool:
    """IsValidPortName: 15 characters, letters, digits and inner single dashes, one letter at least."""
    return bool(
        re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", written) and re.search("[a-z]", written) and len(written) <= 15
    )


def valid_port(entry: Object) -> bool:
    """validation.go, ValidateNetworkPolicyPort."""
    port, last = entry.get("port"), entry.get("endPort")
    if entry.get("protocol") not in {None, *PROTOCOLS}:
        return False
    if port is None or isinstance(port, str):
        return last is None and (port is None or port_name(port))
    return 1 <= port <= 65535 and (last is None or port <= last <= 65535)


def port_matches(entry: Object, protocol: str, number: int, destination: End) -> bool:
    """types.go, NetworkPolicyPort: protocol defaults to TCP; no port is every port; endPort is inclusive.

    A name stands for all container ports of that name and protocol at the destination pod; it never
    matches an address or a hostNetwork pod.
    """
    if not valid_port(entry) or (entry.get("protocol") or "TCP") != protocol:
        return False
    port, last = entry.get("port"), entry.get("endPort")
    if port is None:
        return True
    if isinstance(port, str):
        return (
            isinstance(destination, Pod)
            and not destination.host_network
            and (port, protocol, number) in set(destination.container_ports)
        )
    return port <= number <= (port if last is None else last)


def ports_match(rule: Object, protocol: str, number: int, destination: End) -> bool:
    """types.go: "If this field is empty or missing, this rule matches all ports"."""
    entries = sequence(rule.get("ports"))
    return not entries or any(port_matches(mapping(e), protocol, number, destination) for e in entries)


# -- the cluster -------------------------------------------------------------------------------------------


class Cluster:
    """What the objects of a cluster mean; of two of one kind, namespace and name, the last counts."""

    def __init__(self, objects: list[Object]):
        kept: dict[tuple[str | None, str, str], Object] = {}
        for obj in objects:
            scope = "" if kind(obj) in {"Namespace", "Node"} else namespace(obj)
            kept[kind(obj), scope, name(obj)] = obj
        of = {k: [o for o in kept.values() if kind(o) == k] for k in ("Namespace", "Pod", "Node", "Service")}
        self.policies = [o for o in kept.values() if kind(o) == "NetworkPolicy"]
        self.nodes, self.services = of["Node"], of["Service"]
        everything = [Pod(o) for o in of["Pod"]]
        self.pods = [p for p in everything if not p.finished]
        # A namespace exists if there is a Namespace object, or a pod (finished too), a NetworkPolicy or a
        # Service in it; each has the label kubernetes.io/metadata.name with its name.
        self.namespaces = {ns: {NAME_LABEL: ns} for ns in map(namespace, self.policies + of["Service"])}
        self.namespaces |= {p.namespace: {NAME_LABEL: p.namespace} for p in everything}
        self.namespaces |= {name(o): {**labels(o), NAME_LABEL: name(o)} for o in of["Namespace"]}

    def pod(self, id: str) -> Pod:  # noqa: A002  # reads best at the calls
        (found,) = (p for p in self.pods if p.id == id)
        return found

    # "A policy applies to a pod if it is in the pod's namespace, its podSelector selects the pod and the
    # direction is among its types." No policy applies to a hostNetwork pod, which is its node.
    def applying(self, pod: Pod, direction: str) -> list[Object]:
        return [
            policy
            for policy in self.policies
            if not pod.host_network
            and namespace(policy) == pod.namespace
            and selects(pod_selector(policy), pod.labels)
            and direction in types(policy)
        ]

    def isolated(self, pod: Pod, direction: str) -> bool:
        """The pod is isolated by being selected, whatever the rules say."""
        return bool(self.applying(pod, direction))

    def peer_matches(self, policy: Object, peer: Object, other: End, at: Address | None) -> bool:
        """types.go, NetworkPolicyPeer: nil and empty differ here.

        podSelector alone: pods of the policy's own namespace. namespaceSelector alone: all pods of those
        namespaces. Both: pods that match in namespaces that match. ipBlock: no other field may be set, and
        it is compared with the address, whatever has it. No field set is refused, and matches nothing.
        """
        pods, namespaces, block = peer.get("podSelector"), peer.get("namespaceSelector"), peer.get("ipBlock")
        if block is not None:
            return pods is None and namespaces is None and in_block(mapping(block), at)
        if not isinstance(other, Pod) or other.host_network or (pods is None and namespaces is None):
            return False
        in_namespace = (
            other.namespace == namespace(policy)
            if namespaces is None
            else selects(namespaces, self.namespaces[other.namespace])
        )
        return in_namespace and (pods is None or selects(pods, other.labels))

    def admits(self, pod: Pod, direction: str, other: End, at: Address | None, port: tuple[str, int]) -> bool:
        """Whether this pod's own policies let the connection pass: any rule of any that applies is enough.

        types.go: "If this field is empty or missing, this rule matches all sources" (destinations).
        """
        applying = self.applying(pod, direction)
        destination = pod if direction == "Ingress" else other
        return not applying or any(
            (
                not peers(rule, direction)
                or any(self.peer_matches(policy, peer, other, at) for peer in peers(rule, direction))
            )
            and ports_match(rule, *port, destination)
            for policy in applying
            for rule in rules(policy, direction)
        )

    def node_addresses(self, pod: Pod) -> set[Address]:
        """The addresses of the pod's own node: status.hostIP(s) and the Node object's."""
        written = [pod.status.get("hostIP")]
        written += [mapping(entry).get("ip") for entry in sequence(pod.status.get("hostIPs"))]
        for node in self.nodes:
            if name(node) == text(pod.spec.get("nodeName")):
                known = sequence(mapping(node.get("status")).get("addresses"))
                written += [mapping(entry).get("address") for entry in known]
        return {a for a in map(address, written) if a is not None}

    def is_own_node(self, source: End, at: Address | None, pod: Pod) -> bool:
        """types.go, ingress: "OR if the traffic source is the pod's local node"."""
        same = (
            isinstance(source, Pod)
            and source.host_network
            and text(source.spec.get("nodeName")) == text(pod.spec.get("nodeName")) != ""
        )
        return same or (
            (not isinstance(source, Pod) or source.host_network) and at in self.node_addresses(pod)
        )

    def allowed(
        self, source: End, destination: End, protocol: str, number: int, *, own_node: bool = True
    ) -> bool:
        """Whether one connection may be opened; `own_node=False` leaves the exemption for the node out.

        A pod always reaches itself, by its own address too. Otherwise the source's egress and the
        destination's ingress must both allow it, over a pair of addresses of one family.
        """
        if source is destination or address_of(source, destination) or address_of(destination, source):
            return True
        return any(
            (
                not isinstance(source, Pod)
                or self.admits(source, "Egress", destination, there, (protocol, number))
            )
            and (
                not isinstance(destination, Pod)
                or self.admits(destination, "Ingress", source, here, (protocol, number))
                or (own_node and self.is_own_node(source, here, destination))
            )
            for here, there in pairs(source, destination)
        )


def address_of(pod: End, other: End) -> bool:
    return isinstance(pod, Pod) and not isinstance(other, Pod) and other in pod.addresses


def pairs(source: End, destination: End) -> list[tuple[Address | None, Address | None]]:
    """A connection runs over two addresses of one family; an end without one is judged by policies alone."""
    here = source.addresses if isinstance(source, Pod) else [source]
    there = destination.addresses if isinstance(destination, Pod) else [destination]
    return [
        (a, b)
        for a in here or [None]
        for b in there or [None]
        if a is None or b is None or a.version == b.version
    ]
