import io
import re
from contextlib import contextmanager

import pytest
from fontTools.ttLib import TTFont

from reports import assets
from reports.errors import RenderFailure
from reports.further_fonts import read_fonts, reduced
from tests.reports.font_files import CJK, folder, font

WHOLE = font(CJK)


def test_what_is_nearest_to_regular_comes_first_and_what_adds_nothing_is_left_out(tmp_path):
    one = folder(
        tmp_path / "one", a_ttf=font(CJK, weight=900), b_ttf=font(CJK[:3], weight=500), c_ttf=font(CJK[:3])
    )
    two = folder(tmp_path / "two", d_otf=font(CJK + "漢", kind="CFF "), README_txt=b"no font")
    fonts = read_fonts([one, two])
    assert [each.file.rpartition("/")[2] for each in fonts] == ["c.ttf", "a.ttf", "d.otf"]
    assert fonts[0].covers == frozenset(map(ord, CJK[:3]))


def test_each_character_comes_from_the_first_font_that_has_it(tmp_path):
    fonts = read_fonts([folder(tmp_path / "f", a_ttf=font("支漢"), b_ttf=font("支払"), c_ttf=font("字"))])
    needed = reduced(fonts, frozenset(map(ord, "支払x")))
    assert [each.file.rpartition("/")[2] for each in needed] == ["a.ttf", "b.ttf"]
    held = [set(TTFont(io.BytesIO(each.data)).getBestCmap()) for each in needed]
    assert held == [{ord("支")}, {ord("払")}]
    assert reduced(fonts, assets.ASCII) == []


@pytest.mark.parametrize("kind", ["glyf", "CFF "])
def test_a_reduced_font_is_the_same_every_time_and_bears_no_name(tmp_path, kind):
    (whole,) = read_fonts([folder(tmp_path / "f", a_otf=font(CJK, kind=kind))])
    first, second = (reduced([whole], frozenset(map(ord, CJK[:2])), "woff2") for _ in range(2))
    assert first == second
    assert not TTFont(io.BytesIO(first[0].data))["name"].getDebugName(1)


def test_a_variable_font_stands_at_its_regular_weight(tmp_path):
    fonts = read_fonts([folder(tmp_path / "f", a_ttf=font("支", variable=True))])
    (needed,) = reduced(fonts, frozenset({ord("支")}))
    made = TTFont(io.BytesIO(needed.data))
    assert "fvar" not in made
    assert made["glyf"][made.getBestCmap()[ord("支")]].xMin != 100


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it does not begin as TrueType and OpenType do"),
        (b"wOF2" + WHOLE, "it does not begin as TrueType and OpenType do"),
        (WHOLE[:200], "TTLibError in reading it"),
        (WHOLE[: len(WHOLE) // 2], ""),
        (b"\0\1\0\0" + b"\xff" * 4000, ""),
        (WHOLE.replace(b"cmap", b"xmap"), "it does not say which characters it has"),
        (WHOLE.replace(b"glyf", b"xlyf"), "it has pictures in place of outlines"),
        (font(CJK, rights=2), "it says that it may not be embedded in parts"),
    ],
)
def test_a_font_that_cannot_be_used_is_named(tmp_path, data, reason):
    place = folder(tmp_path / "fonts", a_ttf=data)
    told = re.escape(f"{place}/a.ttf cannot be used as a font: {reason}")
    with pytest.raises(RenderFailure, match=f"^{told}.*; take it out of the folder$"):
        read_fonts([place])


@pytest.mark.parametrize("files", [{}, {"readme_txt": b"x"}])
def test_a_folder_without_a_font_is_named(tmp_path, files):
    place = folder(tmp_path / "fonts", **files)
    with pytest.raises(
        RenderFailure, match=f"^{re.escape(str(place))} has no font: no file .ttf or .otf in it"
    ):
        read_fonts([place])


def test_a_kind_of_font_that_is_not_read_is_not_passed_over(tmp_path):
    place = folder(tmp_path / "fonts", a_ttf=WHOLE, b_ttc=b"ttcf")
    with pytest.raises(RenderFailure, match=r"/b\.ttc is of a kind that is not read; have \.ttf or \.otf"):
        read_fonts([place])


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RenderFailure, match=r"^cannot read .*/gone: No such file or directory; name"):
        read_fonts([tmp_path / "gone"])


@pytest.mark.parametrize("place", range(12, len(WHOLE), 97))
def test_a_font_that_lies_anywhere_is_refused_or_can_be_used(tmp_path, place):
    data = bytearray(WHOLE)
    data[place : place + 4] = b"\xff\xff\xff\xff"
    where = folder(tmp_path / "f", a_ttf=bytes(data))
    with suppress_named(where / "a.ttf"):
        reduced(read_fonts([where]), frozenset(map(ord, CJK)))


@contextmanager
def suppress_named(path):
    """A failure that names the file is as good as none."""
    try:
        yield
    except RenderFailure as failure:
        if str(path) not in str(failure):
            raise
