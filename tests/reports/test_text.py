import pytest

from reports.errors import RenderFailure
from reports.model import Reference, Span, code, file, name, strong
from reports.text import Typesetter, plain

SCREEN = Typesetter({"web": "7.3"})
PAPER = Typesetter({"web": "7.3"}, frozenset(range(0x250)))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("shop/web", "shop/|web"),
        ("kube-system", "kube-|system"),
        ("v1.2.3", "v1.2.3"),
        ("csv/findings.csv", "csv/|findings.csv"),
        ("spec.ingress", "spec.|ingress"),
        ("payment-gateway.example.com/Owner", "payment-|gateway.|example.|com/|Owner"),
        ("checkoutServiceABTest", "checkout|Service|ABTest"),
        ("a--b..c//d", "a--|b..c//|d"),
        ("ends-with-", "ends-|with-"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_names_break_after_marks_and_before_capitals(text, broken):
    assert str(SCREEN.breakable(text)) == broken.replace("|", "<wbr>")
    assert str(PAPER.breakable(text)) == broken.replace("|", "\u200b")


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&#34;&#39;"),
        ("a\u202eb", 'a<span class="codepoint">\\u{202E}</span>b'),
        ("\x00", '<span class="codepoint">\\u{0000}</span>'),
        ("a\u200bb", 'a<span class="codepoint">\\u{200B}</span>b'),
        ("\ud800", '<span class="codepoint">\\u{D800}</span>'),
        ("\ue000", '<span class="codepoint">\\u{E000}</span>'),
        ("\u2028", '<span class="codepoint">\\u{2028}</span>'),
        ("Zürich", "Zürich"),
        ("支払い", "支払い"),
    ],
)
def test_nothing_is_markup_and_nothing_is_hidden(text, markup):
    assert str(SCREEN.exact(text)) == markup


def test_paper_shows_what_no_font_covers_by_its_number():
    assert str(PAPER.exact("Zür")) == "Zür"
    assert str(PAPER.exact("支")) == '<span class="codepoint">\\u{652F}</span>'


def test_what_is_hidden_side_by_side_is_told_together():
    assert str(SCREEN.exact("\u202e\u202d")) == '<span class="codepoint">\\u{202E}<wbr>\\u{202D}</span>'


def test_text_without_an_end_breaks_anywhere():
    assert str(SCREEN.exact("x" * 250 + " <")) == "x" * 250 + " &lt;"
    assert str(SCREEN.exact("x" * 350)) == "<wbr>".join(["x" * 100] * 3 + ["x" * 50])
    assert str(SCREEN.line("a " + "&" * 301)).replace("<wbr>", "") == "a " + "&amp;" * 301


@pytest.mark.parametrize("set_text", [SCREEN.line, SCREEN.breakable, SCREEN.lines, SCREEN.names])
def test_text_of_any_length_is_bounded_and_says_so(set_text):
    said = str(set_text("x" * 1_000_000)).replace("<wbr>", "")
    assert said == "x" * 4000 + "… and 996000 more characters"


def test_a_name_shows_its_line_end_and_running_text_has_a_blank():
    assert r"\u{000A}" in SCREEN.breakable("a\nb")
    assert str(SCREEN.inline("a\n\tb")) == "a  b"


def test_preformatted_text_keeps_its_lines():
    assert str(SCREEN.lines("a:\n\tb: <x>\n")) == "a:\n  b: &lt;x&gt;\n"


def test_spans_and_references():
    text = (
        "See ",
        name("shop/web"),
        ", ",
        code("a: b"),
        strong("!"),
        Span("low", "low"),
        " at ",
        Reference("web"),
    )
    assert str(SCREEN.inline(text)) == (
        'See <bdi class="name">shop/<wbr>web</bdi>, <code>a: b</code><strong>!</strong>'
        '<span class="severity low">low</span> at <a class="reference" href="#web">7.3</a>'
    )
    assert SCREEN.spoken(text) == "See shop/web, a: b!low at 7.3"
    assert plain(text) == "See shop/web, a: b!low at web"


def test_a_link_holds_text_only():
    linked = SCREEN.inline((Span("a/b\u202e<", "name", anchor="web"),))
    assert str(linked) == '<bdi class="name"><a href="#web">a/b\\u{202E}&lt;</a></bdi>'


@pytest.mark.parametrize("piece", [Reference("nowhere"), Span("x", anchor="nowhere")])
def test_a_reference_to_nowhere_is_refused(piece):
    with pytest.raises(RenderFailure, match="refers to 'nowhere'"):
        SCREEN.inline((piece,))


def test_a_file_of_a_table_has_the_beginning_of_its_hash():
    page = Typesetter({}, digest={"csv/pods.csv": "0123456789abcdef"}.get)
    told = page.inline(("and 3 more, see ", file("csv/pods.csv"), " and ", file("csv/x.csv")))
    assert plain((file("csv/pods.csv"),)) == "csv/pods.csv"
    assert str(told) == (
        "and 3 more, see <code>csv/<wbr>pods.csv</code> "
        '<span class="digest">(SHA-256 0123456789ab)</span> and <code>csv/<wbr>x.csv</code>'
    )
