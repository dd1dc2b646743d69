"""What both ends of a connection allow, for one end and all others at a time."""

from collections import OrderedDict
from typing import Final, NamedTuple, TypeVar

import numpy as np

from audit.policy.addresses import FAMILIES
from audit.policy.ends import Among, Part
from audit.policy.engine import Engine
from audit.policy.identities import FAMILY_BIT, Ints, stretches
from audit.policy.model import Direction
from audit.policy.named import Named
from audit.policy.sets import ALL_NUMBER, NONE_NUMBER, Numbers

_ENTRIES: Final = 1 << 23
"""Entries of a block of near ends, about."""
_KEPT: Final = 16
"""Profiles of near ends that are kept: they are asked about in their order."""
_KEPT_BLOCKS: Final = 2
"""Blocks of near ends, one for each family."""

T = TypeVar("T")


class _Met(NamedTuple):
    """What isolated ends of the far side exchange with a block of the near side: nothing but these entries.

    The near end at place i of the block has those from `bounds[i]` to `bounds[i + 1]`, each a profile of far
    ends and the number of the connection set.
    """

    bounds: Ints
    profiles: Ints
    allowed: Numbers


class Pairs:
    """Rows of the matrix of all pairs, by source or by destination; never the matrix."""

    def __init__(
        self,
        engine: Engine,
        near: Ints | None = None,
        far: Ints | None = None,
        direction: Direction = Direction.EGRESS,
    ) -> None:
        """Of the verdicts of `engine`, between some ends, in order, or all.

        `direction` is that in which the near ends see the connections: by default they are the sources.
        """
        every = np.arange(len(engine.ends))
        self._engine = engine
        self._near = every if near is None else near
        self._far = every if far is None else far
        self._among = Among(engine.ends, self._far)
        self._ours = direction
        self._theirs = direction.opposite
        self._profiles, self._of_end = engine.profiles(self._ours)
        self._far_profiles, of_end = engine.profiles(self._theirs)
        of_place = of_end[self._far]
        isolating = np.array([bool(profile.policies) for profile in self._far_profiles], np.bool_)
        self._unnamed = np.where(isolating[of_place], NONE_NUMBER, ALL_NUMBER).astype(np.int32)
        """What each far end exchanges with those that none of its rules names: an isolated one nothing."""
        self._by_profile = np.argsort(of_place, kind="stable")
        self._bounds = np.searchsorted(of_place[self._by_profile], np.arange(len(self._far_profiles) + 1))
        met = np.diff(self._bounds) > 0
        self._named = Named(engine, self._theirs, np.flatnonzero(met & isolating).tolist())
        """By the profiles of far ends that exchange nothing but what they name."""
        self._size = self._block_size()
        self._by_ours: OrderedDict[tuple[int, int], Numbers] = OrderedDict()
        self._by_theirs: OrderedDict[tuple[int, int], _Met] = OrderedDict()
        self._has = {f: (engine.ends.families & FAMILY_BIT[f]) != 0 for f in FAMILIES}
        self._over = {f: self._has[f][self._far] for f in FAMILIES}

    def row(self, end: int) -> Numbers:
        """What the near end `end` and each far one may exchange, as numbers of `engine.sets`.

        Concept page: "both the egress policy on the source pod and the ingress policy on the destination pod
        need to allow the connection". It runs over two addresses of one family, whichever allows it.
        """
        sets = self._engine.sets
        allowed = np.full(len(self._far), NONE_NUMBER, np.int32)
        for family in (f for f in FAMILIES if self._has[f][end]):
            ours = self._by_our_rules(int(self._of_end[end]), family)
            theirs = self._by_their_rules(end, family)
            at = np.flatnonzero((ours != NONE_NUMBER) & (theirs != NONE_NUMBER) & self._over[family])
            allowed[at] = sets.union(allowed[at], sets.intersection(ours[at], theirs[at]))
        return allowed

    def _by_our_rules(self, profile: int, family: int) -> Numbers:
        """What a near end of a profile allows with each far one."""
        known = _recall(self._by_ours, (profile, family))
        if known is None:
            known = self._engine.verdicts(self._ours, self._profiles[profile], family, self._among)
            _keep(self._by_ours, (profile, family), known, _KEPT)
        return known

    def _by_their_rules(self, end: int, family: int) -> Numbers:
        """What each far end allows with a near one."""
        block, place = divmod(int(np.searchsorted(self._near, end)), self._size)
        entries = _recall(self._by_theirs, (block, family))
        if entries is None:
            entries = self._entries(self._near[block * self._size : (block + 1) * self._size], family)
            _keep(self._by_theirs, (block, family), entries, _KEPT_BLOCKS)
        mine = slice(entries.bounds[place], entries.bounds[place + 1])
        first, last = self._bounds[entries.profiles[mine]], self._bounds[entries.profiles[mine] + 1]
        theirs = self._unnamed.copy()
        theirs[self._by_profile[stretches(first, last)]] = np.repeat(entries.allowed[mine], last - first)
        return theirs

    def _entries(self, near: Ints, family: int) -> _Met:
        """What all far ends allow with a block of near ones."""
        at, profiles, allowed = [near[:0]], [near[:0]], [np.empty(0, np.int32)]
        block = Among(self._engine.ends, near)
        for alike, places in self._named.alike(block, family):
            profile = self._far_profiles[alike[0]]
            exchanged = self._engine.verdicts(self._theirs, profile, family, Part(block, places))
            at.append(np.tile(places, len(alike)))
            profiles.append(np.repeat(alike, len(places)))
            allowed.append(np.tile(exchanged, len(alike)))
        place = np.concatenate(at)
        order = np.argsort(place, kind="stable")
        return _Met(
            np.searchsorted(place[order], np.arange(len(near) + 1)),
            np.concatenate(profiles)[order],
            np.concatenate(allowed)[order],
        )

    def _block_size(self) -> int:
        """Near ends of a block, so that its entries fit into memory: at most all, at least one."""
        entries = self._named.size(Among(self._engine.ends, self._near))
        near = len(self._near)
        return max(1, min(near, _ENTRIES * near // max(1, entries)))


def _recall(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int]) -> T | None:
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


def _keep(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int], value: T, most: int) -> None:
    kept[key] = value
    if len(kept) > most:
        kept.popitem(last=False)
