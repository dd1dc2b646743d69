"""A file of JSON, read item by item from its bytes: a list never stands in memory as objects."""

import re
from typing import Final

import msgspec
import numpy as np

from audit.collect.collector import kind_of
from audit.collect.files.sink import LISTS_MAX, TOO_MANY_LISTS, UNKNOWN, Buffer, ListEnd, Sink, TypeMeta
from audit.collect.items import JsonItem, TreeItem
from audit.collect.origins import Place
from audit.documents import DocumentError, Mapping, read_json_tree

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_ERRORS: Final = (msgspec.MsgspecError, RecursionError)


class _Metadata(msgspec.Struct, rename="camel"):
    proceed: str | None = msgspec.field(name="continue", default=None)
    remaining_item_count: int | None = None
    resource_version: str | None = None
    uid: str | None = None


class _Head(msgspec.Struct, rename="camel"):
    """An object as far as must be known before it is read."""

    api_version: str | None = None
    kind: str | None = None
    metadata: _Metadata | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def meta(self) -> TypeMeta:
        return TypeMeta(self.api_version or "", self.kind or "")

    @property
    def is_list(self) -> bool:
        return self.meta.is_list and self.items is not msgspec.UNSET

    @property
    def end(self) -> ListEnd:
        told = self.metadata or _Metadata()
        return ListEnd(told.resource_version or "", bool(told.proceed or told.remaining_item_count))

    @property
    def from_server(self) -> bool:
        return self.metadata is not None and self.metadata.uid is not None


def read_json(data: Buffer, file: int, bare: TypeMeta, sink: Sink) -> bool:
    """Read a file; False if it is not one JSON value, or of a shape that only a tree can tell.

    `bare` is what objects without kind are.
    """
    start = _SPACE.match(data).end()  # type: ignore[union-attr]  # it matches nothing, too
    try:
        if data[start : start + 1] == b"[":
            array, head = msgspec.json.decode(data, type=list[msgspec.Raw]), None
        else:
            array, head = [], msgspec.json.decode(data, type=_Head)
    except _ERRORS:
        return False
    sink.form.documents += 1
    reader = _Reader(data, file, sink)
    if head is None:
        reader.items(array, bare, 1)
    else:
        reader.value(head, data[start:], bare)
    return True


class _Reader:
    """Reads one file. Lines are counted on the way: parts come in the order in which they stand."""

    def __init__(self, data: Buffer, file: int, sink: Sink) -> None:
        self._data = data
        self._file = file
        self._sink = sink
        self._base = _address(data)
        self._at = 0
        self._line = 1

    def value(self, head: _Head, data: Buffer, bare: TypeMeta) -> None:
        """What the whole file is."""
        if head.is_list:
            self._list(head, bare, 0)
        else:
            meta = head.meta.within(bare)
            self._sink.add(meta, JsonItem(data), self._place(data), from_server=head.from_server)

    def items(self, items: list[msgspec.Raw], bare: TypeMeta, depth: int) -> set[str]:
        """The items of a list; returns what was found, as plural names."""
        return {self._item(raw, bare, depth) for raw in items} - {""}

    def _list(self, head: _Head, bare: TypeMeta, depth: int) -> None:
        inside = head.meta.items(bare)
        items = head.items if isinstance(head.items, list) else []
        self._sink.end_list(inside, self.items(items, inside, depth + 1), head.end, nested=depth > 0)

    def _item(self, raw: msgspec.Raw, bare: TypeMeta, depth: int) -> str:
        place = self._place(raw)
        view = memoryview(raw)
        if bytes(view[:4]) == b"null":
            return ""
        try:
            head = msgspec.json.decode(raw, type=_Head)
        except _ERRORS:
            return self._odd(bytes(raw), bare, place)
        # A kind that is not told is not a list's here: items without kind have that of their list
        if not (head.kind and head.is_list):
            meta = head.meta.within(bare)
            return self._sink.add(meta, JsonItem(view), place, from_server=head.from_server)
        if depth > LISTS_MAX:
            self._sink.gap(place, TOO_MANY_LISTS)
        else:
            self._list(head, UNKNOWN, depth)
        return ""

    def _odd(self, raw: bytes, bare: TypeMeta, place: Place) -> str:
        """An item whose head has an odd shape, or that is no object, or no JSON."""
        try:
            tree = read_json_tree(raw)
        except DocumentError as error:
            self._sink.gap(place, error.reason)
            return ""
        if not isinstance(tree, Mapping):
            self._sink.gap(place, "an item that is no object")
            return ""
        meta = TypeMeta(*kind_of(tree)).within(bare)
        return self._sink.add(meta, TreeItem(tree), place, from_server=False)

    def _place(self, part: msgspec.Raw | Buffer) -> Place:
        """Where a part of the file, a view of its bytes, begins."""
        begins = _address(part) - self._base
        self._line += bytes(self._data[self._at : begins]).count(b"\n")
        self._at = begins
        return Place(self._file, self._line)


def _address(part: msgspec.Raw | Buffer) -> int:
    address, _ = np.frombuffer(part, np.uint8).__array_interface__["data"]
    return int(address)
