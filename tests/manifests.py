"""Plain Kubernetes objects for the tests: read and written without any part of the product.

Scalars keep what Kubernetes would see: an unquoted decimal number is a number that still knows its
source text, null is None, and everything else (`on`, `y`, `True`, a date, `0123`) is the string as written.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
_NULL = {"", "~", "null", "Null", "NULL"}


class Written(int):
    """A number that prints as it was written (`-0` and the like differ from their value's own text)."""

    text: str

    def __new__(cls, text: str):
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __str__(self):
        return self.text


class _Loader(yaml.BaseLoader):
    """BaseLoader makes a string of every scalar; plain nulls and numbers are told apart here."""

    def construct_scalar(self, node):
        text = super().construct_scalar(node)
        if not isinstance(node, yaml.ScalarNode) or node.style is not None:
            return text
        if text in _NULL:
            return None
        return Written(text) if _NUMBER.fullmatch(text) else text


def _construct(loader: yaml.BaseLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_constructor(None, _construct)


def parse(text: str) -> list[Object]:
    """The objects of a text: several documents, lists opened; empty documents and broken ones left out."""
    text = text.lstrip("\ufeff")
    if text.lstrip()[:1] in {"{", "["}:
        return list(_opened(json.loads(text, parse_int=Written)))
    found: list[Object] = []
    for document in re.split(r"(?m)^---(?=\s|$)", text):
        with contextlib.suppress(yaml.YAMLError):
            found += _opened(yaml.load(document, Loader=_Loader))  # noqa: S506  # a BaseLoader
    return found


def _opened(document: Any) -> Iterator[Object]:
    if not isinstance(document, dict) or not document:
        return
    kind = str(document.get("kind") or "")
    if isinstance(document.get("items"), list) and kind.endswith("List"):
        for item in document["items"]:
            bare = {"apiVersion": document.get("apiVersion"), "kind": kind.removesuffix("List")}
            yield from _opened(item if "kind" in item else {**bare, **item})
    else:
        yield document


def read(directory: Path) -> list[Object]:
    """All objects of the manifests under a directory, in path order."""
    return [
        item
        for path in sorted(directory.rglob("*"))
        if path.suffix in {".yaml", ".yml", ".json"}
        for item in parse(path.read_text("utf-8"))
    ]


def write(objects: Iterable[Object], path: Path) -> None:
    """One JSON list, which any reader of manifests takes; JSON keeps text, numbers and booleans apart."""
    items = [_with_boolean(item) for item in objects]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1), "utf-8")


def _with_boolean(item: Object) -> Object:
    """The object with its one boolean as such: YAML is read here as text, and the API refuses text for it."""
    spec = item.get("spec")
    if not isinstance(spec, dict) or spec.get("hostNetwork") not in {"true", "false"}:
        return item
    return {**item, "spec": {**spec, "hostNetwork": spec["hostNetwork"] == "true"}}
