"""Fonts that the house brings, for scripts that the report's own faces lack: proved, and cut to what is used.

A font is a program of strangers that libraries in C run. So none gets there as it is: what a report needs of
it is taken out by fontTools, and what cannot be taken out is refused by the name of its file.
"""

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont

from reports.errors import RenderFailure
from reports.house_files import read_file
from reports.model import FontFile

_MOST_FILES: Final = 200
_MOST_MIB: Final = 64
_SUFFIXES: Final = frozenset((".ttf", ".otf"))
_OTHER_SUFFIXES: Final = frozenset((".ttc", ".otc", ".woff", ".woff2", ".pfb", ".bdf", ".pcf"))
_SIGNATURES: Final = (b"\0\1\0\0", b"OTTO", b"true")
_OUTLINES: Final = ("glyf", "CFF ", "CFF2")
_PICTURES: Final = ["CBDT", "CBLC", "COLR", "CPAL", "EBDT", "EBLC", "SVG ", "sbix"]
_NOT_TO_BE_EMBEDDED: Final = 0x0002
_NOT_TO_BE_SUBSET: Final = 0x0100
_REGULAR: Final = 400
_ITALIC: Final = 0x0001


class Reduced(NamedTuple):
    """What a report needs of a font; its characters are in no other."""

    file: str
    data: bytes


def read_fonts(folders: Sequence[Path]) -> tuple[FontFile, ...]:
    """The fonts (.ttf, .otf) of the folders, folder by folder, what is nearest to a regular weight first.

    One that has no character beyond those before it is left out. RenderFailure, which names the folder or the
    file, if there is none, or if one cannot be used.
    """
    fonts: list[FontFile] = []
    known: set[int] = set()
    for folder in folders:
        for _, font in sorted(map(_proved, _files(folder)), key=lambda found: found[0]):
            if not font.covers <= known:
                fonts.append(font)
                known |= font.covers
    return tuple(fonts)


def reduced(
    fonts: Sequence[FontFile], characters: frozenset[int], flavor: str | None = None
) -> list[Reduced]:
    """What is needed of `fonts` for `characters`, each from the first that has it; with the outlines alone.

    `flavor` is that of fontTools, such as woff2. RenderFailure if a font turns out to be broken there.
    """
    needed = []
    for font in fonts:
        wanted, characters = font.covers & characters, characters - font.covers
        if wanted:
            needed.append(Reduced(font.file, _taken_out(font.file, font.data, wanted, flavor)))
    return needed


def _files(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        fonts = [path for path in found if path.suffix.lower() in _SUFFIXES and path.is_file()]
    except OSError as error:
        raise RenderFailure(f"cannot read {folder}: {error.strerror}; name a folder with fonts") from None
    for path in found:
        if path.suffix.lower() in _OTHER_SUFFIXES:
            raise RenderFailure(f"{path} is of a kind that is not read; have .ttf or .otf in its place")
    if not fonts:
        raise RenderFailure(f"{folder} has no font: no file .ttf or .otf in it")
    if len(fonts) > _MOST_FILES:
        raise RenderFailure(f"{folder} has {len(fonts):,} fonts; have at most {_MOST_FILES} in it")
    return fonts


def _proved(path: Path) -> tuple[tuple[bool, int, str], FontFile]:
    """The font and its place among others, if characters can be taken out of it."""
    name = str(path)
    data = read_file(path, _MOST_MIB, "take it out of the folder")
    if not data.startswith(_SIGNATURES):
        raise _unusable(name, "it does not begin as TrueType and OpenType do")
    with _opened(name, data) as font:
        os2 = font["OS/2"]
        forbidden = os2.fsType & (_NOT_TO_BE_EMBEDDED | _NOT_TO_BE_SUBSET)
        has_outlines = any(tag in font for tag in _OUTLINES)
        covers = frozenset(font.getBestCmap() or ())
        place = (bool(os2.fsSelection & _ITALIC), abs(os2.usWeightClass - _REGULAR), path.name)
    if forbidden:
        raise _unusable(name, "it says that it may not be embedded in parts")
    if not has_outlines:
        raise _unusable(name, "it has pictures in place of outlines")
    if not covers:
        raise _unusable(name, "it does not say which characters it has")
    ordered = sorted(covers)
    _taken_out(name, data, frozenset((*ordered[:3], *ordered[-3:])), None)
    return place, FontFile(name, data, covers)


def _taken_out(name: str, data: bytes, characters: frozenset[int], flavor: str | None) -> bytes:
    options = subset.Options(
        flavor=flavor,
        hinting=False,
        name_IDs=[0, 13, 14],  # copyright and licence; a reduced font may not bear the family's name
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=[*subset.Options().drop_tables, *_PICTURES],
    )
    with _opened(name, data) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted(characters))
        subsetter.subset(font)
        if "fvar" in font:
            from fontTools.varLib import instancer  # slow to import, and rarely needed

            instancer.instantiateVariableFont(font, _regular(font), inplace=True)
        font.flavor = flavor
        file = io.BytesIO()
        font.save(file)
    return file.getvalue()


def _regular(font: Any) -> dict[str, float]:  # noqa: ANN401 - fontTools carries no types
    """The place of a variable font on each of its axes: regular weight, as near as it has it."""
    return {
        axis.axisTag: min(max(_REGULAR, axis.minValue), axis.maxValue)
        if axis.axisTag == "wght"
        else axis.defaultValue
        for axis in font["fvar"].axes
    }


@contextmanager
def _opened(name: str, data: bytes) -> Iterator[Any]:
    """The font; whatever fontTools comes upon within it is a RenderFailure that names the file."""
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # it warns of much that no reader minds
    try:
        with TTFont(io.BytesIO(data), lazy=True, recalcTimestamp=False) as font:
            yield font
    except Exception as error:
        raise _unusable(name, f"{type(error).__name__} in reading it") from error
    finally:
        logger.setLevel(level)


def _unusable(name: str, reason: str) -> RenderFailure:
    return RenderFailure(f"{name} cannot be used as a font: {reason}; take it out of the folder")
