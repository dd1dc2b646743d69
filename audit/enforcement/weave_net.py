"""Weave Net: the container weave-npc beside the router enforces. Not developed since 2022."""

from collections.abc import Iterator

from audit.enforcement._abilities import NOT_KNOWN
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Abilities, Finding, cannot_tell, enforced, not_enforced

_OLD = "It is not developed any more."


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, with or without the policy controller."""
    for agent in evidence.running("weave", "weave-npc", names=("weave-net",)):
        router, policies = agent.container("weave"), agent.container("weave-npc")
        version = next((one.version for one in (policies, router) if one and one.version), "")
        if not agent.containers:
            yield cannot_tell("Weave Net", agent, "Whether its pods have weave-npc was not read.")
        elif policies is None:
            reason = "Weave Net runs without the container weave-npc, so that nothing enforces policies."
            yield not_enforced("Weave Net", agent, reason, version=version, network=True)
        elif router is not None and not router.on("EXPECT_NPC", default=True):
            reason = "Weave Net is set not to use its policy controller (EXPECT_NPC=0)."
            yield not_enforced("Weave Net", agent, reason, version=version, network=True)
        else:
            reason = f"The container weave-npc enforces policies. {_OLD}"
            yield enforced(
                "Weave Net", agent, reason, version=version, abilities=Abilities(ignores=NOT_KNOWN)
            )
