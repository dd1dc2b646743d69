"""GKE: Dataplane V2 (anetd) always enforces; the older network only with Calico as an add-on."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement import cilium
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Abilities, Answer, Finding, enforced, not_enforced

_POOL: Final = "cloud.google.com/gke-nodepool"
_OFF: Final = "Neither Dataplane V2 nor the add-on for network policies is in use: no anetd, no calico-node."


def find(evidence: Evidence) -> Iterator[Finding]:
    """Dataplane V2; or the network without it, on which another plug-in may run."""
    agents = list(evidence.running("anetd", "cilium-agent", names=("anetd",)))
    agents = [agent for agent in agents if agent.name == "anetd"]
    for agent in agents:
        container = agent.container("cilium-agent", "anetd")
        version = container.version if container else ""
        ignores = cilium.abilities("", {}).ignores
        yield enforced(
            "GKE Dataplane V2",
            agent,
            "Dataplane V2 enforces policies, and has no switch that turns that off.",
            version=version,
            abilities=Abilities(
                ignores=ignores,
                knows=frozenset(("networking.gke.io",)),
                undecided=frozenset(("cilium.io",)),
            ),
        )
    if agents:
        return
    for agent in evidence.running("netd", names=("netd",)):
        yield not_enforced("GKE", agent, _OFF, network=True)
    nodes = [node.number for node in evidence.nodes if _POOL in node.labels]
    if nodes and evidence.system_seen:
        evidence_of = f"label {_POOL} of Node {evidence.nodes[nodes[0]].name}"
        yield Finding("GKE", Answer.NOT_ENFORCED, evidence_of, _OFF, nodes=nodes, fallback=True)
