"""Romana: its agent enforces. Given up in 2018."""

from collections.abc import Iterator

from audit.enforcement._abilities import NOT_KNOWN
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Abilities, Finding, enforced


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet."""
    for agent in evidence.running("romana-agent", "romana/agent", names=("romana-agent",)):
        container = agent.container("romana-agent", "romana/agent")
        yield enforced(
            "Romana",
            agent,
            "Its agent writes the rules of the policies on each node. It is not developed any more.",
            version=container.version if container else "",
            abilities=Abilities(ignores=NOT_KNOWN),
        )
