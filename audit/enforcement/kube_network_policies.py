"""kube-network-policies: policies alone, as an add-on to whatever network there is."""

from collections.abc import Iterator
from typing import Final

from audit.enforcement._agents import Container
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import ADMIN, BASELINE, CLUSTER, Abilities, Finding, enforced

CONTAINER: Final = ("kube-network-policies", "networking/kube-network-policies")
"""Its container, by name or by image."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """A DaemonSet of its own; within Flannel's pods it is Flannel's."""
    for agent in evidence.running(*CONTAINER, names=("kube-network-policies",)):
        container = agent.container(*CONTAINER)
        if agent.container("kube-flannel", "flannel/flannel"):
            continue
        yield enforced(
            "kube-network-policies",
            agent,
            "It judges the packets of each connection by the policies.",
            version=container.version if container else "",
            abilities=abilities(container) if container else Abilities(undecided=frozenset(_MORE)),
        )


_MORE: Final = (ADMIN, BASELINE, CLUSTER)


def abilities(container: Container) -> Abilities:
    """Of the plain program NetworkPolicies alone; of its variants, by a switch or by the image, more."""
    knows = set()
    for flag, kind in (("--admin-network-policy", ADMIN), ("--baseline-admin-network-policy", BASELINE)):
        if container.on(flag, default=False):
            knows.add(kind)
    variant = any(word in container.image for word in ("-npa", "-anp", "-cnp", "-iptracker"))
    return Abilities(knows=frozenset(knows), undecided=frozenset(_MORE) - knows if variant else frozenset())
