"""The network diagram: whatever leads where, nothing lies over anything else, and all is on the sheet."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.model import Box, Diagram, Entry, Flow
from reports.pictures.diagram import drawn, fits
from reports.pictures.measure import WIDTH, width
from tests.reports import sample_pictures

WEIGHTS = ("plain", "free", "doubtful")
LABELS = ("all ports", "TCP 5432", "TCP 80, 443, 8080-8090; UDP 53")


def box(mark, name="shop", *, apart=False):
    return Box(mark, name, "12 pods, 3 open", "and 11 more", "open", apart)


def diagram(near, within, entries=(), onward=(), among=(), *, apart=0):  # noqa: PLR0913 # as it is
    return Diagram(
        title="",
        near=tuple(box(str(i)) for i in range(near)),
        within=tuple(box(str(i), apart=i >= within - apart) for i in range(within)),
        entries=tuple(Entry(to, "TCP 80", "plain") for to in entries),
        onward=tuple(onward),
        among=tuple(among),
        outside="Outside",
        near_title="Exposed",
        within_title="Namespaces",
        apart_title="System",
        caption="",
        alternative="",
    )


def some(count):
    return st.lists(st.integers(0, count - 1), min_size=1, max_size=4, unique=True).map(
        lambda places: tuple(sorted(places))
    )


@st.composite
def diagrams(draw):
    near, within = draw(st.integers(0, 5)), draw(st.integers(1, 9))

    def flows(sources):
        if not sources:
            return []
        return draw(
            st.lists(
                st.builds(
                    Flow, some(sources), some(within), st.sampled_from(LABELS), st.sampled_from(WEIGHTS)
                ),
                max_size=8,
            )
        )

    entries = draw(st.lists(st.integers(0, near - 1), max_size=8)) if near else []
    return diagram(near, within, entries, flows(near), flows(within), apart=draw(st.integers(0, within)))


def rectangles(drawing):
    return [tuple(map(float, (b.left, b.top, b.width, b.height))) for b in drawing.boxes]


def segments(line):
    """The straight parts of a line: (x, y, x, y)."""
    for *start, way, end in re.findall(r"M([-\d.]+) ([-\d.]+)([HVv])([-\d.]+)", line.path):
        x, y, to = map(float, (*start, end))
        yield (x, y, to, y) if way == "H" else (x, y, x, to if way == "V" else y + to)


def overlap(a, b, c, d):
    """Whether two stretches have more than a point in common."""
    return min(max(a, b), max(c, d)) - max(min(a, b), min(c, d)) > 0.01


@settings(deadline=None, max_examples=150)
@given(diagrams())
def test_nothing_lies_over_anything_else(made):
    drawing = drawn(made, str)
    _, _, wide, high = map(float, drawing.box.split())
    boxes = rectangles(drawing)
    for (x, y, w, h), (a, b, c, d) in itertools.combinations(boxes, 2):
        assert not (overlap(x, x + w, a, a + c) and overlap(y, y + h, b, b + d))
    for x, y, w, h in boxes:
        assert x >= 0
        assert y >= 0
        assert x + w <= wide
        assert y + h <= high
    lines = [list(segments(line)) for line in drawing.lines]
    for one, other in itertools.combinations(lines, 2):
        for (x, y, p, q), (a, b, c, d) in itertools.product(one, other):
            assert not (x == p == a == c and overlap(y, q, b, d)), "two lines share a track"
            assert not (y == q == b == d and overlap(x, p, a, c)), "two lines share a row"
    for x, y, p, q in itertools.chain.from_iterable(lines):
        assert 0 <= min(x, p) <= max(x, p) <= wide
        for a, b, c, d in boxes:
            assert not (
                a + 0.5 < max(x, p) and min(x, p) < a + c - 0.5 and b < max(y, q) and min(y, q) < b + d
            )


@settings(deadline=None, max_examples=100)
@given(diagrams())
def test_labels_lie_on_their_own_line_and_no_other(made):
    drawing = drawn(made, str)
    upright = [(s, line) for line in drawing.lines for s in segments(line) if s[0] == s[2]]
    for line in drawing.lines:
        for words in line.labels:
            left, down = float(words.across), float(words.down)
            right = left + width(words.text)
            assert any(
                abs(y - down - 2.2) < 0.02 and min(x, p) <= left + 0.1 and max(x, p) >= right - 0.1
                for x, y, p, q in segments(line)
                if y == q
            ), words
            for (x, y, _, q), _ in upright:
                assert not (left < x < right and min(y, q) < down < max(y, q)), "a line through a label"


def test_every_end_is_drawn():
    made = diagram(
        2, 3, (0, 1), [Flow((0, 1), (0, 2), "all ports", "free")], [Flow((0,), (1, 2), "x", "plain")]
    )
    drawing = drawn(made, str)
    onward = next(line for line in drawing.lines if line.says == "all ports")
    assert onward.arrows.count("z") == 2
    assert len(onward.labels) == 2
    assert len(onward.dots) == 2, "four ends on a trunk: two of them branch off between"


def test_what_is_bold_lies_above():
    weights = [line.weight for line in drawn(sample_pictures.diagram(), str).lines]
    assert weights.index("free") > max(weights.index("plain"), weights.index("closed"))


def test_a_closed_entry_has_a_bar_and_no_arrow():
    closed = next(line for line in drawn(sample_pictures.diagram(), str).lines if line.weight == "closed")
    assert closed.arrows == ""
    assert closed.path.endswith("v6")


def test_what_does_not_fit_on_a_sheet_is_told():
    assert fits(diagram(12, 20))
    assert not fits(diagram(0, 40)), "too tall"
    many = [Flow((i,), (j,), f"{i} {j}", "plain") for i in range(5) for j in range(5, 10)]
    assert not fits(diagram(0, 10, among=many[:25] * 3)), "too many tracks"


@pytest.mark.parametrize("name", ["n" * 63, "team-" + "x" * 200 + "-checkout", "支" * 60])
def test_long_names_keep_both_ends_and_fit(name):
    made = diagram(1, 1, (0,))
    long = Diagram(**{f: getattr(made, f) for f in made.__struct_fields__} | {"within": (box("1", name),)})
    (found,) = [b for b in drawn(long, str).boxes if b.full.startswith(name)]
    assert found.name.text.startswith(name[:3])
    assert "…" in found.name.text
    assert found.name.text.endswith("and 11 more")
    right = float(found.name.across) + width(found.name.text, semibold=True)
    assert right <= float(found.left) + float(found.width) - 2 < WIDTH
