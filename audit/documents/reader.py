"""Files to documents: cutting at the markers, reading, and going on behind what cannot be read."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, cast

import yaml

from audit.documents.builder import Builder
from audit.documents.json_text import json_values, looks_like_json
from audit.documents.nodes import NESTING_MAX, Document, DocumentError, Part, Unreadable
from audit.memory import collector_paused

YAML_BYTES_MAX: Final = 256 * 1024 * 1024
"""A larger YAML file is not read: at about 12 MB a second it would take half a minute. JSON has no limit."""

EVENTS_MAX: Final = 5_000_000
"""Events of one document, or of one item of a list that is read in passing: about 45 MB of manifests, which
take 500 MB in memory."""
UNREADABLE_MAX: Final = 1_000
"""After so many documents that cannot be read the rest of a file is left out."""
_JSON_BYTES_MAX: Final = 32 * 1024 * 1024
"""A longer JSON text is read by events, which are counted."""

_BOM: Final = b"\xef\xbb\xbf"
_MARKS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(---[ \t]*+(?:#[^\r\n]*+)?[\r\n][ \t\r\n]*+)?(?:\xef\xbb\xbf)?"
)
"""Byte order marks at the start of a document; group 1 is the document marker before or between them."""
_MARKER: Final = re.compile(rb"[\r\n](?:\xef\xbb\xbf)?(---|\.\.\.)(?=[ \t\r\n]|\Z)")
_PREAMBLE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:[ \t]*+(?:#[^\r\n]*+)?|%[^\r\n]*+)[\r\n])*+")
_BLANK: Final = re.compile(rb"(?:---(?=[ \t\r\n]))?(?:[ \t]*+(?:#[^\r\n]*+)?[\r\n])*+[ \t]*+")
_TEMPLATE: Final = re.compile(rb"(?m)^(?:[^#\"'\r\n{]++|\"[^\"\r\n]*+\"|'[^'\r\n]*+'|\{(?![{%]))*+\{[{%]")
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(data: bytes) -> Iterator[Document | Unreadable]:
    """Read the documents of a YAML or JSON file, in order; empty ones yield nothing.

    What cannot be read is yielded as Unreadable; reading resumes at the next document marker.
    """
    return cast("Iterator[Document | Unreadable]", _read(data, streaming=False))


def stream_yaml(data: bytes) -> Iterator[Part]:
    """Read like `read_yaml`, but a list's items one by one, so that no list stands in memory whole.

    A list is a document with a sequence `items` whose `kind` ends in List or is not known yet: kubectl writes
    `items` before `kind`. Its Items end with its Head; where the list breaks off, with Unreadable. A list
    in JSON is one Document.
    """
    return _read(data, streaming=True)


def read_json_tree(raw: bytes) -> object:
    """Read one JSON text: Mapping, list, str, None, and Plain for numbers and booleans.

    Raises DocumentError for what JSON or this reader's limits do not allow.
    """
    values = list(json_values(_utf8(raw), 1))
    if len(values) != 1:
        raise DocumentError(1, "is not one JSON value")
    return values[0].value


def locate(data: bytes, path: tuple[str | int, ...]) -> int:
    """Return the line of the node at `path` in the first document, or of its nearest ancestor there is.

    Of a key that is given twice it is the last line, which is the one that counts.
    The data must be a document that `read_yaml` can read; of JSON that is not YAML the line is 1.
    """
    line = 1
    try:
        loader = yaml.CBaseLoader(_utf8(data))
        node = loader.get_node() if loader.check_node() else None
    except yaml.YAMLError:
        return line
    for step in path:
        if isinstance(node, yaml.MappingNode):
            entry = next((pair for pair in reversed(node.value) if pair[0].value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            entry = (node.value[step], node.value[step])
        else:
            entry = None
        if entry is None:
            break
        line, node = entry[0].start_mark.line + 1, entry[1]
    return line


def _read(data: bytes, *, streaming: bool) -> Iterator[Part]:
    if len(data) > YAML_BYTES_MAX:
        yield Unreadable(1, f"larger than {YAML_BYTES_MAX // 1024**2} MiB, the limit for YAML; JSON has none")
        return
    try:
        text = _utf8(data)
    except DocumentError as error:
        yield Unreadable(error.line, error.reason)
        return
    unreadable = 0
    for chunk, line in _chunks(text):
        if _BLANK.fullmatch(chunk):
            continue
        if unreadable == UNREADABLE_MAX:
            yield Unreadable(line, f"behind {UNREADABLE_MAX:,} documents that could not be read; left out")
            return
        try:
            yield from _read_chunk(chunk, line, streaming=streaming)
        except DocumentError as error:
            reason = error.reason
            if _TEMPLATE.search(chunk):
                reason = "looks like a template ({{ }} or {% %}), which has to be rendered first"
            yield Unreadable(error.line, reason)
            unreadable += 1


def _read_chunk(chunk: bytes, line: int, *, streaming: bool) -> Iterator[Part]:
    """Read what stands between two document markers; raise DocumentError at what is wrong."""
    if (nul := chunk.find(b"\0")) >= 0:
        raise DocumentError(line + _lines(chunk, 0, nul), "contains NUL bytes")
    documents = _as_json(chunk, line) if looks_like_json(chunk) else None
    if documents is not None:
        yield from documents
        return
    try:
        yield from _parts(yaml.CBaseLoader(chunk).get_event, Builder(line, streaming=streaming))
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line if error.problem_mark else 0
        raise DocumentError(line + at, _syntax_reason(error, chunk, at)) from None
    except yaml.reader.ReaderError:
        raise _encoding_error(chunk, line) from None


def _as_json(chunk: bytes, line: int) -> list[Document] | None:
    """Return the JSON values of the chunk; None for what is too long, or not JSON, such as a flow mapping."""
    if len(chunk) > _JSON_BYTES_MAX:
        return None
    try:
        return list(json_values(chunk, line))
    except DocumentError:
        return None


def _parts(events: Callable[[], object], builder: Builder) -> Iterator[Part]:
    handlers = builder.handlers
    while not builder.ended:
        part = None
        with collector_paused():
            for _ in range(EVENTS_MAX):
                event = cast("yaml.Event", events())
                part = handlers[type(event)](event)
                if part is not None or builder.ended:
                    break
            else:
                raise DocumentError(builder.line, f"larger than {EVENTS_MAX:,} events of YAML in one object")
        if part is not None:
            yield part


def _chunks(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Cut at the document markers, each chunk with the line it begins on.

    YAML allows `---` and `...` at a line's start nowhere but as markers, in scalars neither. Directives stay
    with the document that they precede.
    """
    start, line = 0, 1
    for marker in _MARKER.finditer(text):
        end = marker.start(1)
        if marker[1] == b"---" and _PREAMBLE.fullmatch(text, start, end):
            continue
        yield _without_marks(text[start:end]), line
        line += _lines(text, start, end)
        start = end if marker[1] == b"---" else marker.end(1)
    yield _without_marks(text[start:]), line


def _without_marks(chunk: bytes) -> bytes:
    """Return the chunk without the byte order marks that files which were joined have kept, `---` or not."""
    start = cast("re.Match[bytes]", _MARKS.match(chunk))
    return (start[1] or b"") + chunk[start.end() :] if _BOM in start[0] else chunk


def _lines(text: bytes, start: int, end: int) -> int:
    """Return how many lines end in that part of the text, CR LF being one end."""
    ends = text.count(b"\n", start, end)
    returns = text.count(b"\r", start, end)
    return ends + returns - text.count(b"\r\n", start, end) if returns else ends


def _utf8(data: bytes) -> bytes:
    """Return the text in UTF-8, which may be UTF-16 with a byte order mark."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError:
        raise DocumentError(1, "is not valid UTF-16") from None


def _syntax_reason(error: yaml.MarkedYAMLError, chunk: bytes, at: int) -> str:
    """Return what is wrong on that line (from 0) of the chunk, in words that repeat nothing of it."""
    if "nesting" in (error.problem or ""):
        return f"nested over {NESTING_MAX:,} deep"
    line = next(islice(re.finditer(rb"(?m)^[^\r\n]*", chunk), at, None), None)
    tab = line is not None and re.match(rb" *\t", line[0]) is not None
    return "a tab where YAML wants spaces" if tab else "is not valid YAML"


def _encoding_error(chunk: bytes, line: int) -> DocumentError:
    """Name what the parser's reader refuses: bytes that are no UTF-8, and control characters."""
    try:
        text = chunk.decode()
    except UnicodeDecodeError as error:
        return DocumentError(line + _lines(chunk, 0, error.start), "is not valid UTF-8")
    found = _UNPRINTABLE.search(text)
    at = _lines(text[: found.start()].encode(), 0, len(chunk)) if found else 0
    return DocumentError(line + at, "contains control characters")
