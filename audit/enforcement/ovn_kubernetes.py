"""OVN-Kubernetes, in OpenShift too, where the cluster's Network says that it is the plug-in."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import ADMIN, BASELINE, Abilities, Answer, Finding, annotated, enforced

_PLUGIN: Final = "OVN-Kubernetes"
NETWORK: Final = "config.openshift.io"
OPERATOR: Final = "operator.openshift.io"
_CONTAINERS: Final = ("ovnkube-controller", "ovnkube-node", "ovn-controller")
_NAMES: Final = ("ovnkube-node", "ovs-node")
_ABILITIES: Final = Abilities(knows=frozenset((ADMIN, BASELINE, "k8s.ovn.org")))


def network_type(evidence: Evidence) -> str:
    """The plug-in that OpenShift's Network names, or nothing."""
    operator = evidence.networks.get(OPERATOR, {}).get("defaultNetwork") or {}
    named = evidence.networks.get(NETWORK, {}).get("networkType") or operator.get("type")
    return str(named or "")


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet; or the Network of OpenShift, whose operator runs it."""
    agents = [
        agent
        for agent in evidence.running(*_CONTAINERS, names=_NAMES)
        if agent.name.startswith("ovnkube") or not agent.containers
    ]
    reason = "It writes the rules of the policies into OVN."
    for agent in agents:
        yield enforced(_PLUGIN, agent, reason, version=_version(agent.containers), abilities=_ABILITIES)
    if agents:
        return
    if network_type(evidence).lower() == "ovnkubernetes":
        told = "OpenShift runs the plug-in that its Network names."
        yield named_alone(evidence, _PLUGIN, told, enforces=True, abilities=_ABILITIES)
    else:
        yield from annotated(evidence, _PLUGIN, "k8s.ovn.org/")


def named_alone(evidence: Evidence, plugin: str, reason: str, *, enforces: bool, **more: object) -> Finding:
    """A plug-in that a Network names, and no agent of which was read."""
    shown = f"Network cluster ({NETWORK})"
    if enforces and evidence.agents_known:
        told = f"The Network names {plugin}, and no agent of it is among those that were read."
        return Finding(plugin, Answer.CANNOT_TELL, shown, told)
    answer = Answer.ENFORCED if enforces else Answer.NOT_ENFORCED
    return Finding(plugin, answer, shown, reason, **more)  # type: ignore[arg-type]


def _version(containers: tuple[object, ...]) -> str:
    """Empty where images are named by their digest, as OpenShift's are."""
    found = (getattr(one, "version", "") for one in containers)
    return next((version for version in found if version), "")
