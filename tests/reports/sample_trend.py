"""A section with charts: gaps, nothing to show, and hostile words."""

from reports.model import Line, Lines, Point, Section
from tests.reports.sample_sections import HOSTILE


def trend() -> Section:
    heights = (0.2, 0.4, None, 0.6, None, 1.0, 0.9)
    points = tuple(Point(place / 6, height) for place, height in enumerate(heights))
    return Section(
        "trend",
        "Trend",
        blocks=(
            Lines(
                (
                    Line(
                        "Isolated for ingress", points, "20 %", "90 %", "3 Nov", "9 Nov", "20 %, then 90 %."
                    ),
                    Line("Broad CIDR rules", (), "?", "?", "3 Nov", "9 Nov", "Not assessed."),
                    *(Line(text, points, text, text, text, text, text) for text in HOSTILE),
                ),
                caption="Every line stands on zero.",
            ),
        ),
    )
