"""A fontconfig configuration of our own, so that no font of the system gets into a PDF."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from reports import assets

_CONFIGURATION: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{fonts}</dir>
<cachedir>{cache}</cachedir>
<selectfont>
<rejectfont><glob>*</glob></rejectfont>
<acceptfont><glob>{fonts}/DejaVuSans*</glob></acceptfont>
</selectfont>
</fontconfig>
"""

_VARIABLE: Final = "FONTCONFIG_FILE"


@contextmanager
def own_fonts() -> Iterator[None]:
    """While it lasts, fontconfig knows DejaVu alone; the faces of our style sheets come by address.

    Import WeasyPrint within, for it looks for fonts when it is imported.
    """
    before = os.environ.get(_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="segaudit-fonts-") as folder:
        configuration = Path(folder) / "fonts.conf"
        configuration.write_text(
            _CONFIGURATION.format(fonts=escape(str(assets.folders()["dejavu"])), cache=escape(folder)),
            encoding="utf-8",
        )
        os.environ[_VARIABLE] = str(configuration)
        try:
            yield
        finally:
            if before is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = before
