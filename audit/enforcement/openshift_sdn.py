"""OpenShift SDN: enforces in its mode NetworkPolicy, which is the default. Removed after OpenShift 4.16."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Abilities, Answer, Finding, cannot_tell, enforced, not_enforced
from audit.enforcement.ovn_kubernetes import NETWORK, OPERATOR, named_alone, network_type

_PLUGIN: Final = "OpenShift SDN"
_POLICY: Final = "networkpolicy"
_ABILITIES: Final = Abilities(knows=frozenset(("network.openshift.io",)))


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet or the Network that names it, with the mode that the operator's Network has."""
    agents = [
        agent for agent in evidence.running("sdn", names=("sdn",)) if agent.namespace == "openshift-sdn"
    ]
    if not agents and network_type(evidence).lower() != "openshiftsdn":
        return
    if OPERATOR not in evidence.networks:
        reason = f"Its mode is in the Network of {OPERATOR}, which was not read."
        shown = f"Network cluster ({NETWORK})"
        for agent in agents:
            yield cannot_tell(_PLUGIN, agent, reason)
        if not agents:
            yield Finding(_PLUGIN, Answer.CANNOT_TELL, shown, reason)
        return
    operator = evidence.networks[OPERATOR].get("defaultNetwork") or {}
    mode = str((operator.get("openshiftSDNConfig") or {}).get("mode") or "NetworkPolicy")
    enforces = mode.lower() == _POLICY
    reason = f"It runs in the mode {mode}, " + (
        "in which it enforces policies." if enforces else "in which it passes over policies."
    )
    for agent in agents:
        if enforces:
            yield enforced(_PLUGIN, agent, reason, mode=mode, abilities=_ABILITIES)
        else:
            yield not_enforced(_PLUGIN, agent, reason, mode=mode, network=True)
    if not agents:
        yield named_alone(evidence, _PLUGIN, reason, enforces=enforces, mode=mode, abilities=_ABILITIES)
