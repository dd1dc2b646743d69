"""Where everything stands on paper, by the boxes that WeasyPrint lays out."""

from collections.abc import Iterator

import msgspec
import pytest

from reports.model import (
    Code,
    Column,
    Finding,
    Group,
    KeyValues,
    Look,
    Paragraph,
    Section,
    Table,
    code,
    file,
    name,
)
from tests.reports import sample, sample_sections
from tests.reports.boxes import pages_of

LEAST = 7.5
POINT = 4 / 3  # in the pixels of CSS
SLACK = 0.5
LONG = ("x" * 253, sample_sections.LONG, "W" * 253, "支" * 253, "\u202e" * 60, "-" * 253, "a.b/" * 63)
KINDS = ("name", "text", "code", "number")


@pytest.fixture
def pages(monkeypatch):
    """The pages of a report, as boxes."""

    def make(**changes):
        front = msgspec.structs.replace(sample.page_one(), first=(), nothing_first="No finding.")
        return pages_of(sample.report(page_one=front, **changes), monkeypatch)

    return make


def texts(box) -> Iterator:
    return (each for each in box.descendants() if type(each).__name__ == "TextBox" and each.text.strip())


def table(*cells: str, kinds=KINDS) -> Table:
    rows = tuple(tuple(cell if kind != "number" else "1,234" for kind in kinds) for cell in cells)
    return Table(
        columns=tuple(Column(f"Isolated for {kind}", kind) for kind in kinds),
        groups=(Group(rows, title=(name(cells[0]),)),),
        caption=(name(cells[0]),),
        more=("and 31 more, see ", file("csv/pods.csv")),
    )


@pytest.mark.parametrize("sheet", ["A4", "Letter"])
@pytest.mark.parametrize("kinds", [KINDS, ("name",) * 7, ("name", *("number",) * 7, "text", "code")])
def test_no_cell_overflows_at_any_length_of_name(pages, sheet, kinds):
    blocks = (
        table(*LONG, kinds=kinds),
        KeyValues(tuple(("Cluster", (name(each),)) for each in LONG)),
        KeyValues(tuple((each, "") for each in LONG), form=True),
        *(Finding("critical", (name(each),), details=((code(each),),)) for each in LONG),
        Code("".join(f"{each}: {each}\n" for each in LONG)),
    )
    made = pages(
        subject=LONG[0],
        cover=(("Cluster", LONG[0]),),
        look=Look(page=sheet, organisation=LONG[2]),
        classification="W" * 60,
        sections=(Section("a", (name(LONG[0]),), blocks=blocks),),
    )
    for page in made:
        for cell in page.descendants():
            if type(cell).__name__ != "TableCellBox":
                continue
            left, right = cell.position_x, cell.position_x + cell.border_width()
            for text in texts(cell):
                assert left - SLACK <= text.position_x
                assert text.position_x + text.width <= right + SLACK, text.text
        edge = page.content_box_x() + page.width
        for text in texts(page):
            assert text.position_x + text.width <= edge + SLACK, text.text


def test_nothing_is_set_smaller_than_seven_and_a_half_points(pages):
    blocks = (table(*LONG), Paragraph((code("\u202e"), name("\u202e"))))
    for page in pages(sections=(*sample.report().sections, Section("a", "A", blocks=blocks))):
        for text in texts(page):
            assert text.style["font_size"] / POINT >= LEAST - 0.01, text.text


HEADS = {"h2", "h3", "h4", "h5", "caption", "thead"}


def test_no_heading_stands_alone_at_the_foot_of_a_page(pages):
    def sections():
        for place in range(90):
            yield Section(
                f"s{place}",
                f"Section {place}",
                lead="A lead of a line." if place % 2 else "",
                blocks=(
                    *(Paragraph("One line.") for _ in range(place % 7)),
                    table("shop/web")
                    if place % 3
                    else Finding("high", "A finding.", affected=table("a", "b")),
                ),
            )

    for page in pages(sections=tuple(sections())):
        flow = [text for child in page.children if child.element_tag == "html" for text in texts(child)]
        lowest = max(text.position_y for text in flow)
        for box in page.descendants():
            if box.element_tag in HEADS and hasattr(box, "descendants"):
                own = [text.position_y for text in texts(box)]
                assert not own or max(own) < lowest, [text.text for text in texts(box)]
