"""Namespaces that are alike: their pods may connect to the same others, and the same others to them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from audit.policy.hops import Hops
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints, number_sets, stretches
from audit.policy.sets import ALL_NUMBER

_Bits = NDArray[np.uint8]
_AMONG_THEMSELVES = ((True, True), (True, False), (False, False))
"""How those of a class may reach each other: on some port, and on all."""
_BLOCK = 1 << 10
"""Columns that are turned at a time, a multiple of eight."""


def alike(hops: Hops, namespace: Ints, kinds: Ints) -> Ints:
    """The class of each namespace, numbers from 0; those of one class are of one of `kinds`.

    `namespace` is that of each identity. Who reaches whom is by policy, on some port or on all of them;
    whether pods of a namespace reach each other is not looked at. In a class either every namespace reaches
    all others of it so, or none does: that is how one that reaches all can be like another that does.
    """
    count = len(kinds)
    layers = [_Layer(hops, namespace, count, whole=whole) for whole in (False, True)]
    classes = np.full(count, -1)
    found = 0
    for among_themselves in _AMONG_THEMSELVES:
        for layer, on in zip(layers, among_themselves, strict=True):
            layer.set_own(on=on)
        seen: dict[bytes, list[int]] = {}
        for number in np.flatnonzero(classes < 0).tolist():
            key = kinds[number].tobytes() + b"".join(layer.of(number) for layer in layers)
            seen.setdefault(key, []).append(number)
        for members in seen.values():
            if len(members) > 1 or not any(among_themselves):
                classes[members] = found
                found += 1
    return classes


class _Layer:
    """Who reaches whom on some port, or on all if `whole`: a bit for each pair."""

    def __init__(self, hops: Hops, namespace: Ints, count: int, *, whole: bool) -> None:
        self._out = _reached(hops, namespace, count, whole=whole)
        self._in = _turned(self._out, count)
        self._own = np.arange(count)

    def of(self, namespace: int) -> bytes:
        """Whom it reaches, and who reaches it."""
        both: bytes = self._out[namespace].tobytes() + self._in[namespace].tobytes()
        return both

    def set_own(self, *, on: bool) -> None:
        """Sets the bit of each namespace with itself, or takes it away."""
        mask = (0x80 >> (self._own % 8)).astype(np.uint8)
        for bits in (self._out, self._in):
            if on:
                bits[self._own, self._own // 8] |= mask
            else:
                bits[self._own, self._own // 8] &= ~mask


def _reached(hops: Hops, namespace: Ints, count: int, *, whole: bool) -> _Bits:
    """A row for each namespace, a bit for each that some pod of it may connect to."""
    source, meeting = _spaces_of_sources(hops, namespace)
    meetings, meeting = np.unique(meeting, return_inverse=True)
    place, target, opened = hops.opened(meetings)
    if whole:
        place, target = place[opened == ALL_NUMBER], target[opened == ALL_NUMBER]
    place, target = _pairs(place, namespace[target], count)
    # most meetings lead to the same namespaces as others
    lead = number_sets(place, target, len(meetings))
    _, one = np.unique(lead, return_index=True)
    first, last = (place.searchsorted(one, side) for side in ("left", "right"))
    source, what = _pairs(source, lead[meeting], len(one))
    only = np.full(len(one), -1)
    alone = last - first == 1
    only[alone] = target[first[alone]]
    abroad = only[what] != source
    source, what = source[abroad], what[abroad]
    sets = number_sets(source, what, count)
    out = np.zeros((count, (count + 7) // 8), np.uint8)
    begins = np.searchsorted(source, np.arange(count + 1))
    for mine in _equal(sets):
        kept = what[begins[mine[0]] : begins[mine[0] + 1]]
        row = np.zeros(count, np.bool_)
        row[target[stretches(first[kept], last[kept])]] = True
        out[mine] = np.packbits(row)
    return out


def _spaces_of_sources(hops: Hops, namespace: Ints) -> tuple[Ints, Ints]:
    """Beside each other namespaces and the meetings of which some pod of theirs is a source."""
    ends, meetings = hops.of_each(np.flatnonzero(namespace != NOT_IN_A_NAMESPACE))
    return _pairs(namespace[ends], meetings, int(meetings.max(initial=0)) + 1)


def _pairs(one: Ints, other: Ints, width: int) -> tuple[Ints, Ints]:
    """The pairs of both, each once and in order; those with something in no namespace are left out."""
    kept = (one >= 0) & (other >= 0)
    ones, others = np.divmod(np.unique(one[kept] * width + other[kept]), width)
    return ones, others


def _equal(numbers: Ints) -> Iterator[Ints]:
    """The places of each number."""
    order = np.argsort(numbers, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else ()


def _turned(bits: _Bits, count: int) -> _Bits:
    """Rows become columns."""
    turned = np.zeros_like(bits)
    for first in range(0, count, _BLOCK):
        block = np.unpackbits(bits[:, first // 8 : (first + _BLOCK) // 8], axis=1)
        last = min(first + _BLOCK, count)
        turned[first:last] = np.packbits(block[:, : last - first].T, axis=1)
    return turned
