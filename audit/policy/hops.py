"""Which identities reach which, in one hop and in any number of them, on whatever port.

The source's egress and the destination's ingress must both allow a connection, over one family of addresses:
a step of the one names the destination, a step of the other the source, and they have a port in common. What
a step of the source and a peer in steps of destinations let through together is a *meeting*: each source of
it reaches each target. There are many fewer meetings than pairs of ends, so that nothing here grows with
identities times identities. An end that no policy selects has a step that names everyone.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from audit.policy.addresses import FAMILIES, Address, Block
from audit.policy.engine import Action, Cause, Engine, Step
from audit.policy.identities import FAMILY_BIT, NOT_IN_A_NAMESPACE, Ints, stretches
from audit.policy.model import Direction, NamedPort, Peer, Port
from audit.policy.named import Named, home
from audit.policy.ports import intersection
from audit.policy.sets import NONE_NUMBER, Numbers

Which = NDArray[np.bool_]
"""By identity."""

T = TypeVar("T")

_MOST: Final = 1 << 25
"""Rows of a table here, at most: where policies have more to do with each other, nothing is worked out."""
_EVERYONE: Final = Step(Action.ACCEPT, Cause(0), NOT_IN_A_NAMESPACE)


class TooManyError(Exception):
    """What is asked would take more memory than it is worth."""


class _Table(NamedTuple):
    """Beside each other an identity and the number of something, in the order of identities."""

    identities: Ints
    others: Ints

    @staticmethod
    def of(identities: Ints, others: Ints) -> "_Table":
        """The pairs in their order."""
        order = np.argsort(identities, kind="stable")
        return _Table(identities[order], others[order])

    def where(self, kept: NDArray[np.bool_]) -> "_Table":
        """Some of its rows."""
        return _Table(self.identities[kept], self.others[kept])

    def rows(self, identities: Ints) -> Ints:
        """The rows of some identities."""
        first, last = (self.identities.searchsorted(identities, side) for side in ("left", "right"))
        return stretches(first, last)


class _Steps:
    """The steps of one direction, and whom they name."""

    def __init__(self, engine: Engine, direction: Direction) -> None:
        profiles, of_end = engine.profiles(direction)
        count = len(engine.ends.identities)
        isolating = [number for number, profile in enumerate(profiles) if profile.policies]
        known = Named(engine, direction, isolating)
        self.steps = [_EVERYONE, *known.steps]
        whose, what = known.of_profiles
        place = np.full(len(profiles), -1)
        place[isolating] = np.arange(len(isolating))
        mine = place[of_end[:count]]
        isolated, free = np.flatnonzero(mine >= 0), np.flatnonzero(mine < 0)
        first, last = (whose.searchsorted(mine[isolated], side) for side in ("left", "right"))
        self.had = _Table.of(
            np.concatenate([free, np.repeat(isolated, last - first)]),
            np.concatenate([np.zeros(len(free), np.int64), what[stretches(first, last)] + 1]),
        )
        """The identities that have each step."""
        peers: dict[tuple[Peer | None, int], int] = {}
        self.peer_of = _numbers([(step.peer, home(step)) for step in self.steps], peers)
        members = [engine.ends.members(peer, namespace) for peer, namespace in peers]
        self.families = np.array([found.families for found in members], np.int8)
        inside = [ends[: np.searchsorted(ends, count)] for ends, _ in members]
        self.named = _Table.of(
            np.concatenate(inside), np.repeat(np.arange(len(inside)), [len(ends) for ends in inside])
        )
        """The identities that each distinct peer names."""
        ports: dict[tuple[Port, ...] | None, int] = {}
        self.ports_of = _numbers([step.ports for step in self.steps], ports)
        self.ports = list(ports)
        by_name = [any(isinstance(port, NamedPort) for port in each or ()) for each in self.ports]
        self.by_name = np.array(by_name, np.bool_)

    def named_by_step(self, chosen: NDArray[np.bool_]) -> _Table:
        """The identities that each step names, as far as its peer is chosen."""
        order = np.argsort(self.peer_of, kind="stable")
        bounds = np.searchsorted(self.peer_of[order], np.arange(len(self.families) + 1))
        table = self.named.where(chosen[self.named.others])
        first, last = bounds[table.others], bounds[table.others + 1]
        _bounded(last - first)
        return _Table(np.repeat(table.identities, last - first), order[stretches(first, last)])


class Hops:
    """The meetings of one cluster."""

    def __init__(self, engine: Engine) -> None:
        """TooManyError where there would be more than fit into memory."""
        self._engine = engine
        self._count = len(engine.ends.identities)
        self._out = _Steps(engine, Direction.EGRESS)
        self._in = _Steps(engine, Direction.INGRESS)
        sources, targets, found = [], [], 0
        for family in FAMILIES:
            source, (ends, meeting, opened), meetings = self._meetings(family)
            sources.append(source._replace(others=source.others + found))
            targets.append((ends, meeting + found, opened))
            found += meetings
        self._sources = _Table.of(*map(np.concatenate, zip(*sources, strict=True)))
        ends, meeting, opened = map(np.concatenate, zip(*targets, strict=True))
        order = np.argsort(meeting, kind="stable")
        self._targets = ends[order]
        self._opened: Numbers = opened[order]
        """What each target opens there, by number."""
        self._bounds = np.searchsorted(meeting[order], np.arange(found + 1))

    def of(self, identities: Ints) -> Ints:
        """The meetings, by number, of which some of these identities are sources."""
        return _distinct(self._sources.others[self._sources.rows(identities)])

    def of_each(self, identities: Ints) -> tuple[Ints, Ints]:
        """Beside each other these identities and the meetings of which they are sources, each pair once."""
        rows = self._sources.rows(identities)
        count = max(len(self._bounds) - 1, 1)
        ends, meetings = np.divmod(
            _distinct(self._sources.identities[rows] * count + self._sources.others[rows]), count
        )
        return ends, meetings

    def opened(self, meetings: Ints) -> tuple[Ints, Ints, Numbers]:
        """For each of these meetings, by its place, its targets, and what each opens as a number of the sets.

        A target may stand there more than once: what it opens is all of that.
        """
        first, last = self._bounds[meetings], self._bounds[meetings + 1]
        at = stretches(first, last)
        return np.repeat(np.arange(len(meetings)), last - first), self._targets[at], self._opened[at]

    def next(self, meetings: Ints) -> Which:
        """Which identities the sources of these meetings may connect to."""
        reached = np.zeros(self._count, np.bool_)
        reached[self._led_to(meetings)] = True
        return reached

    def reachable(self, meetings: Ints) -> Which:
        """Which they may connect to, or which those may, and so on."""
        return self._closure(meetings, self._hub)[0]

    def lets_out(self, address: Address, protocol: str, port: int) -> Which:
        """Which may connect to an address outside, on that port."""
        (end,) = self._engine.ends.outside([address]).tolist()
        bit = FAMILY_BIT[address.family]
        opens = np.zeros(len(self._out.steps), np.bool_)
        for number, (_, _, namespace, peer, ports) in enumerate(self._out.steps):
            if peer is not None and not isinstance(peer, Block):
                continue
            ends, families = self._engine.ends.members(peer, namespace)
            place = int(np.searchsorted(ends, end))
            held = place < len(ends) and int(ends[place]) == end and bool(families & bit)
            opens[number] = held and self._engine.ends.connections(ports, -1).holds(protocol, port)
        found = np.zeros(self._count, np.bool_)
        found[self._out.had.identities[opens[self._out.had.others]]] = True
        over: Which = (self._engine.ends.families[: self._count] & bit) != 0
        return found & over

    @cached_property
    def _hub(self) -> tuple[int, Which, NDArray[np.bool_]] | None:
        """An end that nothing limits, and all that can be reached from there: most ways lead over it."""
        free = [steps.had.identities[steps.had.others == 0] for steps in (self._out, self._in)]
        both = np.intersect1d(*free)
        return (int(both[0]), *self._closure(self.of(both[:1]), None)) if len(both) else None

    def _closure(
        self, meetings: Ints, hub: tuple[int, Which, NDArray[np.bool_]] | None
    ) -> tuple[Which, NDArray[np.bool_]]:
        """What can be reached, and the meetings that lead there."""
        reached = np.zeros(self._count, np.bool_)
        done = np.zeros(len(self._bounds) - 1, np.bool_)
        while len(meetings):
            done[meetings] = True
            led = self.next(meetings) & ~reached
            if hub is not None and led[hub[0]]:
                reached |= hub[1]
                done |= hub[2]
                hub = None
            reached |= led
            meetings = self.of(np.flatnonzero(led))
            meetings = meetings[~done[meetings]]
        return reached, done

    def _led_to(self, meetings: Ints) -> Ints:
        """The targets of some meetings, some of them more than once."""
        found: Ints = self._targets[stretches(self._bounds[meetings], self._bounds[meetings + 1])]
        return found

    def _meetings(self, family: int) -> tuple[_Table, tuple[Ints, Ints, Numbers], int]:
        """The sources of each meeting over a family of addresses; its targets; and how many there are."""
        bit = FAMILY_BIT[family]
        has = (self._engine.ends.families[: self._count] & bit) != 0
        ours, theirs = self._out, self._in
        out_peers, in_peers = ((steps.families & bit) != 0 for steps in (ours, theirs))
        width = len(in_peers)
        named = ours.named_by_step(out_peers)
        had = theirs.had.where(in_peers[theirs.peer_of[theirs.had.others]])
        target, step, met = _joined(named.where(has[named.identities]), had)
        opened = self._open(target, step, met)
        allowed = opened != NONE_NUMBER
        target, pairs = target[allowed], step[allowed] * width + theirs.peer_of[met[allowed]]
        common = _distinct(pairs)
        some_step, some_peer = np.zeros(len(ours.steps), np.bool_), np.zeros(width, np.bool_)
        some_step[common // width], some_peer[common % width] = True, True
        had = ours.had.where(some_step[ours.had.others] & has[ours.had.identities])
        source, step, met = _joined(had, theirs.named.where(some_peer[theirs.named.others]))
        meetings = step * width + met
        place = np.minimum(common.searchsorted(meetings), max(len(common) - 1, 0))
        kept = common[place] == meetings if len(common) else np.zeros(len(meetings), np.bool_)
        return (
            _Table(source[kept], place[kept]),
            (target, common.searchsorted(pairs), opened[allowed]),
            len(common),
        )

    def _open(self, target: Ints, step: Ints, met: Ints) -> Numbers:
        """What both steps let in at each target: a name is looked up there, for either direction."""
        ours, theirs = self._out.ports_of[step], self._in.ports_of[met]
        by_name = self._out.by_name[ours] | self._in.by_name[theirs]
        at = np.where(by_name, self._engine.ends.ports[target] + 1, 0)
        width, sets = len(self._in.ports), int(at.max(initial=0)) + 1
        numbers = (ours * width + theirs) * sets + at
        keys = _distinct(numbers)
        connections = self._engine.ends.connections
        common = [
            self._engine.sets.number(
                intersection(
                    connections(self._out.ports[key // sets // width], key % sets - 1),
                    connections(self._in.ports[key // sets % width], key % sets - 1),
                )
            )
            for key in keys.tolist()
        ]
        return np.array(common, np.int32)[keys.searchsorted(numbers)]


def worked_out(engine: Engine) -> Hops | None:
    """The meetings of one cluster; None where there are too many."""
    try:
        return Hops(engine)
    except TooManyError:
        return None


def _joined(one: _Table, other: _Table) -> tuple[Ints, Ints, Ints]:
    """Each identity that is in both tables, and what it is beside in the one and the other: all pairs."""
    first, last = (other.identities.searchsorted(one.identities, side) for side in ("left", "right"))
    size = last - first
    _bounded(size)
    return (
        np.repeat(one.identities, size),
        np.repeat(one.others, size),
        other.others[stretches(first, last)],
    )


def _bounded(sizes: Ints) -> None:
    if int(sizes.sum()) > _MOST:
        raise TooManyError


def _numbers(keys: Sequence[T], known: dict[T, int]) -> Ints:
    """The number of each key, a new one for one that is not known."""
    return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)


def _distinct(numbers: Ints) -> Ints:
    """The numbers, each once, in order; of very many this is faster than `np.unique`."""
    ordered = np.sort(numbers)
    distinct: Ints = ordered[np.diff(ordered, prepend=-1) != 0]
    return distinct
