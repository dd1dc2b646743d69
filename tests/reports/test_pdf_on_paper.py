"""What a validator and a renderer say of the PDF."""

import shutil
import subprocess
from pathlib import Path

import pytest
from fontTools.unicodedata import Blocks

from reports.further_fonts import read_fonts
from reports.logo import read_logo
from reports.model import Look, Paragraph, Section, code, name, strong
from reports.to_pdf import render_pdf
from tests import parts
from tests.reports import font_files, sample, sample_sections
from tests.reports.test_logo import picture

pytestmark = pytest.mark.pdf

POM = Path(__file__).parent / "verapdf" / "pom.xml"
EVERYWHERE = " ".join(sample_sections.HOSTILE)
MOST_IN_A_BLOCK = 4


def annotation() -> str:
    """Characters of every block of Unicode: the first of it, the last, and what has a place between."""
    taken = []
    for first, following in zip(Blocks.RANGES, [*Blocks.RANGES[1:], 0x110000], strict=True):
        block = range(first, following)
        taken += [first, *block[1 :: max(len(block) // MOST_IN_A_BLOCK, 1)], following - 1]
    words = ("".join(map(chr, taken[at : at + 12])) for at in range(0, len(taken), 12))
    return " ".join(words)


BLOCKS = annotation()


def house(folder: Path) -> Look:
    """A logo that is transparent in parts, and fonts of both kinds of outlines."""
    (folder / "logo.png").write_bytes(picture(mode="RGBA"))
    fonts = {"one_ttf": font_files.font("支払い"), "two_otf": font_files.font("サービス", kind="CFF ")}
    return Look(
        page="Letter",
        organisation=EVERYWHERE[:120],
        logo=read_logo(folder / "logo.png", EVERYWHERE),
        fonts=read_fonts([font_files.folder(folder / "fonts", **fonts)]),
    )


@pytest.fixture(scope="session")
def validator() -> list[str]:
    """The command line of veraPDF, fetched once for each version of the pom."""
    java = parts.need("java", "default-jre-headless")
    folder = Path.home() / ".cache" / "segaudit-tests" / "verapdf"
    fetched = folder / "pom.xml"
    if not fetched.exists() or fetched.read_bytes() != POM.read_bytes():
        maven = parts.need("mvn", "maven")
        shutil.rmtree(folder, ignore_errors=True)
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}"]
        subprocess.run([maven, "-q", "-B", "-f", str(POM), *goal], check=True)
        shutil.copy(POM, fetched)
    return [java, "-cp", f"{folder / 'jars'}/*", "org.verapdf.apps.GreenfieldCliWrapper"]


@pytest.mark.parametrize("flavour", ["ua1", "3a"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": EVERYWHERE, "subject": EVERYWHERE, "date": EVERYWHERE, "classification": EVERYWHERE},
        {
            "sections": (
                *sample.report().sections,
                Section(
                    "all",
                    (name(EVERYWHERE),),
                    blocks=(Paragraph((code(EVERYWHERE), strong(EVERYWHERE))),),
                ),
            )
        },
        {
            "sections": (
                *sample.report().sections,
                Section(
                    "all",
                    "All",
                    blocks=(Paragraph((annotation(), code(annotation()), strong(annotation()))),),
                ),
            )
        },
    ],
    ids=["sample", "hostile front", "hostile section", "every block of Unicode"],
)
def test_the_pdf_is_accessible_and_fit_for_archives(validator, tmp_path, changes, flavour):
    check(validator, tmp_path / "report.pdf", flavour, sample.report(**changes))


@pytest.mark.parametrize("flavour", ["ua1", "3a"])
def test_the_same_with_logo_and_fonts_of_the_house(validator, tmp_path, flavour):
    text = "支払いサービス"
    sections = (
        *sample.report().sections,
        Section("all", (name(text),), blocks=(Paragraph((strong(text),)),)),
    )
    check(validator, tmp_path / "report.pdf", flavour, sample.report(look=house(tmp_path), sections=sections))


def check(validator, file, flavour, report):
    file.write_bytes(render_pdf(report))
    told = subprocess.run(
        [*validator, "--flavour", flavour, "--format", "text", "-v", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.startswith("PASS"), told.stdout


def test_no_ink_beyond_the_margins(tmp_path):
    """Nothing is cut off: 253 characters fit, and 12 mm at each side of a sheet are white."""
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(sample.report(subject=sample_sections.LONG)))
    poppler = parts.need("pdftoppm", "poppler-utils")
    subprocess.run([poppler, "-r", "50", "-gray", str(file), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page-*.pgm"))
    assert pages
    for page in pages:
        _, size, _, pixels = page.read_bytes().split(b"\n", 3)
        width = int(size.split()[0])
        margin = int(12 / 25.4 * 50)
        rows = [pixels[i : i + width] for i in range(0, len(pixels), width)]
        assert {b for row in rows for b in row[:margin] + row[-margin:]} == {255}


def test_names_can_be_searched_and_copied(tmp_path):
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(sample.report()))
    poppler = parts.need("pdftotext", "poppler-utils")
    text = subprocess.run(
        [poppler, "-layout", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "StatefulSet/orders-db" in text
    assert "team-21-frontendForCustomers" in text
    assert "\u200b" not in text


def test_a_name_of_any_length_can_be_found_however_it_breaks(tmp_path):
    long = ("x" * 253, sample_sections.LONG, "payments/checkoutServiceForCustomers.v1-" * 6)
    file = tmp_path / "report.pdf"
    section = Section("all", "All", blocks=tuple(Paragraph((name(each),)) for each in long))
    file.write_bytes(render_pdf(sample.report(sections=(*sample.report().sections, section))))
    poppler = parts.need("pdftotext", "poppler-utils")
    text = subprocess.run(
        [poppler, "-raw", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    together = "".join(text.split())
    assert [each in together for each in long] == [True] * len(long)
