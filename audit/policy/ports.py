"""Connection sets: which protocols and ports two ends may talk over.

Only TCP, UDP and SCTP exist, with ports 1 to 65535 each.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
FIRST_PORT: Final = 1
LAST_PORT: Final = 65535

Spans = tuple[tuple[int, int], ...]


class Connections(NamedTuple):
    """For each protocol its ports as disjoint spans `(first, last)` in order that do not touch."""

    tcp: Spans = ()
    udp: Spans = ()
    sctp: Spans = ()

    def __str__(self) -> str:
        """`All`, or as `TCP 80,8080-8090;UDP 53`."""
        if self == ALL:
            return "All"
        return ";".join(
            f"{protocol} " + ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
            for protocol, spans in zip(PROTOCOLS, self, strict=True)
            if spans
        )

    def holds(self, protocol: str, port: int) -> bool:
        """Whether `port` of `protocol` is in the set."""
        return any(a <= port <= b for a, b in self[PROTOCOLS.index(protocol)])


NONE: Final = Connections()
ALL: Final = Connections(*((((FIRST_PORT, LAST_PORT),),) * 3))


def of(spans: Iterable[tuple[str, int, int]]) -> Connections:
    """The set of `(protocol, first, last)`; a span that ends before it begins holds nothing."""
    by_protocol: Mapping[str, list[tuple[int, int]]] = {protocol: [] for protocol in PROTOCOLS}
    for protocol, first, last in spans:
        if first <= last:
            by_protocol[protocol].append((first, last))
    return Connections(*(_merge(by_protocol[protocol]) for protocol in PROTOCOLS))


@lru_cache(maxsize=1 << 16)
def union(a: Connections, b: Connections) -> Connections:
    """What is in either."""
    return Connections(*(_merge([*x, *y]) for x, y in zip(a, b, strict=True)))


@lru_cache(maxsize=1 << 16)
def intersection(a: Connections, b: Connections) -> Connections:
    """What is in both."""
    return Connections(*(_cross(x, y) for x, y in zip(a, b, strict=True)))


@lru_cache(maxsize=1 << 16)
def difference(a: Connections, b: Connections) -> Connections:
    """What is in the first and not in the second."""
    return Connections(*(_cross(x, _rest(y)) for x, y in zip(a, b, strict=True)))


def _rest(spans: Spans) -> Spans:
    """All ports that are in none of `spans`."""
    firsts = [FIRST_PORT, *(last + 1 for _, last in spans)]
    lasts = [*(first - 1 for first, _ in spans), LAST_PORT]
    return tuple((first, last) for first, last in zip(firsts, lasts, strict=True) if first <= last)


def _merge(spans: list[tuple[int, int]]) -> Spans:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _cross(a: Spans, b: Spans) -> Spans:
    both = ((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)
    return tuple(sorted((first, last) for first, last in both if first <= last))
