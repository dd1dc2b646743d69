"""What both ends of a connection allow, for one source and all destinations at a time."""

from collections import OrderedDict
from typing import Final, NamedTuple, TypeVar

import numpy as np

from audit.policy.addresses import FAMILIES
from audit.policy.ends import Among, Part
from audit.policy.engine import Engine
from audit.policy.identities import FAMILY_BIT, Ints, stretches
from audit.policy.model import Direction
from audit.policy.sets import ALL_NUMBER, NONE_NUMBER, Numbers

_ENTRIES: Final = 1 << 23
"""Entries of a block of sources, about."""
_KEPT: Final = 16
"""Profiles of sources that are kept: sources are asked about in their order."""
_KEPT_BLOCKS: Final = 2
"""Blocks of sources, one for each family."""

T = TypeVar("T")


class _LetIn(NamedTuple):
    """What isolated destinations let in from a block of sources: nothing but these entries.

    The source at place i of the block has those from `bounds[i]` to `bounds[i + 1]`, each an ingress profile
    and the number of the connection set.
    """

    bounds: Ints
    profiles: Ints
    allowed: Numbers


class Pairs:
    """Rows of the matrix of all pairs; never the matrix."""

    def __init__(self, engine: Engine, sources: Ints | None = None, destinations: Ints | None = None) -> None:
        """Of the verdicts of `engine`; from and to some ends, in order, or all."""
        every = np.arange(len(engine.ends))
        self._engine = engine
        self._sources = every if sources is None else sources
        self._destinations = every if destinations is None else destinations
        self._to = Among(engine.ends, self._destinations)
        self._outward, self._out_of_end = engine.profiles(Direction.EGRESS)
        self._inward, of_end = engine.profiles(Direction.INGRESS)
        in_of_place = of_end[self._destinations]
        isolating = np.array([bool(profile.policies) for profile in self._inward], np.bool_)
        self._unnamed = np.where(isolating[in_of_place], NONE_NUMBER, ALL_NUMBER).astype(np.int32)
        """What each destination lets in from those that none of its rules names: an isolated one nothing."""
        self._by_profile = np.argsort(in_of_place, kind="stable")
        self._bounds = np.searchsorted(in_of_place[self._by_profile], np.arange(len(self._inward) + 1))
        met = np.diff(self._bounds) > 0
        self._isolated: list[int] = np.flatnonzero(met & isolating).tolist()
        """Profiles of destinations that let in only what they name."""
        self._size = self._block_size()
        self._nothing = np.full(len(self._destinations), NONE_NUMBER, np.int32)
        """What an isolated source lets out that names none of the destinations."""
        self._lets_out: OrderedDict[tuple[int, int], Numbers] = OrderedDict()
        self._lets_in: OrderedDict[tuple[int, int], _LetIn] = OrderedDict()
        self._has = {f: (engine.ends.families & FAMILY_BIT[f]) != 0 for f in FAMILIES}
        self._over = {f: self._has[f][self._destinations] for f in FAMILIES}

    def row(self, source: int) -> Numbers:
        """What the end `source` may open to each destination, as numbers of `engine.sets`.

        Concept page: "both the egress policy on the source pod and the ingress policy on the destination pod
        need to allow the connection". It runs over two addresses of one family, whichever allows it.
        """
        sets = self._engine.sets
        allowed = np.full(len(self._destinations), NONE_NUMBER, np.int32)
        for family in (f for f in FAMILIES if self._has[f][source]):
            out = self._out(int(self._out_of_end[source]), family)
            into = self._into(source, family)
            at = np.flatnonzero((out != NONE_NUMBER) & (into != NONE_NUMBER) & self._over[family])
            allowed[at] = sets.union(allowed[at], sets.intersection(out[at], into[at]))
        return allowed

    def _out(self, profile: int, family: int) -> Numbers:
        """What an end of an egress profile lets out to each destination."""
        known = _recall(self._lets_out, (profile, family))
        if known is None:
            whose = self._outward[profile]
            if whose.policies and not self._engine.named(Direction.EGRESS, whose, family, self._to):
                known = self._nothing
            else:
                known = self._engine.verdicts(Direction.EGRESS, whose, family, self._to)
            _keep(self._lets_out, (profile, family), known, _KEPT)
        return known

    def _into(self, source: int, family: int) -> Numbers:
        """What each destination lets in from a source."""
        block, place = divmod(int(np.searchsorted(self._sources, source)), self._size)
        entries = _recall(self._lets_in, (block, family))
        if entries is None:
            entries = self._entries(self._sources[block * self._size : (block + 1) * self._size], family)
            _keep(self._lets_in, (block, family), entries, _KEPT_BLOCKS)
        mine = slice(entries.bounds[place], entries.bounds[place + 1])
        first, last = self._bounds[entries.profiles[mine]], self._bounds[entries.profiles[mine] + 1]
        into = self._unnamed.copy()
        into[self._by_profile[stretches(first, last)]] = np.repeat(entries.allowed[mine], last - first)
        return into

    def _entries(self, sources: Ints, family: int) -> _LetIn:
        """What all destinations let in from a block of sources."""
        at, profiles, allowed = [sources[:0]], [sources[:0]], [np.empty(0, np.int32)]
        block = Among(self._engine.ends, sources)
        for number in self._isolated:
            profile = self._inward[number]
            named = self._engine.named(Direction.INGRESS, profile, family, block)
            if not named:
                continue
            some = named[0] if len(named) == 1 else np.unique(np.concatenate(named))
            at.append(some)
            profiles.append(np.full(len(some), number))
            allowed.append(self._engine.verdicts(Direction.INGRESS, profile, family, Part(block, some)))
        place = np.concatenate(at)
        order = np.argsort(place, kind="stable")
        return _LetIn(
            np.searchsorted(place[order], np.arange(len(sources) + 1)),
            np.concatenate(profiles)[order],
            np.concatenate(allowed)[order],
        )

    def _block_size(self) -> int:
        """Sources of a block, so that its entries fit into memory: at most all, at least one."""
        everyone = Among(self._engine.ends, self._sources)
        entries = sum(
            len(at)
            for number in self._isolated
            for at in self._engine.named(Direction.INGRESS, self._inward[number], FAMILIES[0], everyone)
        )
        sources = len(self._sources)
        return max(1, min(sources, _ENTRIES * sources // max(1, entries)))


def _recall(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int]) -> T | None:
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


def _keep(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int], value: T, most: int) -> None:
    kept[key] = value
    if len(kept) > most:
        kept.popitem(last=False)
