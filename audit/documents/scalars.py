"""Scalars as Kubernetes' reader resolves them: YAML 1.1, the way go-yaml v2 has it."""

import base64
import math
import re
from functools import lru_cache
from typing import Final

_NULL: Final = frozenset(("~", "null", "Null", "NULL"))
_TRUE: Final = frozenset(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"))
_FALSE: Final = frozenset(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"))
_SPECIAL: Final = frozenset(
    sign + word for word in (".inf", ".Inf", ".INF") for sign in ("", "+", "-")
) | frozenset((".nan", ".NaN", ".NAN"))
RESOLVED_FIRST: Final = frozenset("0123456789+-.~yYnNtTfFoO")
"""What a plain scalar begins with that may be more than a string."""
_INTEGER: Final = re.compile(r"([-+]?)(?:(0[xX][0-9a-fA-F]+)|(0[bB][01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

_TAG: Final = "tag:yaml.org,2002:"
_RESOLVED_TAGS: Final = frozenset(_TAG + name for name in ("bool", "int", "float", "null"))


class Plain(str):
    """A scalar that Kubernetes takes for a number or a boolean; the text is the source's."""

    __slots__ = ()

    @property
    def value(self) -> bool | int | float:
        """The number or boolean that the text stands for (YAML 1.1 as Kubernetes' reader resolves it)."""
        resolved = _resolve(str(self))
        return float(self) if resolved is None else resolved


@lru_cache(maxsize=4096)
def plain(text: str) -> str | None:
    """Return what a plain scalar is: None, a Plain, or the str itself."""
    if not text or text in _NULL:
        return None
    return text if _resolve(text) is None else Plain(text)


def tagged(tag: str, text: str) -> str | None:
    """Return what a scalar with a tag is; ValueError where it says that it is binary, and is not."""
    if tag in _RESOLVED_TAGS:
        return plain(text)
    if tag == _TAG + "binary":
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
    return text


def _resolve(text: str) -> bool | int | float | None:
    """Return the number or boolean that Kubernetes' reader makes of a plain scalar; None if it makes none."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _SPECIAL:
        return float(text.replace(".", "", 1))
    if not (text[0].isdecimal() and text[0].isascii()) and text[0] not in "+-.":
        return None
    digits = text if text[0] == "." else text.replace("_", "")
    if integer := _INTEGER.fullmatch(digits):
        number = _integer(*integer.groups())
        if number is not None:
            return number
    decimal = float(digits) if _FLOAT.fullmatch(digits) else math.inf
    return decimal if math.isfinite(decimal) else None


def _integer(sign: str, hexadecimal: str, binary: str, octal: str, decimal: str) -> int | None:
    """Return an integer of 64 bits, as Go reads them; None beyond."""
    if decimal:
        magnitude = int(decimal) if len(decimal) <= len(str(2**64)) else 2**64
    else:
        magnitude = int(hexadecimal or binary or octal, 16 if hexadecimal else 2 if binary else 8)
    number = -magnitude if sign == "-" else magnitude
    return number if -(2**63) <= number < (2**63 if sign else 2**64) else None
