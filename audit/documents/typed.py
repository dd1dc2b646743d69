"""Our own YAML files as typed structs: what is wrong is told with file, line and what is allowed there."""

import json
import re
import types
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar, get_args, get_origin

import msgspec

from audit.documents.nodes import Document, Unreadable, repeated_keys
from audit.documents.reader import locate, read_yaml
from audit.errors import UsageError
from audit.log import printable

BYTES_MAX: Final = 1024 * 1024

Step: TypeAlias = str | int
S = TypeVar("S", bound=msgspec.Struct)


class InvalidError(Exception):
    """A value that is not allowed; `path` leads to it from the root of the file."""

    def __init__(self, path: tuple[Step, ...], reason: str) -> None:
        """`reason` says what is allowed."""
        super().__init__(reason)
        self.path = path
        self.reason = reason

    def at(self, path: Path, data: bytes) -> UsageError:
        """The same for a file with that content."""
        return UsageError(f"{path}:{locate(data, self.path)}: {_dotted(self.path)}{self.reason}")


def read_tree(path: Path, what: str, most: int = BYTES_MAX) -> tuple[object, bytes]:
    """The one document of a file of `most` bytes, and these; UsageError, in which `what` says what it is."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"cannot read the {what} {path}: {reason}; name a file that exists") from None
    if len(data) > most:
        raise UsageError(f"the {what} {path} is larger than {most >> 20} MiB; name a smaller file")
    found = list(read_yaml(data))
    for document in found:
        if isinstance(document, Unreadable):
            raise UsageError(f"{path}:{document.line}: the {what} cannot be read: {document.reason}")
    if len(found) > 1:
        raise UsageError(f"{path}:{found[1].line}: a second document; the {what} is one")
    tree = found[0].value if found and isinstance(found[0], Document) else {}
    for twice in repeated_keys(tree):
        raise UsageError(f"{path}:{locate(data, twice)}: the {what} cannot be read: a key is given twice")
    return tree, data


def typed(tree: object, struct: type[S], not_yet: Collection[str] = ()) -> S:
    """The struct that a tree of texts stands for; InvalidError.

    `not_yet` are keys that will have a meaning one day; they are refused by that name.
    """
    _refuse_unknown(tree, struct, not_yet, ())
    try:
        return msgspec.convert(msgspec.to_builtins(tree, enc_hook=str), struct, strict=False)
    except RecursionError:
        raise InvalidError((), "nested deeper than any setting is") from None
    except msgspec.ValidationError as error:
        path = _path_of(error)
        missing = re.match(r"Object missing required field `(\w+)`", str(error))
        reason = f"{missing[1]} is missing" if missing else f"allowed is {allowed(struct, path)}"
        raise InvalidError(path, reason) from None


def json_schema(struct: type[msgspec.Struct], title: str, **further: Mapping[str, object]) -> bytes:
    """The JSON Schema of a file; `further` is what it says beside that of the structs of these names."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(struct),
    }
    for name, more in further.items():
        described["$defs"][name].update(more)
    return json.dumps(described, indent=2, sort_keys=True).encode() + b"\n"


def section(field: msgspec.structs.FieldInfo) -> type[msgspec.Struct] | None:
    """The struct that a field holds, if it holds one, or may."""
    return _struct_among(get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,))


def allowed(struct: type[msgspec.Struct], path: tuple[Step, ...]) -> str:
    """What the field's declaration says is allowed at a place."""
    node = msgspec.inspect.type_info(struct)
    extra = None
    for step in path:
        if isinstance(node, msgspec.inspect.StructType):
            node = next(field.type for field in node.fields if field.encode_name == step)
        elif isinstance(node, msgspec.inspect.VarTupleType):
            node = node.item_type
        if isinstance(node, msgspec.inspect.UnionType):
            node = next(each for each in node.types if not isinstance(each, msgspec.inspect.NoneType))
        if isinstance(node, msgspec.inspect.Metadata):
            extra, node = node.extra, node.type
    return str((extra or {}).get("allowed", "another value"))


def _refuse_unknown(
    tree: object, struct: type[msgspec.Struct], not_yet: Collection[str], path: tuple[Step, ...]
) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    if not isinstance(tree, dict):
        raise InvalidError(path, f"allowed is a mapping with the keys {', '.join(fields)}")
    for key, value in tree.items():
        if key not in fields:
            reason = "not supported by this version; remove it" if key in not_yet else "unknown key"
            raise InvalidError((*path, key), f"{reason}; allowed are {', '.join(fields)}")
        if (inner := section(fields[key])) is not None:
            _refuse_unknown(value, inner, not_yet, (*path, key))
        elif (element := _element(fields[key])) is not None and isinstance(value, list):
            for place, item in enumerate(value):
                _refuse_unknown(item, element, not_yet, (*path, key, place))


def _element(field: msgspec.structs.FieldInfo) -> type[msgspec.Struct] | None:
    """The struct that a field holds a list of, if it does."""
    if isinstance(field.type, types.UnionType):
        return None
    declared = get_args(field.type)[0] if get_origin(field.type) is Annotated else field.type
    return _struct_among(get_args(declared)[:1])


def _struct_among(found: Iterable[object]) -> type[msgspec.Struct] | None:
    return next((t for t in found if isinstance(t, type) and issubclass(t, msgspec.Struct)), None)


def _path_of(error: msgspec.ValidationError) -> tuple[Step, ...]:
    """Where the value is that the message speaks of: it ends in "- at `$.name[0]`"."""
    place = re.search(r"`\$([^`]*)`$", str(error))
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", place[1]) if place else []
    return tuple(name or int(number) for name, number in steps)


def _dotted(path: tuple[Step, ...]) -> str:
    """The path as people write it, on one line whatever it holds, and a colon behind it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return f"{printable(text)}: " if text else ""
