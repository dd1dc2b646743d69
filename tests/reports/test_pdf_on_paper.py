"""What a validator and a renderer say of the PDF."""

import shutil
import subprocess
from pathlib import Path

import pytest

from reports.model import Paragraph, Section, code, name, strong
from reports.to_pdf import render_pdf
from tests import parts
from tests.reports import sample, sample_sections

pytestmark = pytest.mark.pdf

POM = Path(__file__).parent / "verapdf" / "pom.xml"
EVERYWHERE = " ".join(sample_sections.HOSTILE)


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
    ],
    ids=["sample", "hostile front", "hostile section"],
)
def test_the_pdf_is_accessible_and_fit_for_archives(validator, tmp_path, changes, flavour):
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(sample.report(**changes)))
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
