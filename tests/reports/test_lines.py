"""Charts of one line: where it is broken, where it stands, what is said of it."""

import re

from reports import assets
from reports.lines import HEIGHT, WIDTH, drawn
from reports.model import Line, Lines, Point, Section
from reports.to_html import render_html
from tests.reports import sample


def line(*heights):
    last = max(len(heights) - 1, 1)
    points = tuple(Point(place / last, height) for place, height in enumerate(heights))
    return Line("Figure", points, "1", "2", "3 Nov", "9 Nov", "1, then 2.")


def test_it_stands_on_zero_and_ends_at_one():
    drawing = drawn(line(0.0, 1.0))
    assert drawing.paths == (f"M4.0 {HEIGHT - 4}.0L{WIDTH - 4}.0 4.0",)
    assert drawing.dots == (("4.0", f"{HEIGHT - 4}.0"), (f"{WIDTH - 4}.0", "4.0"))


def test_gaps_are_gaps_and_what_is_alone_is_a_dot():
    drawing = drawn(line(0.5, 0.5, None, 0.5, None, 0.5, 0.5))
    assert [path.count("L") for path in drawing.paths] == [1, 1]
    assert [left for left, _ in drawing.dots] == ["4.0", "236.0", "120.0"]


def test_time_runs_in_proportion():
    points = (Point(0.0, 0.0), Point(0.25, 0.0), Point(1.0, 0.0))
    (path,) = drawn(Line("Figure", points, "", "", "", "", "")).paths
    assert path == "M4.0 40.0L62.0 40.0L236.0 40.0"


def test_without_a_value_there_is_no_line():
    for empty in (line(), line(None, None)):
        assert (drawn(empty).paths, drawn(empty).dots) == ((), ())


def html(*lines):
    section = Section("trend", "Trend", blocks=(Lines(lines, "Caption."),))
    return render_html(
        sample.report(sections=(section, *sample.report().sections[:2], *sample.report().sections[3:]))
    ).decode()


def test_a_chart_says_what_is_to_be_seen():
    page = html(line(0.0, 1.0))
    assert re.search(r'<svg role="img" [^>]*><title>1, then 2.</title>', page)
    assert "style=" not in page.partition("<body>")[2], "the page's policy refuses style attributes"


def test_its_colours_on_paper_are_tokens():
    tokens = re.findall(r"--[a-z-]+: (#[0-9a-f]{6});", assets.style("base"))
    body = html(line(0.0, None, 1.0, 1.0)).partition("<body>")[2]
    used = set(re.findall(r"#[0-9a-f]{6}", body.partition('class="charts"')[2].partition("</section>")[0]))
    assert used
    assert used <= set(tokens)


def test_what_it_is_called_cannot_be_markup():
    script = "</title></svg><script>owned()</script>"
    assert "<script>owned" not in html(Line(script, (), script, script, script, script, script))
