import hashlib
import io
import re

import pytest
from PIL import Image

from reports.errors import RenderFailure
from reports.logo import read_logo


def picture(size=(40, 20), kind="PNG", mode="RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def at(tmp_path):
    def write(data: bytes):
        path = tmp_path / "logo"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    ("data", "mode"),
    [
        (picture(), "RGB"),
        (picture(mode="RGBA"), "RGBA"),
        (picture(mode="P"), "RGB"),
        (picture(mode="I;16"), "RGB"),
        (picture(kind="JPEG"), "RGB"),
        (picture(kind="JPEG", mode="CMYK"), "RGB"),
        (picture(icc_profile=b"x" * 200, comment="x"), "RGB"),
    ],
)
def test_whatever_it_was_it_becomes_a_plain_png(at, data, mode):
    logo = read_logo(at(data), "Example plc")
    made = Image.open(io.BytesIO(logo.png))
    assert (made.format, made.mode, made.size, made.info) == ("PNG", mode, (40, 20), {})
    assert logo.alternative == "Logo of Example plc"
    assert logo.sha256 == hashlib.sha256(data).hexdigest()
    assert read_logo(at(data), "").png == logo.png


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        picture(kind="GIF"),
        picture()[:40],
        picture(kind="JPEG")[:300],
        picture(size=(2001, 1)),
        picture(size=(30000, 30000), mode="1"),
    ],
)
def test_what_is_no_logo_is_refused_by_name(at, data):
    path = at(data)
    with pytest.raises(
        RenderFailure, match=f"^{re.escape(str(path))} is no PNG or JPEG of at most 2,000 pixels"
    ):
        read_logo(path, "")


def test_a_file_that_is_too_large_or_not_there_is_named(at, tmp_path):
    with pytest.raises(RenderFailure, match="is larger than 1 MiB; name a PNG or JPEG file"):
        read_logo(at(bytes((1 << 20) + 1)), "")
    with pytest.raises(RenderFailure, match=r"^cannot read .*: Is a directory; name a PNG or JPEG file"):
        read_logo(tmp_path, "")
