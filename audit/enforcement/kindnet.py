"""kindnet, of kind and minikube: enforces from kind 0.24 on, whose image is of August 2024."""

import re
from collections.abc import Iterator
from typing import Final

from audit.enforcement._agents import Container
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Finding, cannot_tell, enforced, not_enforced

_CONTAINER: Final = ("kindnet-cni", "kindnetd")
_DATED: Final = re.compile(r"v(\d{8})-")
_FIRST: Final = 20240813
_OLD: Final = re.compile(r"v?0\.")


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, judged by the image, or else by what its ClusterRole lets it read."""
    for agent in evidence.running(*_CONTAINER, "kindest/kindnetd", names=("kindnet",)):
        container = agent.container(*_CONTAINER, "kindest/kindnetd")
        version = container.version if container else ""
        able = _able(container, reads=evidence.role_reads_policies)
        if able is None:
            reason = "Whether this version enforces policies cannot be told by its image."
            yield cannot_tell("kindnet", agent, reason, version=version)
        elif able:
            reason = "This version of kindnet enforces policies; if it cannot set that up it only logs so."
            yield enforced("kindnet", agent, reason, version=version)
        else:
            reason = "This version of kindnet does not know policies: those from kind 0.24 on do."
            yield not_enforced("kindnet", agent, reason, version=version, network=True)


def _able(container: Container | None, *, reads: bool | None) -> bool | None:
    if container:
        if dated := _DATED.match(container.version):
            return int(dated[1]) >= _FIRST
        if _OLD.match(container.version):
            return False
    return reads
