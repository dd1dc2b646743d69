import pytest

from reports.errors import RenderFailure
from reports.model import Finding, Paragraph, Section
from reports.page import Page, numbered
from tests.reports import sample, sample_sections


def finding(anchor: str) -> Finding:
    return Finding("high", "Open.", anchor=anchor)


def test_sections_and_findings_are_numbered_in_document_order():
    sections = (
        Section(
            "a",
            "A",
            blocks=(Paragraph("x"), finding("a-one"), finding(""), finding("a-two")),
            sections=(Section("a-three", "A3", blocks=(finding("deep"),)),),
        ),
        Section("b", "B"),
    )
    expected = {"a": "1", "a-one": "1.1", "a-two": "1.2", "a-three": "1.3", "deep": "1.3.1", "b": "2"}
    assert numbered(sections) == expected


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ((Section("a", "A"), Section("a", "B")), "'a' twice"),
        ((Section("a", "A", blocks=(finding("a"),)),), "'a' twice"),
        ((Section('a" onclick="x', "A"),), "cannot be an anchor"),
        ((Section("_main", "A"),), "cannot be an anchor"),
        (
            (
                Section(
                    "a",
                    "A",
                    sections=(
                        Section("b", "B", sections=(Section("c", "C", sections=(Section("d", "D"),)),)),
                    ),
                ),
            ),
            "more than 3 levels",
        ),
    ],
)
def test_anchors_that_cannot_be_linked_are_refused(sections, words):
    with pytest.raises(RenderFailure, match=words):
        numbered(sections)


@pytest.mark.parametrize("identifier", ["", "abc", "G" * 64, '"; } * { display: none } /*'])
def test_an_identifier_that_is_no_hash_is_refused(identifier):
    with pytest.raises(RenderFailure, match="no SHA-256"):
        Page(sample.report(identifier=identifier))


def test_a_remedy_that_is_not_there_is_refused():
    with pytest.raises(RenderFailure, match="'shop-web', which it does not have"):
        Page(sample.report(sections=(sample_sections.namespaces(),)))
