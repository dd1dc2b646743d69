"""The square of who reaches whom: where cells lie, how dark they are, and what they say."""

import re

from reports.model import Matrix, MatrixCell, Side
from reports.pictures.matrix import drawn
from reports.pictures.measure import WIDTH, width


def matrix(names, cells=(), **more):
    fields = {
        "title": "",
        "sides": tuple(Side(name) for name in names),
        "cells": tuple(cells),
        "shades": ((0.5, "to 50 %"), (0.999999, "below 100 %"), (1.0, "all")),
        "smaller": "small",
        "hatched": "not assessed",
        "caption": "",
        "alternative": "",
    }
    return Matrix(**(fields | more))


def cell(row, column, share=1.0, *, whole=True, text=""):
    return MatrixCell(row, column, share, whole, text)


def start(path):
    return tuple(map(float, re.match(r"M([\d.]+) ([\d.]+)", path).groups()))


def test_rows_go_down_and_columns_to_the_right():
    cells = [
        cell(0, 0, 1.0),
        cell(0, 2, 1.0),
        cell(2, 0, 1.0),
    ]
    first, right, below = (start(c.path) for c in drawn(matrix("abc", cells), str).filled)
    assert right[0] > first[0]
    assert right[1] == first[1]
    assert below == (first[0], right[0] - first[0] + first[1])


def test_the_more_the_darker_and_all_is_darkest():
    shares = (0.01, 0.5, 0.51, 0.99, 1.0)
    cells = [cell(0, i, share) for i, share in enumerate(shares)]
    assert [c.opacity for c in drawn(matrix("abcde", cells), str).filled] == ["0.2", "0.2", "0.6", "0.6", "1"]


def test_what_is_not_whole_is_smaller():
    whole, part = drawn(matrix("ab", [cell(0, 0, 1.0), cell(1, 1, whole=False)]), str).filled
    sides = [float(re.search(r"h([\d.]+)", c.path)[1]) for c in (whole, part)]
    assert sides[1] < 0.6 * sides[0]


def test_all_cells_of_one_in_doubt_are_hatched():
    cells = [cell(row, column, text=f"{row}{column}") for row in range(3) for column in range(3)]
    sides = (Side("a"), Side("b", doubtful=True), Side("c"))
    drawing = drawn(matrix("", cells, sides=sides), str)
    assert [c.text.rpartition(": ")[2] for c in drawing.hatched] == ["01", "10", "11", "12", "21"]
    assert len(drawing.filled) == 4
    assert "not assessed" in [text for text, _ in drawing.key.labels]
    assert "not assessed" not in [text for text, _ in drawn(matrix("ab"), str).key.labels]


def test_hatches_stay_in_their_cell():
    sides = (Side("a", doubtful=True), Side("b"))
    drawing = drawn(matrix("", [cell(0, 0, 1.0)], sides=sides), str)
    (path,) = [c.path for c in drawing.hatched]
    (left, top), size = start(drawing.ground), float(re.search(r"h([\d.]+)", drawing.ground)[1])
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path):
        assert left - 0.4 <= float(x) <= left + size + 0.4
        assert top - 0.4 <= float(y) <= top + size + 0.4


def test_forty_with_the_longest_names_fit():
    names = [f"{'n' * 60}-{i:02}" for i in range(40)]
    drawing = drawn(matrix(names), str)
    _, _, wide, high = map(float, drawing.box.split())
    assert wide == WIDTH
    assert high < 640, "a sheet"
    ends = [start(f"M{m}") for m in drawing.ground.split("M")[1:]]
    assert max(x for x, _ in ends) + 8 < WIDTH
    for label in drawing.rows:
        assert "…" in label.text
        assert float(label.across) - width(label.text) >= 0
    for label in drawing.columns:
        assert float(label.down) - width(label.text) >= 0


def test_those_apart_stand_behind_a_gap():
    sides = (Side("a"), Side("b"), Side("kube-system", apart=True))
    rows = [float(label.down) for label in drawn(matrix("", sides=sides), str).rows]
    assert rows[2] - rows[1] > rows[1] - rows[0]
    alone = (Side("a", apart=True), Side("b", apart=True))
    assert drawn(matrix("", sides=alone), str).ground == drawn(matrix("ab"), str).ground


def test_the_key_fits():
    sides = (Side("a", doubtful=True), Side("b"))
    text, across = drawn(matrix("", sides=sides), str).key.labels[-1]
    assert float(across) + width(text) <= WIDTH
