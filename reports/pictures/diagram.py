"""Boxes in columns and the lines between them, none of which overlap.

Boxes stand on a grid of rows, and each line has a row of its own where it leaves a box or enters it; its
label stands on that row, in a lane beside the box. What lies between two lanes, or beyond the last, is a
channel of tracks: lines run up and down there and nowhere else. One that leads from several boxes or to
several is a single trunk with a dot at each branch; others cross it at right angles. The rows of the two
columns differ by half a row, so that no two run into each other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reports.model import Diagram, Flow
from reports.pictures.measure import TYPE, WIDTH, number
from reports.pictures.shapes import (
    ARROW,
    FEWEST_ROWS,
    ROW,
    SPREAD,
    STROKES,
    Channel,
    DrawnBox,
    DrawnLine,
    Outside,
    Placed,
    Words,
    arrow,
    drawn_box,
    lettered,
    trunk,
)

TALLEST: Final = 640.0
"""What fits on a sheet beneath a heading, with a caption."""

_HEAD: Final = 10.0
_TOP: Final = 14.0
"""Of the boxes, below the names of their columns."""
_OUTSIDE: Final = 9.0
_DOT: Final = "1.9"
_NARROWEST: Final = 2.8
_WIDEST: Final = 5.0
"""Between tracks."""
_GAP: Final = 3.0
"""Between tracks and what is beside them."""
_LEAST_LANE: Final = 34.0
"""What is left for labels: TCP 8080."""
_CLEAR: Final = 3.0
"""Between two lines that share a track, end to end."""

Where = Literal["left", "right"]


@dataclass(frozen=True)
class Drawing:
    """In the units of its view box."""

    box: str
    size: str
    dot: str
    heads: tuple[Words, ...]
    outside: "Outside | None"
    boxes: tuple[DrawnBox, ...]
    lines: tuple[DrawnLine, ...]
    """What is thin first: it does not hide what is bold."""


@dataclass(frozen=True)
class _Columns:
    """Where boxes begin and end from left to right."""

    near: float
    near_end: float
    within: float
    within_end: float


_BOTH: Final = _Columns(82, 188, 256, 388)
_ALONE: Final = _Columns(0, 0, 0, 190)


def fits(diagram: Diagram) -> bool:
    """Whether it can be drawn on a sheet."""
    plan = _Plan(diagram)
    return plan.height <= TALLEST and plan.roomy


def drawn(diagram: Diagram, spoken: Callable[[str], str]) -> Drawing:
    """The diagram."""
    return _Plan(diagram).drawing(spoken)


class _Plan:
    """Where everything stands."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram
        self._at = _BOTH if diagram.near else _ALONE
        self._near = [Placed(box) for box in diagram.near]
        self._within = [Placed(box) for box in diagram.within]
        self._take_rows()
        heights = [self._stack(self._near, _TOP), self._stack(self._within, _TOP + ROW / 2)]
        self.height = max(heights) + SPREAD + 1
        self._in_order()
        at = self._at
        tracks = self._tracks(diagram.onward, "left")
        pitch, zone = _pitch(tracks, at.within - at.near_end)
        lane = (at.near_end + zone + _GAP, at.within - ARROW - 1)
        self._inner = Channel(tracks, at.near_end + _GAP, pitch, lane, at.near_end, at.within)
        tracks = self._tracks(diagram.among, "right")
        pitch, zone = _pitch(tracks, WIDTH - at.within_end)
        lane = (at.within_end + ARROW + 1, WIDTH - zone - _GAP)
        self._outer = Channel(tracks, WIDTH - zone, pitch, lane, at.within_end, at.within_end)

    @property
    def roomy(self) -> bool:
        """Whether all lines have a track that is far enough from the next."""
        return min(self._inner.pitch, self._outer.pitch) >= _NARROWEST

    def drawing(self, spoken: Callable[[str], str]) -> Drawing:
        lines = [*self._entries(spoken), *self._onward(spoken), *self._among(spoken)]
        order = {"plain": 0, "closed": 0, "doubtful": 1, "free": 2}
        at = self._at
        heads = [lettered(spoken(self._diagram.within_title), at.within, WIDTH, _HEAD)]
        if self._near:
            heads.append(lettered(spoken(self._diagram.outside), 0.0, at.near, _HEAD))
            heads.append(lettered(spoken(self._diagram.near_title), at.near, at.within, _HEAD))
        boxes = [
            *(drawn_box(placed, at.near, at.near_end, spoken) for placed in self._near),
            *(drawn_box(placed, at.within, at.within_end, spoken) for placed in self._within),
        ]
        first = next((placed for placed in self._within if placed.box.apart), None)
        if first is not None and first is not self._within[0]:
            heads.append(
                lettered(spoken(self._diagram.apart_title), at.within, at.within_end, first.top - 2.5)
            )
        return Drawing(
            box=f"0 0 {number(WIDTH)} {number(self.height)}",
            size=number(TYPE),
            dot=_DOT,
            heads=tuple(heads),
            outside=self._outside(),
            boxes=tuple(boxes),
            lines=tuple(sorted(lines, key=lambda line: order[line.weight])),
        )

    def _outside(self) -> Outside | None:
        if not self._near:
            return None
        last = self._near[-1]
        height = last.top + last.height - _TOP + 2 * SPREAD
        return Outside("0.4", number(_TOP - SPREAD), number(_OUTSIDE), number(height))

    def _take_rows(self) -> None:
        """Each box has a row for each line at either side, and at least those of its text."""
        for i, entry in enumerate(self._diagram.entries):
            self._near[entry.to].left.append(i)
        for i, flow in enumerate(self._diagram.onward):
            for place in flow.sources:
                self._near[place].right.append((i, False))
            for place in flow.destinations:
                self._within[place].left.append(i)
        for i, flow in enumerate(self._diagram.among):
            for place in flow.sources:
                self._within[place].right.append((i, False))
            for place in flow.destinations:
                self._within[place].right.append((i, True))
        for placed in (*self._near, *self._within):
            placed.rows = max(FEWEST_ROWS, len(placed.left), len(placed.right))

    @staticmethod
    def _stack(column: Sequence[Placed], top: float) -> float:
        """Boxes below each other, a row between them, and two before those apart."""
        for place, placed in enumerate(column):
            if place and placed.box.apart and not column[place - 1].box.apart:
                top += ROW
            placed.top = top
            top += placed.height + ROW
        return top - ROW

    def _in_order(self) -> None:
        """The lines of a side from those that lead up to those that lead down, so that few cross."""

        def mean(places: Sequence[int], column: Sequence[Placed]) -> float:
            return sum(column[place].middle for place in places) / max(len(places), 1)

        onward, among = self._diagram.onward, self._diagram.among
        for placed in self._near:
            placed.right.sort(key=lambda line: mean(onward[line[0]].destinations, self._within))
        for placed in self._within:
            placed.left.sort(key=lambda line: mean(onward[line].sources, self._near))

            def other(line: tuple[int, bool], own: Placed = placed) -> tuple[float, int]:
                flow = among[line[0]]
                ends = [self._within[place].middle for place in (*flow.sources, *flow.destinations)]
                far = max(ends, key=lambda end: abs(end - own.middle))
                # nested: of those that lead up the farthest is the uppermost, of those down the lowest
                return far - own.middle, line[0]

            placed.right.sort(key=other)

    def _rows_of(self, number_of: int, flow: Flow, side: Where) -> tuple[list[float], list[float]]:
        """The rows in which a line leaves its sources, and enters its destinations."""
        out_of = self._near if side == "left" else self._within
        sources = [
            placed.row(placed.right.index((number_of, False)), len(placed.right))
            for placed in (out_of[place] for place in flow.sources)
        ]
        destinations = []
        for placed in (self._within[place] for place in flow.destinations):
            if side == "left":
                destinations.append(placed.row(placed.left.index(number_of), len(placed.left)))
            else:
                destinations.append(placed.row(placed.right.index((number_of, True)), len(placed.right)))
        return sources, destinations

    def _tracks(self, flows: Sequence[Flow], side: Where) -> list[int]:
        """The track of each line: short ones nearest to the boxes, none over another."""
        spans = []
        for i, flow in enumerate(flows):
            ends = [end for rows in self._rows_of(i, flow, side) for end in rows]
            spans.append((min(ends), max(ends)))
        tracks = [0] * len(flows)
        taken: list[list[tuple[float, float]]] = []
        for i in sorted(range(len(flows)), key=lambda i: (spans[i][1] - spans[i][0], spans[i])):
            first, last = spans[i]
            free = (
                track
                for track, there in enumerate(taken)
                if all(last + _CLEAR < start or first - _CLEAR > end for start, end in there)
            )
            track = next(free, len(taken))
            if track == len(taken):
                taken.append([])
            taken[track].append((first, last))
            tracks[i] = track
        return tracks

    def _entries(self, spoken: Callable[[str], str]) -> Iterator[DrawnLine]:
        """Straight lines from outside."""
        for i, entry in enumerate(self._diagram.entries):
            placed = self._near[entry.to]
            down = placed.row(placed.left.index(i), len(placed.left))
            label = spoken(entry.label)
            closed = entry.weight == "closed"
            end = self._at.near - (3 if closed else 0)
            yield DrawnLine(
                entry.weight,
                *STROKES[entry.weight],
                f"M{number(_OUTSIDE)} {number(down)}H{number(end if closed else end - 1)}"
                + (f"M{number(end)} {number(down - 3)}v6" if closed else ""),
                "" if closed else arrow(end, down, 1),
                (),
                (lettered(label, _OUTSIDE + 3, self._at.near - ARROW - 2, down),),
                label,
            )

    def _onward(self, spoken: Callable[[str], str]) -> Iterator[DrawnLine]:
        for i, flow in enumerate(self._diagram.onward):
            yield trunk(flow, spoken(flow.label), self._rows_of(i, flow, "left"), self._inner, i)

    def _among(self, spoken: Callable[[str], str]) -> Iterator[DrawnLine]:
        for i, flow in enumerate(self._diagram.among):
            yield trunk(flow, spoken(flow.label), self._rows_of(i, flow, "right"), self._outer, i)


def _pitch(tracks: Sequence[int], room: float) -> tuple[float, float]:
    """How far tracks are from each other, and how much all of them take of a room."""
    count = max(tracks, default=-1) + 1
    zone = min(count * _WIDEST, room - _LEAST_LANE)
    return (zone / count if count else _WIDEST), zone
