"""HTML: one file that holds all it needs, reads from a disk and fetches nothing.

Without its script it is whole, too: the script adds what a screen can do beyond paper. The tables behind the
report are in the page as far as there is room.
"""

import base64
import hashlib
from functools import partial
from typing import Final

from reports import assets, scripts
from reports.further_fonts import reduced
from reports.model import Report
from reports.packing import pack
from reports.page import Page, Screen

MOST: Final = 4_000_000
"""Bytes that the file may have; tables that would make it larger are left out."""
_AROUND: Final = 200_000
"""Bytes for fonts, style sheets and our own script."""


def render_html(report: Report) -> bytes:
    """`report` as one self-contained HTML document in UTF-8; RenderFailure if it contradicts itself."""
    logo = report.look.logo
    page = Page(report, logo=assets.data_address("image/png", logo.png) if logo else "")
    library = scripts.packed_library() if report.data else ""
    tables = pack(report.data, MOST - _AROUND - len(page.body.encode("utf-8", "replace")) - len(library))
    screen = Screen(tables, scripts.own(), library)
    characters = assets.ASCII | frozenset(map(ord, page.body)) | tables.characters
    fonts = reduced(report.look.fonts, characters - assets.covered(), "woff2")
    styled = partial(assets.style, look=report.look)
    foot = assets.foot(report.identifier, evidence=report.evidence)
    sheets = "\n".join(
        (
            assets.font_faces_inlined(characters, [font.data for font in fonts]),
            styled("base"),
            assets.widths(),
            f"@media screen {{\n{styled('screen')}{styled('controls')}}}",
            f"@media print {{\n{styled('paper')}{styled('printed')}{foot}}}",
        )
    )
    stylesheet = assets.with_further(sheets, len(fonts))
    policy = _policy(stylesheet, scripts.own(), *([scripts.library()] if library else []))
    return page.document(stylesheet, policy, screen).encode("utf-8", "backslashreplace")


def _policy(stylesheet: str, *run: str) -> str:
    """This style sheet and these scripts alone, fonts and images from the file itself; no frame, no form."""
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'; font-src data:; img-src data:"
    hashes = " ".join(map(_hash, run))
    return f"{closed}; style-src {_hash(stylesheet)}; script-src {hashes}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
