"""A section with pictures: all kinds of parts, cells, boxes and lines, and hostile words."""

from reports.model import (
    Bar,
    BarGroup,
    BarKey,
    BarPart,
    Bars,
    Box,
    Diagram,
    Entry,
    Flow,
    Matrix,
    MatrixCell,
    Section,
    Side,
)
from tests.reports.sample_sections import HOSTILE


def bars() -> Bars:
    parts = (BarPart("isolated", 0.75), BarPart("open", 0.25))
    return Bars(
        groups=(
            BarGroup(
                (
                    Bar("shop", parts, 1.0, "12 of 48 open", "36 isolated, 12 open", "pictures"),
                    Bar("tiny", (BarPart("open", 1.0),), 0.0001, "1 of 1 open", "1 open"),
                    *(Bar(text, (BarPart("not-assessed", 1.0),), 0.5, text, text) for text in HOSTILE),
                )
            ),
            BarGroup((Bar("kube-system", parts, 0.5, "6 of 24 open", "18 isolated, 6 open"),), HOSTILE[0]),
        ),
        key=(BarKey("isolated", "isolated"), BarKey("open", "open"), BarKey("not-assessed", HOSTILE[0])),
        caption="Isolation of namespaces.",
        more="and 31 more with 12 open pods.",
    )


def matrix() -> Matrix:
    sides = (
        *(Side(text, doubtful=number == 1) for number, text in enumerate(HOSTILE)),
        Side("kube-system", apart=True),
    )
    cells = tuple(
        MatrixCell(row, column, ((row + column) % 5 + 1) / 5, (row + column) % 2 == 0, text)
        for row, text in enumerate(HOSTILE)
        for column in range(0, len(sides), 3)
    )
    return Matrix(
        title="Who reaches whom",
        sides=sides,
        cells=cells,
        shades=((0.5, "to 50 %"), (1.0, "all pods")),
        smaller=HOSTILE[0],
        hatched="not assessed",
        caption="Who reaches whom.",
        alternative=HOSTILE[1],
        more="All pairs: elsewhere.",
    )


def diagram() -> Diagram:
    kinds = ("plain", "open", "doubtful", "rest")
    near = tuple(Box("AB"[i], text, text, "and 3 more", "open") for i, text in enumerate(HOSTILE[:2]))
    within = tuple(
        Box(str(i + 1), text, text, text, kinds[i % 4], apart=i > 7) for i, text in enumerate(HOSTILE)
    )
    return Diagram(
        title=HOSTILE[1],
        near=near,
        within=within,
        entries=(
            Entry(0, "TCP 443", "free"),
            Entry(0, HOSTILE[0], "plain"),
            Entry(1, "TCP 80", "closed"),
            Entry(1, "TCP 81", "doubtful"),
        ),
        onward=(
            Flow((0, 1), (0, 3, 9), "all ports", "free"),
            Flow((1,), (2,), HOSTILE[3], "plain"),
        ),
        among=(
            Flow((0, 1, 4), (0, 1), "all ports", "free"),
            Flow((2,), (5,), "TCP 5432", "doubtful"),
            Flow((9, 8), (6,), HOSTILE[2], "plain"),
        ),
        outside="Outside",
        near_title="Exposed",
        within_title=HOSTILE[0],
        apart_title="System",
        caption="Network diagram.",
        alternative=HOSTILE[0],
    )


def pictures() -> Section:
    return Section("pictures", "Pictures", blocks=(diagram(), matrix(), bars()))
