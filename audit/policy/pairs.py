"""What both ends of a connection allow, for one source and all destinations at a time."""

from collections import OrderedDict
from typing import Final, TypeVar

import numpy as np

from audit.policy.addresses import FAMILIES
from audit.policy.engine import Engine
from audit.policy.identities import FAMILY_BIT
from audit.policy.model import Direction
from audit.policy.sets import ALL_NUMBER, NONE_NUMBER, Numbers

_CELLS: Final = 1 << 22
"""Verdicts of destinations on sources that are worked out at a time."""
_KEPT: Final = 16
"""Blocks of sources, and profiles of sources, that are kept: sources are asked about in their order."""

T = TypeVar("T")


class Pairs:
    """Rows of the matrix of all pairs; never the matrix."""

    def __init__(self, engine: Engine) -> None:
        """Of the verdicts of `engine`."""
        self._engine = engine
        self._outward, self._out_of_end = engine.profiles(Direction.EGRESS)
        self._inward, self._in_of_end = engine.profiles(Direction.INGRESS)
        self._size = max(1, _CELLS // max(1, len(self._inward)))
        self._naming: dict[int, list[int]] = {}
        for number, profile in enumerate(self._inward):
            for block in engine.named(Direction.INGRESS, profile, self._size):
                self._naming.setdefault(block, []).append(number)
        self._lets_out: OrderedDict[tuple[int, int], Numbers] = OrderedDict()
        self._lets_in: OrderedDict[tuple[int, int], Numbers] = OrderedDict()
        self._over = {f: (engine.ends.families & FAMILY_BIT[f]) != 0 for f in FAMILIES}

    def row(self, source: int) -> Numbers:
        """What the end `source` may open to each end, as numbers of `engine.sets`.

        Concept page: "both the egress policy on the source pod and the ingress policy on the destination pod
        need to allow the connection". It runs over two addresses of one family, whichever allows it.
        """
        sets = self._engine.sets
        allowed = np.full(len(self._engine.ends), NONE_NUMBER, np.int32)
        for family in (f for f in FAMILIES if self._over[f][source]):
            over = np.flatnonzero(self._over[family])
            out = self._out(int(self._out_of_end[source]), family)[over]
            block = source // self._size
            into = self._in(block, family)[self._in_of_end[over], source - block * self._size]
            allowed[over] = sets.union(allowed[over], sets.intersection(out, into))
        return allowed

    def _out(self, profile: int, family: int) -> Numbers:
        """What an end of an egress profile lets out to each end."""
        known = _recall(self._lets_out, (profile, family))
        if known is None:
            everyone = range(len(self._engine.ends))
            known = self._engine.verdicts(Direction.EGRESS, self._outward[profile], family, everyone)
            _keep(self._lets_out, (profile, family), known)
        return known

    def _in(self, block: int, family: int) -> Numbers:
        """What each ingress profile lets in from each source of a block."""
        known = _recall(self._lets_in, (block, family))
        if known is None:
            first = block * self._size
            sources = range(first, min(first + self._size, len(self._engine.ends)))
            known = np.empty((len(self._inward), len(sources)), np.int32)
            for number, profile in enumerate(self._inward):
                known[number] = NONE_NUMBER if profile.policies else ALL_NUMBER
            # an isolated pod lets in nothing from those that none of its rules names
            for number in self._naming.get(block, ()):
                known[number] = self._engine.verdicts(
                    Direction.INGRESS, self._inward[number], family, sources
                )
            _keep(self._lets_in, (block, family), known)
        return known


def _recall(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int]) -> T | None:
    if key in kept:
        kept.move_to_end(key)
    return kept.get(key)


def _keep(kept: OrderedDict[tuple[int, int], T], key: tuple[int, int], value: T) -> None:
    kept[key] = value
    if len(kept) > _KEPT:
        kept.popitem(last=False)
