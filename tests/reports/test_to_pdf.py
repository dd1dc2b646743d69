import gc
import io
import logging
import os
import re
import subprocess
import sys

import msgspec
import pypdf
import pytest

from reports import assets, to_pdf
from reports.errors import RenderFailure
from reports.further_fonts import read_fonts
from reports.logo import read_logo
from reports.model import Figure, Look, PageOne, Paragraph, Section, code, name, strong
from reports.to_csv import write_csv
from reports.to_pdf import render_pdf
from tests.reports import font_files, sample, sample_sections
from tests.reports.test_logo import picture

PROGRAM = (
    "import sys; from tests.reports import sample; from reports.to_pdf import render_pdf;"
    "sys.stdout.buffer.write(render_pdf(sample.report()))"
)
PAGE_OF = re.compile(r"page (\d+) of (\d+)")


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render_pdf(sample.report())


@pytest.fixture(scope="module")
def reader(pdf) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


@pytest.fixture(scope="module")
def pages(reader) -> list[str]:
    return [page.extract_text() for page in reader.pages]


def test_the_same_report_gives_the_same_bytes_in_another_process(pdf, tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONHASHSEED": "7", "PYTHONPATH": "."}
    again = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=environment)
    assert again.stdout == pdf


def test_a_machine_with_other_fonts_and_another_locale_gives_the_same_bytes(pdf, tmp_path):
    """Fonts with the names of ours, or of a generic family, lie where systems and users have them."""
    home = tmp_path / "home"
    fonts = home / ".local" / "share" / "fonts"
    fonts.mkdir(parents=True)
    for family in ("Report Sans", "DejaVu Sans", "sans-serif"):
        (fonts / f"{family}.ttf").write_bytes(font_files.font("abcdefghijklmnopqrstuvwxyz支", family=family))
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{fonts}</dir><cachedir>{tmp_path}</cachedir></fontconfig>'
    )
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_CACHE_HOME": str(tmp_path),
        "FONTCONFIG_FILE": str(configuration),
        "FONTCONFIG_PATH": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "LANG": "ja_JP.UTF-8",
        "PYTHONPATH": ".",
    }
    again = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=environment)
    assert again.stdout == pdf


def test_every_page_has_its_running_heads_and_feet(pages):
    for number, text in enumerate(pages, 1):
        assert PAGE_OF.findall(text) == [(str(number), str(len(pages)))]
        assert f"snapshot {sample_sections.SHA[:12]}" in text
        assert "prod-eu-1" in text
        assert "CONFIDENTIAL" in text
        assert "23 November 2026, 02:00 UTC" in text


def test_the_cover_stands_before_page_one(pages):
    assert "Period" in pages[0]
    assert sample_sections.SHA in "".join(pages[0].split())
    assert "accept traffic from every pod" in pages[1]
    assert all(page.count("prod-eu-1") == 1 for page in pages[:2])


def test_references_tell_the_page(pages):
    (page,) = re.findall(r"1\.1\.1, page (\d+)", pages[1])
    assert "Deployment shop/web (6 pods)" in pages[int(page) - 1]


def test_contents_and_bookmarks_tell_the_same_pages(reader, pages):
    marks = [(item.title, reader.get_destination_page_number(item) + 1) for item in flat(reader.outline)]
    contents = pages[2]
    for title, page in marks:
        number, _, words = title.partition(" ")
        if number.count(".") < 2:
            assert re.search(rf"{re.escape(number)}\s+{re.escape(words)}\s*{page}\b", contents), title


def flat(outline):
    for item in outline:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


def test_metadata_comes_from_the_report(reader):
    assert reader.metadata.title == "prod-eu-1 · segaudit · Network policy audit"
    assert reader.metadata.creator == "segaudit 0.1.0"
    assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == "D:20261123020000Z"
    assert reader.trailer["/ID"][0] in {sample_sections.SHA, sample_sections.SHA.encode()}
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    packet = reader.trailer["/Root"]["/Metadata"].get_data()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in packet
    assert packet.count(b"</rdf:RDF>") == 1


def test_fonts_are_our_own(reader):
    fonts = {
        str(f.get_object()["/BaseFont"]) for p in reader.pages for f in p["/Resources"]["/Font"].values()
    }
    families = {font.partition("+")[2] for font in fonts}
    assert families <= {
        "Report-Sans",
        "Report-Sans-Semi-Bold",
        "Report-Mono",
        "DejaVu-Sans",
        "DejaVu-Sans-Bold",
    }


@pytest.mark.parametrize(("sheet", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_sheets(sheet, size):
    made = pypdf.PdfReader(
        io.BytesIO(
            render_pdf(
                sample.report(
                    sections=(sample_sections.findings(), sample_sections.method()), look=Look(page=sheet)
                )
            )
        )
    )
    box = made.pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_every_covered_character_prints_and_the_others_are_named():
    covered = "".join(map(chr, sorted(c for c in assets.covered() if c > 0x20)))
    lines = [covered[i : i + 64] + " " for i in range(0, len(covered), 64)]
    text = (*lines, *map(code, lines), *map(strong, lines))
    others = "\U0001f680\u202e\u652f"
    blocks = (Paragraph((others, " ", code(others), " ", strong(others))), Paragraph(text))
    made = pypdf.PdfReader(io.BytesIO(render_pdf(bare("x", (Section("a", "A", blocks=blocks),)))))
    extracted = "".join(page.extract_text() for page in made.pages)
    together = "".join(extracted.replace("\u200b", "").split())
    assert together.count(r"\u{1F680}\u{202E}\u{652F}") == 3


def bare(text: str, sections=()):
    page_one = PageOne(
        text, text, (Figure(text, text, text, text),), (), (text,), (text,), nothing_first=text
    )
    return sample.report(page_one=page_one, sections=sections, data=())


@pytest.mark.parametrize("text", sample_sections.HOSTILE)
def test_hostile_names_everywhere_print(text):
    changes = dict.fromkeys(("title", "subject", "date", "generator", "classification"), text)
    report = sample.report(
        **changes, sections=(Section("a", (name(text),), new_page=True),), page_one=bare(text).page_one
    )
    assert render_pdf(report).startswith(b"%PDF-1.7")


def test_an_address_that_is_not_ours_stops_the_render(monkeypatch):
    stolen = assets.style("base") + 'html { background: url("file:///etc/passwd") }'
    monkeypatch.setattr(assets, "style", lambda *_: stolen)
    with pytest.raises(RenderFailure, match="fetches its own fonts and logo, not 'file:///etc/passwd'"):
        render_pdf(bare("x"))


def test_a_warning_is_a_failure(monkeypatch):
    monkeypatch.setattr(assets, "style", lambda *_: "p { colour: red }")
    with pytest.raises(RenderFailure, match="Ignored `colour"):
        render_pdf(bare("x"))


def test_surroundings_are_left_as_they_were(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "/nowhere")
    handlers = list(logging.getLogger("weasyprint").handlers)
    render_pdf(bare("x"))
    assert gc.isenabled()
    assert os.environ["FONTCONFIG_FILE"] == "/nowhere"
    assert logging.getLogger("weasyprint").handlers == handlers
    assert to_pdf.render_pdf(bare("x")) == render_pdf(bare("x"))


def test_the_tables_and_their_hashes_travel_within(reader):
    root = reader.trailer["/Root"]
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert names[::2] == ["findings.csv", "hashes.json"]
    assert [each.idnum for each in root["/AF"]] == [list.__getitem__(names, place).idnum for place in (1, 3)]
    table, hashes = (each.get_object() for each in root["/AF"])
    assert (table["/AFRelationship"], hashes["/AFRelationship"]) == ("/Data", "/Supplement")
    assert table["/EF"]["/F"]["/Subtype"] == "/text/csv"
    assert hashes["/EF"]["/F"]["/Subtype"] == "/application/json"
    assert table["/Desc"] == "Pods that count"
    assert table["/EF"]["/F"]["/Params"]["/ModDate"] == "D:20261123020000Z"
    assert table["/EF"]["/F"].get_data() == write_csv(sample.pods(12))


class NoPango:
    """What the import of WeasyPrint comes to where its libraries are missing."""

    @staticmethod
    def find_spec(module, path=None, target=None):  # noqa: ARG004 - as finders are called
        if module == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0': ...")


def test_without_pango_one_line_names_the_packages(monkeypatch):
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango, *sys.meta_path])
    with pytest.raises(RenderFailure, match=r"^PDF: Pango is missing: install libpango-1\.0-0 .*$"):
        render_pdf(bare("x"))


def test_missing_fonts_are_named(monkeypatch):
    monkeypatch.setattr(assets, "find_spec", lambda _: None)
    assets.folders.cache_clear()
    with pytest.raises(RenderFailure, match="font_source_sans_pro, which ships the fonts, is missing"):
        assets.folders()


@pytest.fixture
def house(tmp_path) -> Look:
    (tmp_path / "logo.png").write_bytes(picture(mode="RGBA"))
    kinds = {"one_ttf": font_files.font("支払い"), "two_otf": font_files.font("サービス", kind="CFF ")}
    return Look(
        organisation="Example plc",
        logo=read_logo(tmp_path / "logo.png", "Example plc"),
        fonts=read_fonts([font_files.folder(tmp_path / "fonts", **kinds)]),
    )


def test_fonts_of_the_house_print_what_no_other_has(house):
    text = ("支払いサービス\U0001f680", code("支"), strong("ビ"), name("shop/払い"))
    report = bare("x", (Section("a", "A", blocks=(Paragraph(text),)),))
    made = pypdf.PdfReader(io.BytesIO(render_pdf(msgspec.structs.replace(report, look=house))))
    extracted = "".join("".join(page.extract_text().split()) for page in made.pages)
    assert r"支払いサービス\u{1F680}" in extracted
    assert "shop/払い" in extracted.replace("\u200b", "")
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in made.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert {"Report-Further1", "Report-Further2"} <= fonts


def test_the_house_stands_on_the_cover(house):
    made = pypdf.PdfReader(io.BytesIO(render_pdf(sample.report(look=house))))
    assert "Example plc" in made.pages[0].extract_text()
    assert [b" Do" in page.get_contents().get_data() for page in made.pages[:2]] == [True, False]


def test_a_font_that_breaks_while_it_is_used_is_named(house):
    broken = msgspec.structs.replace(house.fonts[0], data=house.fonts[0].data[:-400])
    report = msgspec.structs.replace(bare("支払い"), look=Look(fonts=(broken,)))
    with pytest.raises(RenderFailure, match=r"/one\.ttf cannot be used as a font: "):
        render_pdf(report)
