"""Terway, of Alibaba Cloud: enforces where its container `policy` runs and no ConfigMap forbids it."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Finding, cannot_tell, enforced, not_enforced

_CONFIG: Final = "eni-config"
_OFF: Final = "disable_network_policy"


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, with the ConfigMap that says how."""
    settings = evidence.config_maps.get(_CONFIG)
    for agent in evidence.running("terway", "acs/terway", names=("terway", "terway-eni", "terway-eniip")):
        daemon, policies = agent.container("terway"), agent.container("policy")
        version = daemon.version if daemon else ""
        if not agent.containers or (settings is None and not evidence.config_known):
            reason = f"Whether policies are off stands in ConfigMap {_CONFIG}, which was not read."
            yield cannot_tell("Terway", agent, reason, version=version)
        elif policies is None:
            reason = "Its pods have no container that enforces policies."
            yield not_enforced("Terway", agent, reason, version=version, network=True)
        elif (settings or {}).get(_OFF) == "true":
            reason = f"Policies are switched off (ConfigMap {_CONFIG}, {_OFF})."
            yield not_enforced("Terway", agent, reason, version=version, network=True)
        else:
            reason = "Its container policy runs, and is not switched off."
            yield enforced("Terway", agent, reason, version=version)
