"""Addresses, blocks of addresses, and the cells that blocks cut the address space into.

An address is a family (4 or 6) and an integer. Text is read as the API server
reads stored objects (`ParseIPSloppy` and `ParseCIDRSloppy` of k8s.io/utils/net):
host bits are dropped, leading zeros are decimal, an IPv4-mapped IPv6 address is
its IPv4 address.
"""

import ipaddress
import socket
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

BITS: Final = {4: 32, 6: 128}
FAMILIES: Final = (4, 6)
_MAPPED: Final = 0xFFFF << 32
_LOW: Final = (1 << 64) - 1


class Address(NamedTuple):
    """One address; `value` is below 2**32 or 2**128."""

    family: int
    value: int

    def __str__(self) -> str:
        """As people write it, IPv6 in its short form."""
        return str(_standard(self.family, self.value))


class Range(NamedTuple):
    """The addresses from `first` to `last`, both included."""

    family: int
    first: int
    last: int

    def __str__(self) -> str:
        """`first-last`; a single address twice would say no more, so it stands alone."""
        first = Address(self.family, self.first)
        return str(first) if self.first == self.last else f"{first}-{Address(self.family, self.last)}"

    @property
    def size(self) -> int:
        """How many addresses, exactly."""
        return self.last - self.first + 1


class Block(msgspec.Struct, frozen=True):
    """An ipBlock: the addresses of `cidr` less those of `excepts`, and the text of both."""

    cidr: Range
    prefix: int
    excepts: tuple[Range, ...]
    text: str
    except_texts: tuple[str, ...] = ()

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.cidr.family

    def ranges(self) -> list[Range]:
        """What is left, as disjoint ranges in order; excepts may overlap, repeat, or lie outside."""
        return subtract([self.cidr], self.excepts)


def parse_address(text: str) -> Address | None:
    """The address that `text` writes, or None."""
    try:  # as nearly all of them are written
        family = socket.AF_INET6 if ":" in text else socket.AF_INET
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError):
        four = _parse_four(text)
        six = _parse_six(text)
    else:
        value = int.from_bytes(packed)
        four, six = (value, None) if len(packed) == 4 else (None, value)
    if four is not None:
        return Address(4, four)
    if six is None:
        return None
    return Address(4, six & 0xFFFFFFFF) if six >> 32 == _MAPPED >> 32 else Address(6, six)


@lru_cache(maxsize=1 << 16)
def parse_cidr(text: str) -> tuple[Range, int] | None:
    """The range that `text` (`address/prefix`) writes and its prefix length, or None."""
    head, slash, mask = text.partition("/")
    if not slash or not (mask.isascii() and mask.isdigit()) or len(mask) > len("128"):
        return None
    prefix = int(mask)
    four = _parse_four(head)
    value, family = (four, 4) if four is not None else (_parse_six(head), 6)
    if value is None or prefix > BITS[family]:
        return None
    # net.IPNet.Contains compares by the IPv4 part as long as the mask covers the mapping
    if family == 6 and prefix >= 96 and value >> 32 == _MAPPED >> 32:
        value, family, prefix = value & 0xFFFFFFFF, 4, prefix - 96
    size = 1 << (BITS[family] - prefix)
    first = value & ~(size - 1)
    return Range(family, first, first + size - 1), prefix


def merge(ranges: Iterable[Range]) -> list[Range]:
    """The union, as disjoint ranges in order that do not touch."""
    merged: list[Range] = []
    for each in sorted(ranges):
        last = merged[-1] if merged else None
        if last is not None and last.family == each.family and each.first <= last.last + 1:
            merged[-1] = Range(last.family, last.first, max(last.last, each.last))
        else:
            merged.append(each)
    return merged


def subtract(ranges: Iterable[Range], holes: Iterable[Range]) -> list[Range]:
    """What of `ranges` is in none of `holes`, as disjoint ranges in order."""
    cut = merge(holes)
    left: list[Range] = []
    at = 0
    for family, range_first, last in merge(ranges):
        first = range_first
        while at < len(cut) and (cut[at].family, cut[at].last) < (family, first):
            at += 1
        for hole in cut[at:]:
            if (hole.family, hole.first) > (family, last):
                break
            if hole.first > first:
                left.append(Range(family, first, hole.first - 1))
            first = hole.last + 1
        if first <= last:
            left.append(Range(family, first, last))
    return left


class Cells:
    """The address space of both families, cut wherever a block or an except begins or ends.

    No policy can tell two addresses of one cell apart. Cells are numbered from
    0: those of IPv4 in order, then those of IPv6.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        """Cut by `blocks`; without any there is one cell a family."""
        cuts: dict[int, set[int]] = {4: {0}, 6: {0}}
        for block in blocks:
            for family, first, last in (block.cidr, *block.excepts):
                cuts[family].add(first)
                cuts[family].add(last + 1)
        self._starts = {f: sorted(c for c in cuts[f] if c < 1 << BITS[f]) for f in FAMILIES}
        self._offset = {4: 0, 6: len(self._starts[4])}
        self._keys = {
            f: _keys([s >> 64 for s in starts], [s & _LOW for s in starts])
            for f, starts in self._starts.items()
        }

    def __len__(self) -> int:
        """How many cells there are in both families."""
        return len(self._starts[4]) + len(self._starts[6])

    def range(self, cell: int) -> Range:
        """The addresses of a cell."""
        family = 4 if cell < self._offset[6] else 6
        starts = self._starts[family]
        at = cell - self._offset[family]
        end = starts[at + 1] if at + 1 < len(starts) else 1 << BITS[family]
        return Range(family, starts[at], end - 1)

    def families(self) -> NDArray[np.int8]:
        """The family of each cell."""
        return np.repeat(np.array(FAMILIES, np.int8), [len(self._starts[f]) for f in FAMILIES])

    def locate(
        self, family: NDArray[np.int8], high: NDArray[np.uint64], low: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """The cell of each address."""
        cells = np.empty(len(family), np.int64)
        for f in FAMILIES:
            mine = family == f
            at = np.searchsorted(self._keys[f], _keys(high[mine], low[mine]), side="right")
            cells[mine] = at - 1 + self._offset[f]
        return cells

    def of(self, addresses: Sequence[Address]) -> NDArray[np.int64]:
        """The same for addresses as objects, a few of them."""
        family = np.array([address.family for address in addresses], np.int8)
        high = np.array([address.value >> 64 for address in addresses], np.uint64)
        low = np.array([address.value & _LOW for address in addresses], np.uint64)
        return self.locate(family, high, low)

    def cells(self, ranges: Iterable[Range]) -> Iterator[tuple[int, int]]:
        """The cells of each range of a block as `(first, last + 1)`; ranges begin and end at cuts."""
        for family, first, last in ranges:
            starts, offset = self._starts[family], self._offset[family]
            yield bisect_right(starts, first) - 1 + offset, bisect_right(starts, last) + offset


def _keys(high: object, low: object) -> NDArray[np.bytes_]:
    """128-bit numbers as 16 bytes that sort as the numbers do."""
    pairs = np.stack([np.asarray(high, np.uint64), np.asarray(low, np.uint64)], axis=1)
    return np.frombuffer(pairs.astype(">u8").tobytes(), "S16")


def _standard(family: int, value: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value)


def _parse_four(text: str) -> int | None:
    octets = text.split(".")
    if len(octets) != 4:
        return None
    value = 0
    for octet in octets:
        # int() itself would take signs, blanks and digits of other scripts
        if not (octet.isascii() and octet.isdigit()) or len(octet) > 16 or int(octet) > 255:
            return None
        value = value << 8 | int(octet)
    return value


def _parse_six(text: str) -> int | None:
    if "%" in text:
        return None
    head, colon, tail = text.rpartition(":")
    if "." in tail:
        four = _parse_four(tail)
        if four is None:
            return None
        text = f"{head}{colon}{four >> 16:x}:{four & 0xFFFF:x}"
    try:
        return int(ipaddress.IPv6Address(text))
    except ValueError:
        return None
