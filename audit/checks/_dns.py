"""Where the cluster's DNS is, so that what closes egress leaves it open."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from audit.checks._manifests import Manifest
from audit.exposure.container_ports import numbers
from audit.facts import Facts
from audit.frames.labels import label_texts
from audit.policy.addresses import Address
from audit.policy.selectors import NAME_LABEL
from audit.settings import SYSTEM_NAMESPACE

PORT: Final = 53
PORTS: Final = (PORT, 5353)
"""That of DNS, and the one on which its pods listen on OpenShift."""
NAMES: Final = ("dns", "dns-tcp")
"""What its ports are called."""
_SERVICES: Final = ("kube-dns", "coredns", "rke2-coredns-rke2-coredns", "dns-default")
PROTOCOLS: Final = ("UDP", "TCP")


NODE_LOCAL: Final = Address(4, 0xA9FE140A)
"""169.254.20.10, where a cache of each node answers."""
_CACHES: Final = ("DaemonSet/node-local-dns", "DaemonSet/nodelocaldns")
_API_SERVER: Final = (443, 6443)


@dataclass(frozen=True)
class Dns:
    """The pods that answer for DNS: where they are, their labels, and the ports on which they listen."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[tuple[str, int], ...]
    service: str = ""
    """The Service in front of them, as `namespace/name`; empty if none is seen."""
    pods: tuple[int, ...] = ()
    """Their rows in `facts.pods`; none if they are not seen."""
    cached: bool = False
    """Whether nodes have a cache that answers for them, at NODE_LOCAL."""

    def rule_to(self) -> Manifest:
        """The egress rule that lets pods ask them."""
        return {
            "to": [
                {
                    "namespaceSelector": {"matchLabels": {NAME_LABEL: self.namespace}},
                    "podSelector": {"matchLabels": dict(self.labels)},
                },
                *([{"ipBlock": {"cidr": f"{NODE_LOCAL}/32"}}] if self.cached else []),
            ],
            # the cache listens on the port of DNS, whatever the servers listen on
            "ports": self._ports({(p, PORT) for p in PROTOCOLS} if self.cached else set()),
        }

    def rule_from(self) -> Manifest:
        """The ingress rule that lets every pod ask them."""
        return {"from": [{"namespaceSelector": {}}], "ports": self._ports()}

    @staticmethod
    def rules_out() -> list[Manifest]:
        """The egress rules that let them ask other servers, and watch the API server wherever it is."""
        asked = [{"protocol": protocol, "port": PORT} for protocol in PROTOCOLS]
        return [{"ports": asked}, {"ports": [{"protocol": "TCP", "port": port} for port in _API_SERVER]}]

    def _ports(self, more: Collection[tuple[str, int]] = ()) -> list[Manifest]:
        every = sorted({*self.ports, *more}, reverse=True)
        return [{"protocol": protocol, "port": number} for protocol, number in every]


def find(facts: Facts) -> Dns:
    """The pods behind the DNS Service where it is seen, else where nearly every cluster has them."""
    services, ports = facts.snapshot["services"], facts.snapshot["service_ports"]
    cached = bool(facts.pods["workload"].isin(_CACHES).any())
    asked = ports[(ports["port"] == PORT) & (ports["protocol"] == "UDP")]["service"]
    known = services["name"].isin(_SERVICES) & services.index.isin(asked)
    for row in np.flatnonzero(known).tolist():
        pods = facts.selected_by_service[row]
        if len(pods):
            number = int(services["selector"].iloc[row])
            found = {
                (str(port.protocol), _number(facts, pods, str(port.protocol), str(port.target)))
                for port in ports[(ports["service"] == row) & ports["port"].isin([PORT])].itertuples()
            }
            labels = label_texts(facts.snapshot["labels"], [number])[number]
            namespace = str(services["namespace"].iloc[row])
            service = f"{namespace}/{services['name'].iloc[row]}"
            listen = tuple(sorted(found, reverse=True))
            found_labels = tuple(labels.items())
            return Dns(namespace, found_labels, listen, service, tuple(pods.tolist()), cached)
    where = tuple((p, PORT) for p in PROTOCOLS)
    return Dns(SYSTEM_NAMESPACE, (("k8s-app", "kube-dns"),), where, cached=cached)


def _number(facts: Facts, pods: np.ndarray, protocol: str, target: str) -> int:
    """The number of a target port at the pods; 53 where a name is not known to them."""
    if target.isdecimal():
        return int(target)
    named = (numbers(declared, target, protocol) for declared in facts.container_ports.of(pods))
    return next((found[0] for found in named if found), PORT)
