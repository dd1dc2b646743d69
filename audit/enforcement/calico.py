"""Calico: the container calico-node, which writes rules of iptables, of eBPF, or of nftables.

Its custom resource definitions are found where Calico is not (GKE, Terway), and prove nothing.
"""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._abilities import NO_SCTP
from audit.enforcement._agents import Agent, release
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import (
    ADMIN,
    BASELINE,
    CLUSTER,
    Abilities,
    Answer,
    Feature,
    Finding,
    annotated,
    enforced,
)

_OWN: Final = frozenset(("projectcalico.org", "crd.projectcalico.org"))
_FIRST_ADMIN, _FIRST_CLUSTER = (3, 29), (3, 32)
NODE: Final = ("calico-node", "calico/node")
"""The container, by its name or its image."""
FLANNEL: Final = ("kube-flannel", "flannel/flannel", "coreos/flannel")
"""Flannel's."""
_NAMES: Final = ("calico-node", "calico-node-windows")


def find(evidence: Evidence) -> Iterator[Finding]:
    """Calico as a network, or above another."""
    found = [a for a in evidence.running(*NODE, names=_NAMES) if not a.container(*FLANNEL)]
    for agent in found:
        yield of("Calico", agent)
    if not found:
        yield from annotated(evidence, "Calico", "projectcalico.org/")
        yield from _without_agent(evidence)


def of(plugin: str, agent: Agent) -> Finding:
    """What holds of an agent that is Calico's."""
    container = agent.container(*NODE)
    version = container.version if container else ""
    ebpf = container is not None and container.on("FELIX_BPFENABLED", default=False)
    reason = "Its agent calico-node writes the rules of the policies on each node."
    abilities = Abilities(ignores={Feature.SCTP: NO_SCTP} if ebpf else {}, **_kinds(version))
    return enforced(plugin, agent, reason, version=version, mode="eBPF" if ebpf else "", abilities=abilities)


def _kinds(version: str) -> dict[str, frozenset[str]]:
    """From 3.29 on it knew Admin- and BaselineAdminNetworkPolicy, and from 3.32 on ClusterNetworkPolicy."""
    number = release(version)
    if number is None:
        return {"knows": _OWN, "undecided": frozenset((ADMIN, BASELINE, CLUSTER))}
    if number >= _FIRST_CLUSTER:
        return {"knows": _OWN | {CLUSTER}}
    return {"knows": _OWN | {ADMIN, BASELINE}} if number >= _FIRST_ADMIN else {"knows": _OWN}


def _without_agent(evidence: Evidence) -> Iterator[Finding]:
    """What is to install it, and what is left where nothing does."""
    if evidence.installation and not evidence.applied:
        reason = "Calico's operator is told to install it, and enforces policies by it once that is done."
        yield Finding("Calico", Answer.ENFORCED, evidence.installation, reason, to_come=True)
    elif evidence.groups & _OWN:
        shown = "definitions of crd.projectcalico.org"
        reason = "Calico's custom resource definitions are there, and no calico-node: they prove nothing."
        answer = Answer.NOT_ENFORCED if evidence.system_seen else Answer.CANNOT_TELL
        yield Finding("Calico", answer, shown, reason, fallback=True)
