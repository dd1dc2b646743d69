"""Fonts made for tests: every character is the same box."""

import io
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables.TupleVariation import TupleVariation

CJK = "支払いサービス"


def font(  # noqa: PLR0913  # what a font is of
    characters: str,
    *,
    weight: int = 400,
    rights: int = 0,
    kind: str = "glyf",
    variable: bool = False,
    family: str = "Test",
) -> bytes:
    """The bytes of a font; `kind` "glyf" or "CFF ", `rights` as OS/2 has them in fsType."""
    names = [".notdef", *(f"c{ord(c):X}" for c in characters)]
    builder = FontBuilder(1000, isTTF=kind == "glyf")
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): name for c, name in zip(characters, names[1:], strict=True)})
    if kind == "glyf":
        builder.setupGlyf(dict.fromkeys(names, _drawn(TTGlyphPen(None)).glyph()))
    else:
        shape = _drawn(T2CharStringPen(800, None)).getCharString()
        builder.setupCFF("Test", {}, dict.fromkeys(names, shape), {})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (800, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": f"W{weight}"})
    builder.setupOS2(usWeightClass=weight, fsType=rights, sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    if variable:
        builder.setupFvar([("wght", 100, 100, 900, "Weight")], [])
        moved = [TupleVariation({"wght": (0.0, 1.0, 1.0)}, [(9, 0)] * 4 + [(0, 0)] * 4)]
        builder.setupGvar(dict.fromkeys(names, moved))
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def _drawn(pen):
    pen.moveTo((100, 0))
    for corner in ((100, 700), (700, 700), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    return pen


def folder(path: Path, **files: bytes) -> Path:
    """A folder at `path` with the files: `name_ttf` is name.ttf."""
    path.mkdir()
    for name, data in files.items():
        (path / ".".join(name.rsplit("_", 1))).write_bytes(data)
    return path
