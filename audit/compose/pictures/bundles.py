"""Lines of a diagram that say the same are drawn as one: from each of some boxes to each of others."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from reports.model import Flow, Weight

Pair = tuple[int, int]


class Edge(NamedTuple):
    """What a line says."""

    label: str
    weight: Weight


def bundled(edges: Mapping[Pair, Edge], spare: Collection[Pair] = ()) -> tuple[Flow, ...]:
    """The edges, all of them and no other, in few flows.

    Those that are `spare` are left out where they would stand alone.
    """
    alike: dict[Edge, set[Pair]] = defaultdict(set)
    for pair, edge in edges.items():
        alike[edge].add(pair)
    return tuple(
        Flow(sources, destinations, edge.label, edge.weight)
        for edge, pairs in sorted(alike.items())
        for sources, destinations in _fewest(pairs, frozenset(spare))
    )


_Bundles = list[tuple[tuple[int, ...], tuple[int, ...]]]


def _fewest(pairs: set[Pair], spare: frozenset[Pair]) -> _Bundles:
    """By equal destinations or by equal sources, with what is spare or without: whatever draws least."""
    ways: list[_Bundles] = []
    for some in (pairs, pairs - spare):
        ways.append([bundle for bundle in _grouped(some) if not _only(bundle, spare)])
        turned = _grouped({(destination, source) for source, destination in some})
        ways.append([(b, a) for a, b in turned if not _only((b, a), spare)])
    return min(ways, key=lambda way: (len(way), sum(len(a) + len(b) for a, b in way)))


def _grouped(pairs: set[Pair]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Those with the same others together."""
    others: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        others[one].add(other)
    same: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for one, found in sorted(others.items()):
        same[tuple(sorted(found))].append(one)
    for equal, ones in same.items():
        yield tuple(ones), equal


def _only(bundle: tuple[tuple[int, ...], tuple[int, ...]], spare: frozenset[Pair]) -> bool:
    sources, destinations = bundle
    return all((source, destination) in spare for source in sources for destination in destinations)
