import pytest

from reports.errors import RenderFailure
from reports.model import Column, Group, Table
from reports.tables import lay_out
from reports.text import Typesetter

TYPESETTER = Typesetter({})


def laid_out(columns, *rows):
    return lay_out(Table(columns, (Group(rows),), "Pods"), TYPESETTER)


def test_widths_are_percent_of_one_line():
    table = laid_out(
        (Column("Name", "name"), Column("Pods", "number"), Column("Why")), ("a" * 300, "1", "b " * 90)
    )
    assert sum(table.widths) == 100
    assert table.span == 3
    assert all(width > 0 for width in table.widths)


def test_columns_of_numbers_leave_the_room_to_words():
    name, number = laid_out(
        (Column("Namespace", "name"), Column("Pods", "number")), ("kube-system", "64")
    ).widths
    assert number <= 10
    assert name >= 90


def test_a_table_of_numbers_alone_fills_the_line():
    assert laid_out((Column("A", "number"), Column("B", "number")), ("1", "2")).widths == (50, 50)


@pytest.mark.parametrize("count", [1, 2, 7, 13, 30])
def test_many_columns_still_add_up(count):
    columns = tuple(Column(f"Column number {i}") for i in range(count))
    assert sum(laid_out(columns, ("word " * 20,) * count).widths) == 100


def test_a_group_without_rows_is_left_out():
    table = lay_out(Table((Column("A"),), (Group((), "none"), Group((("x",),), "one")), "c"), TYPESETTER)
    assert [str(group.title) for group in table.groups] == ["one"]


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(RenderFailure, match="'Pods' has 2 columns and a row of 1"):
        laid_out((Column("A"), Column("B")), ("x",))
