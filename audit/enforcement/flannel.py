"""Flannel: a network without policies, unless kube-network-policies runs in its pods."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement import calico, kube_network_policies
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Finding, annotated, cannot_tell, enforced, not_enforced

_NAMES: Final = ("kube-flannel-ds", "kube-flannel", "rke2-flannel")


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet; the one of Canal is another matter."""
    agents = [
        agent
        for agent in evidence.running(*calico.FLANNEL, names=_NAMES)
        if not agent.container(*calico.NODE)
    ]
    for agent in agents:
        container = agent.container(*calico.FLANNEL)
        version = container.version if container else ""
        policies = agent.container(*kube_network_policies.CONTAINER)
        if policies:
            reason = "Flannel's pods have the container kube-network-policies, which enforces policies."
            abilities = kube_network_policies.abilities(policies)
            yield enforced(
                "Flannel with kube-network-policies", agent, reason, version=version, abilities=abilities
            )
        elif not agent.containers:
            yield cannot_tell("Flannel", agent, "Whether its pods enforce policies was not read.")
        else:
            reason = "Flannel is a network and does not enforce policies by itself."
            yield not_enforced("Flannel", agent, reason, version=version, network=True)
    if not agents and not any("+k3s" in node.kubelet for node in evidence.nodes):
        yield from annotated(evidence, "Flannel", "flannel.alpha.coreos.com/")
