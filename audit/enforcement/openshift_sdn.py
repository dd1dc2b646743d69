"""OpenShift SDN: enforces in its mode NetworkPolicy, which is the default. Removed after OpenShift 4.16."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Abilities, Answer, Finding, enforced, not_enforced
from audit.enforcement.ovn_kubernetes import NETWORK, OPERATOR, network_type

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
    operator = evidence.networks.get(OPERATOR, {}).get("defaultNetwork") or {}
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
        answer = Answer.ENFORCED if enforces else Answer.NOT_ENFORCED
        shown = f"Network cluster ({NETWORK})"
        yield Finding(_PLUGIN, answer, shown, reason, mode=mode, abilities=_ABILITIES)
