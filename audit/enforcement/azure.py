"""Azure: its Network Policy Manager enforces; without it, or Cilium or Calico, its networks do not."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Answer, Finding, enforced, not_enforced

_CLUSTER: Final = "kubernetes.azure.com/cluster"
_OFF: Final = "The cluster has no network policy engine: neither azure-npm nor Cilium nor Calico runs."


def find(evidence: Evidence) -> Iterator[Finding]:
    """The policy manager, or the network without it, on which another plug-in may run."""
    for agent in evidence.running("azure-npm", "azure-npm-win", names=("azure-npm", "azure-npm-win")):
        container = agent.container("azure-npm", "azure-npm-win")
        yield enforced(
            "Azure NPM",
            agent,
            "The Azure Network Policy Manager writes the rules of the policies on each node.",
            version=container.version if container else "",
        )
    for agent in evidence.running("cns-container", "azure-cns", names=("azure-cns",)):
        yield not_enforced("Azure CNI", agent, _OFF, network=True)
    nodes = [node.number for node in evidence.nodes if _CLUSTER in node.labels]
    if nodes and evidence.system_seen and not any(agent.name == "azure-cns" for agent in evidence.agents):
        shown = f"label {_CLUSTER} of Node {evidence.nodes[nodes[0]].name}"
        yield Finding("Azure (kubenet)", Answer.NOT_ENFORCED, shown, _OFF, nodes=nodes, fallback=True)
