"""Whether declared boundaries hold: what must not be reached from where, over all allowed connections."""

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.exposure.scopes import chosen
from audit.facts import Facts
from audit.policy.addresses import Address, Range, parse_cidr
from audit.policy.hops import Hops
from audit.policy.identities import Ints
from audit.policy.model import Direction
from audit.policy.pairs import Pairs
from audit.policy.ports import ALL, NONE, Connections, intersection, of
from audit.policy.sets import NONE_NUMBER, Numbers
from audit.queries.explain import Explanation, Place, between
from audit.settings import Boundary, BoundaryEnd

Which = NDArray[np.bool_]


class Side(NamedTuple):
    """One side of a boundary."""

    pods: Which
    """By row of `Facts.pods`."""
    identities: Which
    """By identity: some pod of it is there."""
    cells: dict[int, Range]
    """The ends that stand for addresses outside, each with those that are meant."""
    within: int = 0
    """Pods with addresses in the ranges that it names: these stand for addresses outside alone."""

    @property
    def ends(self) -> Ints:
        """All of its ends, in order."""
        return np.concatenate([np.flatnonzero(self.identities), np.array(sorted(self.cells), np.int64)])

    @property
    def empty(self) -> bool:
        """Whether it stands for nothing that is in the input."""
        return not self.identities.any() and not self.cells


class Judged(NamedTuple):
    """A boundary, and the shortest way through it."""

    boundary: Boundary
    source: Side
    destination: Side
    way: tuple[Explanation, ...]
    """A connection after the other; none if the boundary holds."""
    doubtful: str
    """Policies that are not evaluated and could change that, as a text; empty if there are none."""


def judge(facts: Facts, hops: Hops) -> Iterator[Judged]:
    """Each boundary of the settings."""
    search = _Search(facts, hops)
    for boundary in facts.settings.boundaries:
        yield search.judged(boundary)


class _Search:
    """For ways through the boundaries of one cluster."""

    def __init__(self, facts: Facts, hops: Hops) -> None:
        self._facts = facts
        self._hops = hops
        self._engine = facts.cluster.engine
        self._of_pod = facts.cluster.identity_of_pod
        self._count = len(self._engine.ends.identities)

    def judged(self, boundary: Boundary) -> Judged:
        source, destination = self._side(boundary.source), self._side(boundary.destination)
        texts = self._unevaluated
        sure = self._of_pods(texts == "")
        # a way over pods that only NetworkPolicies govern is one, whatever else may govern others
        way = self._way(boundary, source, destination, sure)
        doubtful = ""
        if not way and not sure.all():
            way = self._way(boundary, source, destination, np.ones(self._count, np.bool_))
            met = np.ones(len(texts), np.bool_) if boundary.hops > 1 else source.pods | destination.pods
            doubtful = next(filter(None, np.unique(texts[met]).tolist()), "")
        places = self._places(way, source, destination)
        steps = tuple(between(self._facts, a, b) for a, b in itertools.pairwise(places))
        return Judged(boundary, source, destination, steps, doubtful)

    def _side(self, end: BoundaryEnd) -> Side:
        pods = np.zeros(len(self._facts.pods), np.bool_)
        if end.has_pods:
            _, pods = chosen(end, self._facts.cluster)
        wanted = [found[0] for text in end.cidrs if (found := parse_cidr(text)) is not None]
        return Side(pods, self._of_pods(pods), dict(self._cells(wanted)), self._within(wanted, pods))

    def _within(self, wanted: Sequence[Range], chosen: Which) -> int:
        """How many pods that are not chosen have an address in some ranges."""
        rows = self._facts.cluster.addresses
        family, high, low = (rows[c].to_numpy() for c in ("family", "high", "low"))
        held = np.zeros(len(chosen), np.bool_)
        for one in wanted:
            first, last = (divmod(value, 1 << 64) for value in (one.first, one.last))
            above = (high > first[0]) | ((high == first[0]) & (low >= first[1]))
            below = (high < last[0]) | ((high == last[0]) & (low <= last[1]))
            held[rows["pod"].to_numpy()[(family == one.family) & above & below]] = True
        return int((held & ~chosen).sum())

    def _cells(self, wanted: Sequence[Range]) -> Iterator[tuple[int, Range]]:
        """The cells of outside addresses that have some of the wanted ones, each with the first of these."""
        cells = self._engine.ends.cells
        for cell in range(len(cells)) if wanted else ():
            family, first, last = cells.range(cell)
            for one in wanted:
                if one.family == family and one.first <= last and first <= one.last:
                    common = Range(family, max(first, one.first), min(last, one.last))
                    yield self._engine.ends.cell_end(cell), common
                    break

    def _way(self, boundary: Boundary, source: Side, destination: Side, allowed: Which) -> list[int]:
        """The ends of the shortest way over identities that are allowed; none if there is no way."""
        ports = _connections(boundary)
        inside = np.append(allowed, np.ones(len(self._engine.ends) - self._count, np.bool_))
        levels = [source.ends[inside[source.ends]]]
        unseen = self._of_pods(~source.pods & ~destination.pods) & allowed
        for _ in range(boundary.hops):
            reached = self._next(levels[-1]) & allowed
            if last := self._last(levels[-1], reached, source, destination, ports):
                return self._back(levels, last)
            found = reached & unseen
            unseen &= ~found
            levels.append(np.flatnonzero(found))
        return []

    def _next(self, ends: Ints) -> Which:
        """The identities that some of these ends may connect to, on any port."""
        inside = ends[ends < self._count]
        found = self._hops.next(self._hops.of(inside))
        cells = ends[len(inside) :]
        if len(cells):
            # what addresses outside may is the same for all identities of a profile
            _, of_end = self._engine.profiles(Direction.INGRESS)
            families = self._engine.ends.families[: self._count].astype(np.int64)
            alike = of_end[: self._count] * (int(families.max(initial=0)) + 1) + families
            _, first, which = np.unique(alike, return_index=True, return_inverse=True)
            near = np.sort(first)
            pairs = Pairs(self._engine, near, cells, Direction.INGRESS)
            may = np.zeros(self._count, np.bool_)
            for end in near.tolist():
                may[end] = (pairs.row(end) != NONE_NUMBER).any()
            found |= may[first][which]
        return found

    def _last(
        self, ends: Ints, reached: Which, source: Side, destination: Side, ports: Connections
    ) -> tuple[int, int] | None:
        """A connection on these ports from one of the ends to the destination.

        `reached` is what they may connect to on any port.
        """
        if not len(ends):
            return None
        inside = np.flatnonzero(destination.identities & reached)
        pairs = Pairs(self._engine, inside, ends, Direction.INGRESS)
        for end in inside.tolist():
            opened = self._opened(pairs.row(end), ports)
            # a pod with itself is no connection
            opened &= (ends != end) | self._are_two(end, source, destination)
            if opened.any():
                return int(ends[opened.argmax()]), end
        sources = ends[ends < self._count]
        cells = np.array(sorted(destination.cells), np.int64)
        if len(cells) and len(sources):
            pairs = Pairs(self._engine, sources, cells)
            for end in sources.tolist():
                opened = self._opened(pairs.row(end), ports)
                if opened.any():
                    return end, int(cells[opened.argmax()])
        return None

    def _are_two(self, end: int, source: Side, destination: Side) -> bool:
        """Whether a pod of an identity on the one side and another on the other are two pods."""
        of_end = self._of_pod == end
        one, other = np.flatnonzero(source.pods & of_end), np.flatnonzero(destination.pods & of_end)
        return not (len(one) == len(other) == 1 and one[0] == other[0])

    def _opened(self, row: Numbers, ports: Connections) -> Which:
        """Where a row of pairs has one of the ports."""
        numbers, where = np.unique(row, return_inverse=True)
        has = [intersection(self._engine.sets[n], ports) != NONE for n in numbers.tolist()]
        found: Which = np.array(has, np.bool_)[where]
        return found

    def _back(self, levels: Sequence[Ints], last: tuple[int, int]) -> list[int]:
        """The way to the last connection, from the front."""
        way = list(last)
        for level in reversed(levels[:-1]):
            pairs = Pairs(self._engine, np.array(way[:1]), level, Direction.INGRESS)
            way.insert(0, int(level[(pairs.row(way[0]) != NONE_NUMBER).argmax()]))
        return way

    def _places(self, way: Sequence[int], source: Side, destination: Side) -> list[Place]:
        """A pod or an address for each end of a way, no pod twice."""
        inside = ~source.pods & ~destination.pods
        roles = [source.pods, *[inside] * (len(way) - 2), destination.pods] if way else []
        places: list[Place] = []
        for number, (end, role) in enumerate(zip(way, roles, strict=True)):
            if end >= self._count:
                meant = (source if number == 0 else destination).cells[end]
                places.append(Place(str(meant), end, None, Address(meant.family, meant.first)))
                continue
            having = np.flatnonzero(role & (self._of_pod == end)).tolist()
            taken = {place.pod for place in places}
            pod = next((pod for pod in having if pod not in taken), having[0])
            row = self._facts.pods.iloc[pod]
            kind, _, name = str(row["workload"]).partition("/")
            places.append(Place(f"{kind} {row['namespace']}/{name}", end, pod))
        return places

    def _of_pods(self, pods: Which) -> Which:
        """The identities of some pods."""
        found = np.zeros(self._count, np.bool_)
        found[self._of_pod[pods]] = True
        return found

    @cached_property
    def _unevaluated(self) -> NDArray[np.object_]:
        """For each pod the policies that could govern it and are not evaluated."""
        found: NDArray[np.object_] = self._facts.pods["unevaluated_policies"].astype("str").to_numpy(object)
        return found


def _connections(boundary: Boundary) -> Connections:
    """The ports that a boundary is about."""
    if not boundary.ports:
        return ALL
    return of((port.protocol, port.port, port.end_port or port.port) for port in boundary.ports)
