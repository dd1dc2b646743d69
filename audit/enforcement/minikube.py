"""minikube without a plug-in of its own: a bridge, which enforces nothing."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Answer, Finding

_LABEL: Final = "minikube.k8s.io/name"


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its nodes, where all that runs on them is known; any plug-in that was seen counts instead."""
    nodes = [node.number for node in evidence.nodes if _LABEL in node.labels]
    if nodes and evidence.system_seen:
        shown = f"label {_LABEL} of Node {evidence.nodes[nodes[0]].name}"
        reason = "No plug-in runs on it, so that its pods are on the bridge that minikube sets up."
        yield Finding("bridge", Answer.NOT_ENFORCED, shown, reason, nodes=nodes, fallback=True)
