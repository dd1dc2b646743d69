"""Pods to which connections from outside may come with the address of a node."""

from functools import cached_property
from typing import Final

import numpy as np

from audit.checks._rules import RuleAt
from audit.exposure.backends import Via
from audit.facts import Facts
from audit.policy.identities import Ints
from audit.policy.model import Direction

_NONE: Final = -1
_BY_NODES: Final = (Via.LOAD_BALANCER, Via.NODE_PORT)


class NodeSources:
    """The Services of one cluster that hide where a connection comes from.

    Service API, externalTrafficPolicy: with Cluster, which is the default, traffic may be sent on by another
    node and loses its source address; with Local it keeps it.
    """

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out yet."""
        self._facts = facts

    def note(self, at: RuleAt) -> str:
        """What to know of ipBlocks of the rule, as a sentence; empty where there is nothing."""
        if at.direction is Direction.EGRESS:
            return ""
        cluster = self._facts.cluster
        found = self._first[cluster.pods_of(cluster.engine.selected[at.at.number])]
        hiding = found[found != _NONE]
        if not len(hiding):
            return ""
        service = self._facts.services.iloc[int(hiding.min())]
        return (
            f"Service {service['namespace']}/{service['service']} has externalTrafficPolicy: Cluster, so who "
            "comes in by it may have the address of a node, and that is what ipBlocks are compared with."
        )

    @cached_property
    def _first(self) -> Ints:
        """The first such Service by which nodes lead to each pod, or none."""
        first = np.full(len(self._facts.pods), _NONE)
        keeps = (self._facts.snapshot["services"]["external_traffic_policy"] == "Local").to_numpy()
        for way in reversed(self._facts.ways):
            if way.via in _BY_NODES and way.service is not None and not keeps[way.service]:
                first[way.pods] = way.service
        return first
