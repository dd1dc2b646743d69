"""Templates of the house, in the place of ours."""

import pytest

from reports.errors import RenderFailure
from reports.model import Look
from reports.own_templates import read_templates
from reports.to_html import render_html
from tests.reports import sample


def test_they_come_before_ours(tmp_path):
    (tmp_path / "blocks").mkdir()
    own = "<p>Of the house: {{ inline(block.text) }}</p>"
    (tmp_path / "blocks" / "paragraph.html.j2").write_text(own, "utf-8")
    (tmp_path / "screen.css").write_text("body { color: rebeccapurple; }", "utf-8")
    templates = read_templates(tmp_path)
    assert [name for name, _ in templates] == ["blocks/paragraph.html.j2", "screen.css"]
    ours = render_html(sample.report()).decode()
    theirs = render_html(sample.report(look=Look(templates=templates))).decode()
    assert "Of the house: " in theirs
    assert "Of the house: " not in ours
    assert "rebeccapurple" in theirs
    assert "<b>" not in theirs.split("</style>")[1].split("<script")[0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("body.html", b"", "overrides nothing: there are bar.html.j2, "),
        ("mail.html.j2", b"", "overrides nothing"),
        ("blocks/mine.html.j2", b"", "overrides nothing"),
        ("body.html.j2", b"<p>\n{% if %}", r"body\.html\.j2:2: "),
        ("body.html.j2", b"\xff", "is not UTF-8"),
        ("base.css", b" " * ((1 << 20) + 1), "is larger than 1 MiB"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, name, content, told):
    (tmp_path / "blocks").mkdir()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RenderFailure, match=told):
        read_templates(tmp_path)


def test_a_folder_without_templates_is_none(tmp_path):
    with pytest.raises(RenderFailure, match="has no template"):
        read_templates(tmp_path / "absent")
