"""HTML: one file that holds all it needs, reads from a disk, and runs and fetches nothing."""

import base64
import hashlib

from reports import assets
from reports.further_fonts import reduced
from reports.model import Report
from reports.page import Page


def render_html(report: Report) -> bytes:
    """`report` as one self-contained HTML document in UTF-8; RenderFailure if it contradicts itself."""
    logo = report.look.logo
    page = Page(report, logo=assets.data_address("image/png", logo.png) if logo else "")
    characters = assets.ASCII | frozenset(map(ord, page.body))
    fonts = reduced(report.look.fonts, characters - assets.covered(), "woff2")
    foot = assets.foot(report.identifier, evidence=report.evidence)
    sheets = "\n".join(
        (
            assets.font_faces_inlined(characters, [font.data for font in fonts]),
            assets.style("base"),
            assets.widths(),
            f"@media screen {{\n{assets.style('screen')}}}",
            f"@media print {{\n{assets.style('paper')}{foot}}}",
        )
    )
    stylesheet = assets.with_further(sheets, len(fonts))
    return page.document(stylesheet, _policy(stylesheet)).encode("utf-8", "backslashreplace")


def _policy(stylesheet: str) -> str:
    """No script, no frame, no form, no address; this style sheet and no other, fonts and logo in the file."""
    digest = base64.b64encode(hashlib.sha256(stylesheet.encode()).digest()).decode("ascii")
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{closed}; font-src data:; img-src data:; style-src 'sha256-{digest}'"
