"""The shapes of a diagram: boxes, lines with their ends and labels, and where each is placed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reports.picture_blocks import Box, Flow, Weight
from reports.pictures import colours
from reports.pictures.measure import cut, number, shortened, width

ROW: Final = 9.0
FEWEST_ROWS: Final = 2
_MARK: Final = 15.0
ARROW: Final = 4.5
SPREAD: Final = 1.5
"""How much higher a box is than its rows, at either side."""
STROKES: Final[dict[Weight, tuple[str, str, str]]] = {
    "plain": (colours.ACCENT, "0.8", "none"),
    "free": (colours.HIGH, "2", "none"),
    "doubtful": (colours.NOT_ASSESSED, "1", "3 2"),
    "closed": (colours.MUTED, "0.8", "none"),
}
"""Colour, width and dashes."""
_FRAMES: Final = {"open": colours.HIGH, "doubtful": colours.NOT_ASSESSED}


@dataclass(frozen=True)
class Words:
    """A text and where it stands."""

    text: str
    across: str
    down: str


@dataclass(frozen=True)
class DrawnBox:
    """A box: its frame, and what stands in it. `full` is its name unshortened."""

    kind: str
    stroke: str
    weight: str
    left: str
    top: str
    width: str
    height: str
    hatch: str
    mark: Words
    name: Words
    detail: Words
    full: str


@dataclass(frozen=True)
class DrawnLine:
    """Paths of a line and of its arrowheads, its dots, and its labels."""

    weight: str
    colour: str
    width: str
    dashes: str
    path: str
    arrows: str
    dots: tuple[tuple[str, str], ...]
    labels: tuple[Words, ...]
    says: str


@dataclass(frozen=True)
class Outside:
    """What stands at the left of all."""

    left: str
    top: str
    width: str
    height: str


@dataclass
class Placed:
    """A box on the grid, with the rows that are taken at its sides."""

    box: Box
    top: float = 0.0
    rows: int = FEWEST_ROWS
    left: list[int] = field(default_factory=list)
    """Numbers of the lines that have a row at its left, in order; and at its right."""
    right: list[tuple[int, bool]] = field(default_factory=list)
    """The same, each with whether it enters there."""

    @property
    def height(self) -> float:
        """Of all its rows."""
        return self.rows * ROW

    @property
    def middle(self) -> float:
        """Between top and bottom."""
        return self.top + self.height / 2

    def row(self, place: int, taken: int) -> float:
        """The height of a row; those that are taken stand in the middle."""
        return self.top + ((self.rows - taken) // 2 + place + 0.5) * ROW


@dataclass(frozen=True)
class Channel:
    """Where lines run up and down: from `start`, so far from each other; and the lane of labels beside it.

    They leave boxes at `leaving` and enter others at `entering`.
    """

    tracks: Sequence[int]
    """Of each line."""
    start: float
    pitch: float
    lane: tuple[float, float]
    leaving: float
    entering: float

    def across(self, line: int) -> float:
        """Where the track of a line is."""
        return self.start + (self.tracks[line] + 0.5) * self.pitch


def trunk(
    flow: Flow, label: str, rows: tuple[Sequence[float], Sequence[float]], channel: Channel, line: int
) -> DrawnLine:
    """A line up or down its track, with a branch to each end."""
    leaving, entering = rows
    across, stop = channel.across(line), channel.entering
    way = 1 if across < stop else -1
    ends = sorted((*leaving, *entering))
    path = [f"M{number(across)} {number(ends[0])}V{number(ends[-1])}"]
    path += [f"M{number(channel.leaving)} {number(down)}H{number(across)}" for down in leaving]
    path += [f"M{number(across)} {number(down)}H{number(stop - way)}" for down in entering]
    return DrawnLine(
        flow.weight,
        *STROKES[flow.weight],
        "".join(path),
        "".join(arrow(stop, down, way) for down in entering),
        tuple((number(across), number(down)) for down in ends[1:-1]),
        tuple(lettered(label, *channel.lane, down) for down in entering),
        label,
    )


def lettered(text: str, left: float, right: float, down: float) -> Words:
    """A label on its line, cut to what is between left and right."""
    return Words(cut(text, right - left), number(left), number(down - 2.2))


def drawn_box(placed: Placed, left: float, right: float, spoken: Callable[[str], str]) -> DrawnBox:
    """A box with its words."""
    box = placed.box
    room = right - left - _MARK - 3
    name, more = spoken(box.name), spoken(box.more)
    more = cut(more, room / 2)
    taken = width(f" {more}", semibold=True) if more else 0.0
    short = shortened(name, room - taken, semibold=True)
    start = placed.middle - ROW * FEWEST_ROWS / 2
    first, second = number(start + 7), number(start + 7 + ROW - 0.5)
    across = number(left + _MARK)
    return DrawnBox(
        kind=box.kind,
        stroke=_FRAMES.get(box.kind, colours.INK),
        weight="1.5" if box.kind == "open" else "0.75",
        left=number(left),
        top=number(placed.top - SPREAD),
        width=number(right - left),
        height=number(placed.height + 2 * SPREAD),
        hatch=_strip(left, placed.top - SPREAD, placed.height + 2 * SPREAD) if box.kind == "doubtful" else "",
        mark=Words(box.mark, number(left + _MARK - 4), first),
        name=Words(f"{short} {more}".rstrip(), across, first),
        detail=Words(cut(spoken(box.detail), room), across, second),
        full=f"{name} {spoken(box.more)}".rstrip(),
    )


def arrow(across: float, down: float, way: int) -> str:
    """An arrowhead whose point is there, to the right if `way` is 1."""
    back = across - way * ARROW
    return f"M{number(across)} {number(down)}L{number(back)} {number(down - 2.4)}V{number(down + 2.4)}z"


def _strip(left: float, top: float, height: float) -> str:
    """Short strokes along the left edge of a box."""
    paths = []
    down = 3.0
    while down <= height:
        paths.append(f"M{number(left)} {number(top + down)}l3 -3")
        down += 3
    return "".join(paths)
