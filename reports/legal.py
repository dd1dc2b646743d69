"""Text for formats that cannot carry every character: XML, and what is shown without markup around it."""

import re
from typing import Final

# What XML 1.0 has no character for (section 2.2, Char), and what turns the direction of writing
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def legal(text: str) -> str:
    """`text` with its lines and tabs; a character that XML has not, or that hides others, as its number."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_numbered, text.replace("\r\n", "\n"))


def _numbered(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"
