"""What runs in the page: our own script, and DataTables as the package itables ships it.

The page's policy allows these two texts by their hashes and no other. The library lies in the page packed, as
it is seven times our own script and few readers need it: our script unpacks and runs it when a whole table is
first asked for, and the browser compares its hash then. What it ends with, an `export`, is taken off, so that
it can run where there is no other file to import it.
"""

import re
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from reports.errors import RenderFailure
from reports.packing import packed

FILES: Final = ("text", "address", "tables", "names", "narrow", "grid", "page")
"""Of our own script, in the order in which they stand in the page."""

_LIBRARY: Final = "itables"
_ANEW: Final = "install segaudit anew"
_EXPORT: Final = re.compile(r"export\{[^{}]*?(\w+) as default[^{}]*\};")


@cache
def own() -> str:
    """Our own script: one text of all files, of which each is readable by itself."""
    folder = resources.files("reports") / "script"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in FILES]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def library() -> str:
    """DataTables as a script that leaves it in `globalThis.DataTable`, with the licences of its parts."""
    spec = find_spec(_LIBRARY)
    if spec is None or spec.origin is None:
        raise RenderFailure(f"the package {_LIBRARY}, which ships the page's tables, is missing: {_ANEW}")
    text = (Path(spec.origin).parent / "html" / "dt_bundle.js").read_text(encoding="utf-8")
    found = _EXPORT.findall(text)
    if len(found) != 1:
        raise RenderFailure(f"the package {_LIBRARY} has another form than this version knows: {_ANEW}")
    body = _EXPORT.sub(f"globalThis.DataTable={found[0]};", text)
    return f'(()=>{{"use strict";{body}\n}})();\n'


@cache
def packed_library() -> str:
    """The same as the page has it."""
    return packed(library())
