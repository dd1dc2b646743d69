"""Bars: parts of a whole beside each other, and lengths from zero."""

import pytest

from reports.model import Bar, BarKey, BarPart
from reports.pictures.bars import drawn, key


def bar(length, *parts):
    return Bar("shop", tuple(BarPart(kind, share) for kind, share in parts), length, "", "")


def test_parts_lie_beside_each_other():
    drawing = drawn(bar(1.0, ("isolated", 0.25), ("open", 0.75)))
    assert [(p.kind, p.left, p.width) for p in drawing.solid] == [
        ("isolated", "0%", "25%"),
        ("open", "25%", "75%"),
    ]


def test_what_was_not_assessed_is_hatched():
    drawing = drawn(bar(1.0, ("not-assessed", 1.0)))
    assert drawing.solid == ()
    assert [(p.left, p.right) for p in drawing.hatched] == [("0%", "100%")]


@pytest.mark.parametrize(("length", "width"), [(1.0, 76), (0.5, 38), (0.0001, 1)])
def test_lengths_are_in_proportion_and_all_are_seen(length, width):
    assert drawn(bar(length, ("open", 1.0))).width == width


def test_a_key_is_a_part_of_its_kind():
    assert key(BarKey("open", "open")).solid[0].kind == "open"
    assert key(BarKey("not-assessed", "not assessed")).hatched[0].colour == "#5b4b8a"
