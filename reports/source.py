"""The column `source`: where an object was read."""

import re
from typing import Final, NamedTuple

_FILE: Final = re.compile(r"(?P<path>.+):(?P<line>[1-9]\d*)", re.DOTALL)
_API: Final = re.compile(r"/apis?/")


class Source(NamedTuple):
    """A file and its line, or a path of the API; neither if it is not known."""

    path: str = ""
    line: int = 0
    api: str = ""


def located(text: str) -> Source:
    """What `path:line`, or an object's API path, says."""
    if _API.match(text):
        return Source(api=text)
    found = _FILE.fullmatch(text)
    return Source(found["path"], int(found["line"])) if found else Source()
