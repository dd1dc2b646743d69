"""What pictures of reach know of the namespaces: which have pods, which are reported, which are in doubt."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audit.compose.view import View
from audit.exposure.exposure import ANY
from audit.policy.hops import Hops
from audit.policy.identities import Ints
from audit.policy.ports import ALL
from audit.policy.sets import ConnectionSets
from audit.queries.crossings import Crossings
from audit.snapshot import READABLE

Which = NDArray[np.bool_]


@dataclass(frozen=True)
class Spaces:
    """The namespaces of a cluster by number, and what policies let pass between them."""

    view: View
    hops: Hops

    @cached_property
    def names(self) -> list[str]:
        """Their names."""
        return self.view.facts.cluster.namespaces

    @cached_property
    def pods(self) -> Ints:
        """How many pods of each policies can govern."""
        found: Ints = self.view.facts.namespaces["pods"].to_numpy().astype(np.int64)
        return found

    @cached_property
    def open(self) -> Ints:
        """How many of these no policy selects for ingress."""
        found: Ints = self.pods - self.view.facts.namespaces["pods_ingress_isolated"].to_numpy()
        return found

    @cached_property
    def leaving(self) -> Ints:
        """How many pods of each may connect to any address outside, by their own rules."""
        return self._leaving(ANY)

    @cached_property
    def leaving_for_some(self) -> Ints:
        """How many may to some addresses outside, and to no others."""
        return self._leaving("limited")

    def _leaving(self, word: str) -> Ints:
        facts = self.view.facts
        found = (facts.reach["egress_external"] == word).to_numpy()
        return np.bincount(facts.cluster.namespace_of_pod[found], minlength=len(self.names))

    @cached_property
    def system(self) -> Which:
        """Which are system namespaces."""
        found: Which = self.view.facts.namespaces["system"].to_numpy().astype(np.bool_)
        return found

    @cached_property
    def reported(self) -> Which:
        """Which the report is narrowed to, or all."""
        if self.view.only is None:
            return np.ones(len(self.names), np.bool_)
        return np.isin(np.array(self.names, dtype=object), list(self.view.only))

    @cached_property
    def doubtful(self) -> Which:
        """Which policies could govern that are not evaluated, or where it is not known what selects them."""
        facts = self.view.facts
        unsure = (facts.namespaces["unevaluated_policies"] != "").to_numpy().astype(np.bool_)
        for kind in ("networkpolicies", "pods"):
            if facts.snapshot.state(kind) not in READABLE:
                read = facts.snapshot.read_in(kind)
                unsure = unsure | ~np.array([name in read for name in self.names], np.bool_)
        return unsure | (not self.view.readable("namespaces"))

    @cached_property
    def of_identity(self) -> Ints:
        """The namespace of each identity."""
        found: Ints = self.view.facts.cluster.engine.ends.identities.namespace
        return found

    @cached_property
    def sets(self) -> ConnectionSets:
        """By which connections are numbered."""
        return self.view.facts.cluster.engine.sets

    def crossings(self, groups: Ints, count: int) -> Crossings:
        """Between groups of namespaces, numbered for each; those of none are left out."""
        of_pod = self.view.facts.cluster.identity_of_pod
        per_identity = np.bincount(of_pod, minlength=len(self.of_identity))
        inside = self.of_identity >= 0
        of_identity = np.where(inside, groups[self.of_identity], -1)
        return Crossings(self.hops, self.sets, of_identity, per_identity, count)

    def ports(self, number: int) -> str:
        """A connection set as pictures have it: all ports, or TCP 80, 8080-8090; UDP 53."""
        connections = self.sets[number]
        if connections == ALL:
            return "all ports"
        return str(connections).replace(";", "; ").replace(",", ", ")
