"""Kube-OVN: enforces unless its controller is told not to."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import (
    ADMIN,
    BASELINE,
    CLUSTER,
    Abilities,
    Finding,
    annotated,
    cannot_tell,
    enforced,
    not_enforced,
)

_CONTROLLER: Final = "kube-ovn-controller"
_SWITCH: Final = "--enable-np"
_ABILITIES: Final = Abilities(undecided=frozenset((ADMIN, BASELINE, CLUSTER)))
"""The standard kinds hang on a switch of the controller."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet on the nodes, and the Deployment of its controller."""
    agents = [agent for agent in evidence.agents if agent.name == "kube-ovn-cni"]
    containers = evidence.deployments.get(_CONTROLLER)
    for agent in agents:
        version = next((one.version for one in (*(containers or ()), *agent.containers) if one.version), "")
        if containers is None:
            reason = f"Whether its controller runs with {_SWITCH}=false was not read."
            yield cannot_tell("Kube-OVN", agent, reason, version=version)
        elif all(one.on(_SWITCH, default=True) for one in containers):
            reason = "Its controller writes the rules of the policies into OVN."
            yield enforced("Kube-OVN", agent, reason, version=version, abilities=_ABILITIES)
        else:
            reason = f"Its controller runs with {_SWITCH}=false."
            yield not_enforced("Kube-OVN", agent, reason, version=version, network=True)
    if not agents:
        yield from annotated(evidence, "Kube-OVN", "ovn.kubernetes.io/")
