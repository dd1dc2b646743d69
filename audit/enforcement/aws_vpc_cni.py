"""AWS VPC CNI: enforces from version 1.14 on, if its agent and the controller are both switched on.

The definition of PolicyEndpoints is there either way. In EKS Auto Mode the agent is part of the node, and the
ConfigMap alone decides.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from audit.enforcement._abilities import NO_SCTP
from audit.enforcement._agents import Agent
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import (
    Abilities,
    Answer,
    Feature,
    Finding,
    cannot_tell,
    enforced,
    not_enforced,
)

_PLUGIN: Final = "AWS VPC CNI"
_CONFIG: Final = "amazon-vpc-cni"
_CONTROLLER: Final = "enable-network-policy-controller"
_AGENT: Final = "aws-eks-nodeagent"
_MODE: Final = "NETWORK_POLICY_ENFORCING_MODE"
_STANDARD: Final = "standard"
_AUTO: Final = ("eks.amazonaws.com/compute-type", "auto")
_ABILITIES: Final = Abilities(
    ignores={
        Feature.SCTP: NO_SCTP,
        Feature.BARE_PODS: "It governs no pods that have no owner.",
    },
    undecided=frozenset(("networking.k8s.aws",)),
)


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, or the nodes of Auto Mode, with the ConfigMap that the controller reads."""
    for agent in evidence.running("aws-node", "amazon-k8s-cni", names=("aws-node",)):
        yield _found(evidence, agent)
    yield from _auto(evidence)


def _found(evidence: Evidence, agent: Agent) -> Finding:
    router, policies = agent.container("aws-node"), agent.container(_AGENT)
    more: dict[str, str] = {"version": router.version if router else ""}
    settings: Mapping[str, str] = {
        **(router.settings if router else {}),
        **(policies.settings if policies else {}),
    }
    mode = settings.get(_MODE) or settings.get("--network-policy-enforcing-mode") or _STANDARD
    if not agent.containers:
        return cannot_tell(_PLUGIN, agent, "Whether its policy agent is on was not read.")
    if policies is None:
        reason = f"It has no policy agent (container {_AGENT})."
        return not_enforced(_PLUGIN, agent, reason, network=True, **more)
    if not policies.on("--enable-network-policy", default=False):
        reason = f"Its policy agent is off ({_AGENT} --enable-network-policy=false, as it is delivered)."
        return not_enforced(_PLUGIN, agent, reason, network=True, **more)
    controller = _controller(evidence)
    if controller is None:
        reason = f"Its policy agent is on; whether the controller is was not read (ConfigMap {_CONFIG})."
        return cannot_tell(_PLUGIN, agent, reason, **more)
    if not controller:
        reason = f"Its policy agent is on and the controller is off (ConfigMap {_CONFIG}, {_CONTROLLER})."
        return not_enforced(_PLUGIN, agent, reason, network=True, **more)
    reason = "Its policy agent and the controller are both switched on."
    if mode == _STANDARD:
        reason += " In the mode standard a pod is open until its policies are set up."
    return enforced(_PLUGIN, agent, reason, mode=mode, abilities=_ABILITIES, **more)


def _controller(evidence: Evidence) -> bool | None:
    """Whether the controller is on; None if that was not read."""
    settings = evidence.config_maps.get(_CONFIG)
    if settings is None and evidence.endpoints:
        return True  # nobody else writes them
    if settings is None and not evidence.config_known:
        return None
    return (settings or {}).get(_CONTROLLER) == "true"


def _auto(evidence: Evidence) -> Iterator[Finding]:
    nodes = [node.number for node in evidence.nodes if node.labels.get(_AUTO[0]) == _AUTO[1]]
    if not nodes:
        return
    controller, name = _controller(evidence), "EKS Auto Mode"
    shown = f"ConfigMap kube-system/{_CONFIG}"
    if controller is None:
        reason = f"Whether the controller is on stands in ConfigMap {_CONFIG}, which was not read."
        yield Finding(name, Answer.CANNOT_TELL, shown, reason, nodes=nodes)
    elif controller:
        reason = "The agent is part of the node, and the controller is switched on."
        yield Finding(name, Answer.ENFORCED, shown, reason, nodes=nodes, abilities=_ABILITIES)
    else:
        reason = f"The controller is not switched on (ConfigMap {_CONFIG}, {_CONTROLLER})."
        yield Finding(name, Answer.NOT_ENFORCED, shown, reason, nodes=nodes, network=True)
