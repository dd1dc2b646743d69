"""Canal: Calico's policies over Flannel's network, in one DaemonSet with a container of each."""

from collections.abc import Iterator

from audit.enforcement import calico
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Finding


def find(evidence: Evidence) -> Iterator[Finding]:
    """Both containers, whatever the DaemonSet is called (canal, canal-node, rke2-canal)."""
    for agent in evidence.running(*calico.NODE, names=("canal", "rke2-canal")):
        if not agent.containers or agent.container(*calico.FLANNEL):
            yield calico.of("Canal", agent)
