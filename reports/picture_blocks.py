"""Pictures as content: what is to be seen in each, in finished strings and numbers; how is not told here."""

from typing import Literal, TypeAlias

import msgspec

from reports.inline import Text

Weight: TypeAlias = Literal["plain", "free", "doubtful", "closed"]
"""Of a line in a diagram: what restricts it. `free`: nothing does, and it is bold; `doubtful`: it was not
assessed, and is dashed; `closed`: it leads there and nobody is let in, and it ends in a bar."""


PartKind: TypeAlias = Literal["isolated", "open", "not-assessed"]


class BarPart(msgspec.Struct, frozen=True):
    """A part of a bar; `share` is how much of the bar it takes, from 0 to 1."""

    kind: PartKind
    share: float


class BarKey(msgspec.Struct, frozen=True):
    """What a kind of part is called."""

    kind: PartKind
    word: str


class Bar(msgspec.Struct, frozen=True):
    """A bar of parts: `length` is its share of the longest, `value` stands at its end.

    With an `anchor`, its name leads there. `alternative` says how long its parts are.
    """

    name: str
    parts: tuple[BarPart, ...]
    length: float
    value: str
    alternative: str
    anchor: str = ""


class BarGroup(msgspec.Struct, frozen=True):
    """Bars under one heading; none if `title` is empty."""

    bars: tuple[Bar, ...]
    title: str = ""


class Bars(msgspec.Struct, frozen=True, tag="bars", tag_field="block"):
    """Bars from zero, on one scale. `key` has a word for each kind of part that is there.

    `more` says what was left out.
    """

    groups: tuple[BarGroup, ...]
    key: tuple[BarKey, ...]
    caption: Text
    more: Text = ""


class Side(msgspec.Struct, frozen=True):
    """A row and the column that is like it: of those `apart`, which stand together at the end, or not.

    All cells of one that is `doubtful` are hatched: they were not assessed.
    """

    name: str
    apart: bool = False
    doubtful: bool = False


class MatrixCell(msgspec.Struct, frozen=True):
    """A cell that is not empty, by the places of its row and column.

    The greater `share`, from above 0 to 1, the darker; it is filled if `whole`, smaller if not. `text` says
    both in words.
    """

    row: int
    column: int
    share: float
    whole: bool
    text: str


class Matrix(msgspec.Struct, frozen=True, tag="matrix", tag_field="block"):
    """A square of shaded cells, with the same names at both sides: from rows to columns.

    Those who hear it hear `title`, and `alternative`, which says what is to be seen. `shades` are the steps
    of darkness, from light to dark: up to which share, and the words for it; the last goes up to 1. `smaller`
    says what a small cell is, `hatched` what a hatched one, `more` what was left out.
    """

    title: str
    sides: tuple[Side, ...]
    cells: tuple[MatrixCell, ...]
    shades: tuple[tuple[float, str], ...]
    smaller: str
    hatched: str
    caption: Text
    alternative: str
    more: Text = ""


class Box(msgspec.Struct, frozen=True):
    """A box of a diagram: `mark` is what it is called elsewhere, `name` may be shortened in the middle.

    `more` stands behind the name ("and 11 more"), `detail` below.
    """

    mark: str
    name: str
    detail: str
    more: str = ""
    kind: Literal["plain", "open", "doubtful", "rest"] = "plain"
    apart: bool = False


class Entry(msgspec.Struct, frozen=True):
    """A line from outside to a box, by its place; `label` says on what, and may be cut."""

    to: int
    label: str
    weight: Weight


class Flow(msgspec.Struct, frozen=True):
    """Lines from each of some boxes to each of others, by their places."""

    sources: tuple[int, ...]
    destinations: tuple[int, ...]
    label: str
    weight: Weight


class Diagram(msgspec.Struct, frozen=True, tag="diagram", tag_field="block"):
    """Boxes in two columns, at the left of both what is outside; nothing there if there are none `near`.

    `onward` leads from boxes `near` outside to those `within`, `among` from these to these. The columns are
    called `outside`, `near_title`, `within_title`, and `apart_title` from the first box that is apart. Those
    who hear it hear `title`, and `alternative`, which says what is to be seen.
    """

    title: str
    near: tuple[Box, ...]
    within: tuple[Box, ...]
    entries: tuple[Entry, ...]
    onward: tuple[Flow, ...]
    among: tuple[Flow, ...]
    outside: str
    near_title: str
    within_title: str
    apart_title: str
    caption: Text
    alternative: str
