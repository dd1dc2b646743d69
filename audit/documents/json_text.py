"""JSON texts to the same trees as YAML."""

import json
import re
from collections.abc import Iterator
from typing import Final, cast

from audit.documents.nodes import NESTING_MAX, Document, DocumentError, Mapping
from audit.documents.scalars import Plain

_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:---)?[ \t\r\n]*+(?=[\[{])(?!\{[{%])")
_LEAD: Final = re.compile("\ufeff?(?:---)?[ \t\r\n]*")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"(?s)\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape of JSON; group 1 where it is half of a pair of surrogates."""


def looks_like_json(data: bytes) -> bool:
    """Whether the text begins as a JSON object or array does (and not as a template does)."""
    return _START.match(data) is not None


def json_values(text: bytes, line: int) -> Iterator[Document]:
    """Read JSON values that follow one another; raise DocumentError at the first that is wrong."""
    try:
        source = text.decode()
    except UnicodeDecodeError as error:
        raise DocumentError(line + text.count(b"\n", 0, error.start), "is not valid UTF-8") from None
    if _SURROGATE.search(source):
        source = _ESCAPE.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], source)
    begin, end = 0, _begin(source, 0)
    while end < len(source):
        line += source.count("\n", begin, end)
        begin = end
        try:
            value, end = _DECODER.raw_decode(source, begin)
        except json.JSONDecodeError as error:
            raise DocumentError(line + source.count("\n", begin, error.pos), "is not valid JSON") from None
        except DocumentError as error:
            raise DocumentError(line, error.reason) from None
        except RecursionError:
            raise DocumentError(line, f"nested over {NESTING_MAX:,} deep") from None
        yield Document(_finished(value, line), line)
        end = _begin(source, end)


def _begin(source: str, at: int) -> int:
    """Return where the next value begins: behind spaces, a byte order mark and a document marker."""
    return cast("re.Match[str]", _LEAD.match(source, at)).end()


def _mapping(pairs: list[tuple[str, object]]) -> Mapping:
    mapping = Mapping(pairs)
    if len(mapping) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                mapping.repeat(key)
            seen.add(key)
    return mapping


def _constant(_text: str) -> object:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise DocumentError(1, "is not valid JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_mapping, parse_float=Plain, parse_int=Plain, parse_constant=_constant
)
_WORDS: Final = {True: Plain("true"), False: Plain("false")}


def _finished(root: object, line: int) -> object:
    """Return the tree with Plain for booleans and the line on its mappings, if it is not too deep."""
    whole = [root]
    todo: list[tuple[list[object] | Mapping, int]] = [(whole, 0)]
    while todo:
        container, depth = todo.pop()
        if depth > NESTING_MAX:
            raise DocumentError(line, f"nested over {NESTING_MAX:,} deep")
        if isinstance(container, Mapping):
            container.line = line
            for key, child in container.items():
                if isinstance(child, bool):
                    container[key] = _WORDS[child]
                elif isinstance(child, list | Mapping):
                    todo.append((child, depth + 1))
            continue
        for place, child in enumerate(container):
            if isinstance(child, bool):
                container[place] = _WORDS[child]
            elif isinstance(child, list | Mapping):
                todo.append((child, depth + 1))
    return whole[0]
