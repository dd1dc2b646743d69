"""kube-router: enforces where its firewall is on, which it is unless it is switched off."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._abilities import NO_SCTP
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import (
    Abilities,
    Feature,
    Finding,
    annotated,
    cannot_tell,
    enforced,
    not_enforced,
)

ABILITIES: Final = Abilities(ignores={Feature.SCTP: NO_SCTP})
"""Also of its controller within k3s."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, as a network or for policies alone."""
    agents = list(evidence.running("kube-router", "cloudnativelabs/kube-router", names=("kube-router",)))
    for agent in agents:
        container = agent.container("kube-router", "cloudnativelabs/kube-router")
        if container is None:
            yield cannot_tell(
                "kube-router", agent, "Whether its firewall is on (--run-firewall) was not read."
            )
        elif not container.on("--run-firewall", default=True):
            reason = "kube-router runs with its firewall off (--run-firewall=false)."
            yield not_enforced("kube-router", agent, reason, version=container.version, network=True)
        else:
            reason = "kube-router runs with its firewall on."
            yield enforced("kube-router", agent, reason, version=container.version, abilities=ABILITIES)
    if not agents:
        yield from annotated(evidence, "kube-router", "kube-router.io/")
