"""A file of YAML, or of several JSON values, read by events: a list's items one by one."""

from audit.collect.collector import kind_of
from audit.collect.files.sink import LISTS_MAX, TOO_MANY_LISTS, ListEnd, Sink, TypeMeta
from audit.collect.items import TreeItem
from audit.collect.origins import Place
from audit.documents import Document, Head, Item, Mapping, Part, Unreadable, stream_yaml


def read_yaml(data: bytes, file: int, bare: TypeMeta, sink: Sink) -> None:
    """Read a file; what cannot be read of it is a gap. `bare` is what objects without kind are."""
    reader = _Reader(file, bare, sink)
    for part in stream_yaml(data):
        reader.take(part)


class _Reader:
    """Reads one file."""

    def __init__(self, file: int, bare: TypeMeta, sink: Sink) -> None:
        self._file = file
        self._bare = bare
        self._sink = sink
        self._waiting: list[Item] = []
        """Items without kind of a list whose kind has not come yet: kubectl writes it behind them."""
        self._found: set[str] = set()

    def take(self, part: Part) -> None:
        """The next part of the file."""
        place = Place(self._file, part.line)
        if isinstance(part, Item):
            if "kind" in part.head or _meta(part.value).kind:
                self._found |= self._value(part.value, place, _meta(part.head).items(self._bare), 1)
            else:
                self._waiting.append(part)
        elif isinstance(part, Document):
            self._sink.form.documents += 1
            self._value(part.value, place, self._bare, 0)
        elif isinstance(part, Unreadable):
            self._sink.gap(place, part.reason)
            self._settle(self._waiting[-1].head if self._waiting else Mapping())
        else:
            self._sink.form.documents += 1
            self._end(part)

    def _end(self, head: Head) -> None:
        inside = self._settle(head.value)
        self._sink.end_list(inside, self._found, _list_end(head.value), nested=False)
        self._found = set()

    def _settle(self, head: Mapping) -> TypeMeta:
        """Read the items that waited for the head of their list; return what bare items of it are."""
        inside = _meta(head).items(self._bare)
        waiting, self._waiting = self._waiting, []
        for item in waiting:
            self._found |= self._value(item.value, Place(self._file, item.line), inside, 1)
        return inside

    def _value(self, value: object, around: Place, bare: TypeMeta, depth: int) -> set[str]:
        """A document or an item of a list; returns what was found, as plural names."""
        if value is None:
            return set()
        place = Place(around.origin, value.line) if isinstance(value, Mapping) else around
        if depth > LISTS_MAX:
            self._sink.gap(place, TOO_MANY_LISTS)
            return set()
        if isinstance(value, list):  # some support bundles have arrays
            return self._items(value, place, bare, depth)
        if not isinstance(value, Mapping):
            self._sink.gap(place, "is no object")
            return set()
        meta, items = _meta(value), value.get("items")
        if meta.is_list and "items" in value and isinstance(items, list | None) and (meta.kind or not depth):
            inside = meta.items(bare)
            found = self._items(items or [], place, inside, depth)
            self._sink.end_list(inside, found, _list_end(value), nested=depth > 0)
            return found
        metadata = value.get("metadata")
        from_server = isinstance(metadata, Mapping) and "uid" in metadata
        return {self._sink.add(meta.within(bare), TreeItem(value), place, from_server=from_server)} - {""}

    def _items(self, items: list[object], around: Place, bare: TypeMeta, depth: int) -> set[str]:
        found: set[str] = set()
        for item in items:
            found |= self._value(item, around, bare, depth + 1)
        return found


def _meta(value: object) -> TypeMeta:
    return TypeMeta(*kind_of(value)) if isinstance(value, Mapping) else TypeMeta()


def _list_end(head: Mapping) -> ListEnd:
    metadata = head.get("metadata")
    told = metadata if isinstance(metadata, Mapping) else {}
    more = bool(told.get("continue")) or str(told.get("remainingItemCount") or 0) != "0"
    return ListEnd(str(told.get("resourceVersion") or ""), more)
