"""Peers that are two items of a list where one was meant."""

import itertools
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.checks._likeness import Objects, opts_in
from audit.checks._rules import RuleAt
from audit.facts import Facts
from audit.policy.identities import NOT_IN_A_NAMESPACE
from audit.policy.model import NOTHING, Peer, PodPeer, Selector

_MOST_PAIRS: Final = 256
"""Pairs of a rule's peers that are compared."""


class Split(NamedTuple):
    """Two of a rule's peers, by their places, that are likely to be meant as one."""

    places: tuple[int, int]
    """Of both, in order."""
    namespaces: Selector
    """That of the item with a namespaceSelector alone."""
    pods: Selector
    """That of the item with a podSelector alone."""
    why: str
    """What shows it, as a part of a sentence."""
    sure: bool
    """Whether the pods are seen that both are about."""


class Splits:
    """The splits of one cluster's rules.

    Two items mean either, and often that is what is meant. They are told where the podSelector alone makes no
    sense: it picks no pod of the policy's own namespace, and pods of the namespaces beside it, or nobody can
    see those; or it picks only pods that the namespaceSelector beside it lets in anyway.
    """

    def __init__(self, facts: Facts, objects: Objects) -> None:
        """Nothing is worked out before it is asked for."""
        self._ends = facts.cluster.engine.ends
        self._homes = facts.cluster.namespace_of_policy.tolist()
        self._objects = objects

    def of(self, at: RuleAt) -> list[Split]:
        """The splits among the rule's peers; a peer is in one at most, with its neighbour if it may be.

        Of two with others between them only what is sure is told.
        """
        peers = at.rule.peers or ()
        spaces = {place: one for place, peer in enumerate(peers) if (one := _whole_namespaces(peer))}
        own = {place: one for place, peer in enumerate(peers) if (one := _own_pods(peer))}
        found: list[Split] = []
        taken: set[int] = set()
        pairs = itertools.islice(itertools.product(spaces, own), _MOST_PAIRS)
        for first, second in sorted(pairs, key=lambda pair: (abs(pair[0] - pair[1]), pair)):
            if taken.isdisjoint((first, second)):
                why, sure = self._compared(spaces[first], own[second], self._homes[at.at.number])
                if why and (sure or abs(first - second) == 1):
                    places = (min(first, second), max(first, second))
                    found.append(Split(places, spaces[first], own[second], why, sure))
                    taken.update(places)
        return sorted(found, key=lambda split: split.places)

    def _compared(self, namespaces: Selector, pods: Selector, home: int) -> tuple[str, bool]:
        """What shows that the two are one peer, empty if nothing does, and whether that is sure."""
        chosen = self._ends.namespaces(namespaces)
        if chosen[home]:
            # nobody lists everyone and some; some of one's own beside a team's namespaces may be meant
            return "the own namespace is among those, so that its pods are let in anyway", namespaces.empty
        if not self._populated[home] or self._objects.picks(pods, home):
            return "", False
        if len(self._ends.members(PodPeer(pods, namespaces), home).ends):
            return "no pod of the own namespace has these labels, and pods of those namespaces do", True
        seen = self._objects.whole or (chosen & self._populated).any()
        unseen = not seen and not opts_in(pods)
        return ("no pod of the own namespace has these labels" if unseen else ""), False

    @cached_property
    def _populated(self) -> NDArray[np.bool_]:
        """Which namespaces have pods that a policy could govern."""
        of_identities = self._ends.identities.namespace
        found = np.zeros(len(self._ends.identities.bounds) - 1, np.bool_)
        found[of_identities[of_identities != NOT_IN_A_NAMESPACE]] = True
        return found


def _whole_namespaces(peer: Peer) -> Selector | None:
    """The namespaceSelector of a peer that has that alone."""
    if isinstance(peer, PodPeer) and peer.pods.empty and peer.namespaces != NOTHING:
        return peer.namespaces
    return None


def _own_pods(peer: Peer) -> Selector | None:
    """The podSelector of a peer that has that alone."""
    if isinstance(peer, PodPeer) and peer.namespaces is None and not peer.pods.empty and peer.pods != NOTHING:
        return peer.pods
    return None
