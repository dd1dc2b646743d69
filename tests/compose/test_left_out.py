"""Sections that the configuration leaves out."""

from typing import get_args

import pytest

from audit.settings import OptionalSection, Settings
from reports.text import plain
from reports.to_html import render_html
from tests.compose.objects import CLOSED, pod

WHOLE = pod("web") + CLOSED + pod("db", "data")


@pytest.mark.parametrize(
    "left_out", [(one,) for one in get_args(OptionalSection)] + [get_args(OptionalSection)]
)
def test_a_section_that_is_left_out_is_named_on_page_one_and_nothing_refers_to_it(report, left_out):
    whole = report(WHOLE)
    part = report(WHOLE, settings=Settings(leave_out=left_out))
    kept = [section.anchor for section in whole.sections if section.anchor not in left_out]
    assert [section.anchor for section in part.sections] == kept
    titles = [plain(section.title) for section in whole.sections if section.anchor in left_out]
    told = plain(part.page_one.looked_at[-1], {section.anchor: "" for section in part.sections})
    assert told.startswith("The configuration leaves out the section") == bool(titles)
    assert all(title in told for title in titles)
    assert render_html(part)


def test_by_default_nothing_is_left_out(report):
    told = [plain(text, dict.fromkeys(["completeness"], "")) for text in report(WHOLE).page_one.looked_at[1:]]
    assert not any("leaves out" in text for text in told)
