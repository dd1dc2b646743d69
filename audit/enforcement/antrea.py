"""Antrea: its agent enforces, as a network or for policies alone over another."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import ADMIN, BASELINE, CLUSTER, Abilities, Finding, annotated, enforced

_NAMES: Final = ("antrea-agent", "antrea-agent-windows")
_ABILITIES: Final = Abilities(
    knows=frozenset(("crd.antrea.io",)), undecided=frozenset((ADMIN, BASELINE, CLUSTER))
)
"""The standard kinds hang on a feature gate."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSets, for Linux and Windows."""
    agents = list(evidence.running("antrea-agent", names=_NAMES))
    for agent in agents:
        container = agent.container("antrea-agent")
        yield enforced(
            "Antrea",
            agent,
            "Its agent writes the rules of the policies on each node.",
            version=container.version if container else "",
            abilities=_ABILITIES,
        )
    if not agents:
        yield from annotated(evidence, "Antrea", "node.antrea.io/")
