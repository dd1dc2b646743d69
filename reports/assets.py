"""The package's own files: style sheets, templates, and the fonts of the packages that ship them.

Text is set in Source Sans (package font_source_sans_pro), code and what that lacks in DejaVu (matplotlib).
The fonts of the system are never asked, so that a report looks the same wherever it is made.
"""

import base64
import io
import logging
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont

from reports.errors import RenderFailure

ASCII: Final = frozenset(range(0x20, 0x7F))


class Face(NamedTuple):
    """A face of a family as our style sheets call it; `folder` is the name of one in `folders()`."""

    family: str
    weight: int
    folder: str
    file: str

    @property
    def path(self) -> Path:
        """Where the file is."""
        return folders()[self.folder] / self.file

    @property
    def address(self) -> str:
        """Its address in our own scheme, which the PDF's fetcher serves and no other."""
        return f"asset:{self.folder}/{self.file}"


SANS: Final = Face("Report Sans", 400, "sans", "SourceSansPro-Regular.ttf")
SANS_SEMIBOLD: Final = Face("Report Sans", 600, "sans", "SourceSansPro-Semibold.ttf")
MONO: Final = Face("Report Mono", 400, "dejavu", "DejaVuSansMono.ttf")
FACES: Final = (SANS, SANS_SEMIBOLD, MONO)
_FURTHER: Final = "Report Further"
"""In style sheets, the families of the fonts that the house brings; each has one of its own, by number."""

# Where a character comes from that the face itself lacks.
_FALLBACKS: Final = {
    SANS: Face("DejaVu Sans", 400, "dejavu", "DejaVuSans.ttf"),
    SANS_SEMIBOLD: Face("DejaVu Sans", 700, "dejavu", "DejaVuSans-Bold.ttf"),
    MONO: Face("DejaVu Sans", 400, "dejavu", "DejaVuSans.ttf"),
}


@cache
def folders() -> dict[str, Path]:
    """The folders with fonts, by the name that our addresses have for them."""
    return {
        "sans": _package("font_source_sans_pro") / "files",
        "dejavu": _package("matplotlib") / "mpl-data" / "fonts" / "ttf",
    }


def _package(name: str) -> Path:
    """Where the package `name` lies; it is not imported, for matplotlib takes as long as all the rest."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RenderFailure(f"the package {name}, which ships the fonts, is missing: install segaudit anew")
    return Path(spec.origin).parent


def text(name: str) -> str:
    """The text of the package's file `name`, of those that stand beside the templates."""
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")


def style(name: str) -> str:
    """The style sheet `name`."""
    return text(f"{name}.css")


def widths() -> str:
    """A rule for each width that a column or a bar may have, in percent."""
    return "".join(f".w{percent}{{width:{percent}%}}\n" for percent in range(1, 101))


def foot(identifier: str, page: str = "", evidence: str = "snapshot") -> str:
    """What of `@page` differs from report to report: 12 digits of its evidence's hash, the sheet's size."""
    size = f"size: {page}; " if page else ""
    return f'@page {{ {size}@bottom-left {{ content: "{evidence} {identifier[:12]}" }} }}\n'


@cache
def covered() -> frozenset[int]:
    """The code points that have a glyph in every role: text, semibold and code, their fallbacks included."""
    return frozenset.intersection(*(_code_points(f) | _code_points(_FALLBACKS[f]) for f in FACES))


@cache
def _code_points(face: Face) -> frozenset[int]:
    with TTFont(face.path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def font_faces_by_address(further: Sequence[str] = ()) -> str:
    """`@font-face` rules with addresses of our own scheme, `further` those of the house's fonts."""
    own = [_rule(face.family, face.weight, face.address, "truetype") for face in FACES]
    return "".join((*own, *_further(further, "truetype")))


def font_faces_inlined(characters: frozenset[int], further: Sequence[bytes] = ()) -> str:
    """`@font-face` rules that hold the fonts themselves, reduced to `characters`; so are `further`."""
    own = [_rule(face.family, face.weight, _woff2(face, characters), "woff2") for face in FACES]
    return "".join((*own, *_further([_inlined(font) for font in further], "woff2")))


def with_further(stylesheet: str, further: int) -> str:
    """A style sheet of ours in which so many fonts of the house stand behind our own."""
    families = "".join(f', "{_FURTHER}{number}"' for number in range(1, further + 1))
    return stylesheet.replace(f', "{_FURTHER}"', families)


def _further(addresses: Sequence[str], kind: str) -> Iterator[str]:
    for number, address in enumerate(addresses, 1):
        yield _rule(f"{_FURTHER}{number}", SANS.weight, address, kind)


def _rule(family: str, weight: int, address: str, kind: str) -> str:
    source = f'url("{address}") format("{kind}")'
    return f'@font-face{{font-family:"{family}";font-weight:{weight};src:{source}}}\n'


@lru_cache(maxsize=16)
def _woff2(face: Face, characters: frozenset[int]) -> str:
    """The face reduced to `characters` as a data: address."""
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it tells of tables that no browser reads
    options = subset.Options(
        flavor="woff2",
        hinting=False,
        layout_features=["kern", "liga", "tnum", "mark", "mkmk", "ccmp"],
        name_IDs=[0, 13, 14],  # copyright and licence; a reduced font may not bear the family's name
        notdef_outline=True,
        recalc_timestamp=False,
    )
    with TTFont(face.path, lazy=True, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted(characters & _code_points(face)))
        subsetter.subset(font)
        font.flavor = "woff2"
        file = io.BytesIO()
        font.save(file)
    return _inlined(file.getvalue())


def _inlined(woff2: bytes) -> str:
    return data_address("font/woff2", woff2)


def data_address(kind: str, data: bytes) -> str:
    """The address that holds what it leads to."""
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
