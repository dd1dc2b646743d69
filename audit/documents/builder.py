"""YAML's events to trees, one event at a time."""

from typing import TYPE_CHECKING, Final, TypeAlias, cast

import yaml

from audit.documents.nodes import (
    ALIASED_NODES_MAX,
    NESTING_MAX,
    Document,
    DocumentError,
    Head,
    Item,
    Mapping,
    Part,
)
from audit.documents.scalars import RESOLVED_FIRST, Plain, plain, tagged

if TYPE_CHECKING:
    from collections.abc import Callable

_Frame: TypeAlias = tuple[Mapping | None, list[object] | None, str | None, int, str | None]


_MERGE: Final = Plain("<<")
"""The key `<<` as it stands for a merge; compared by identity, for `"<<"` in quotes is a key like others."""
_INSIDE_ROOT: Final = 2
"""How many containers are open in a value of the root."""


class Builder:
    """Turns the events of one YAML stream into Parts. `handlers` maps an event's class to what takes it."""

    def __init__(self, first_line: int, *, streaming: bool) -> None:
        """Begin at a line of the file; `streaming` yields a list's items as they come."""
        self.ended = False
        self.handlers: dict[type[yaml.Event], Callable[..., Part | None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.MappingEndEvent: self._close_mapping,
            yaml.SequenceStartEvent: self._open_sequence,
            yaml.SequenceEndEvent: self._close_sequence,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._begin,
            yaml.DocumentEndEvent: self._ignore,
            yaml.StreamStartEvent: self._ignore,
            yaml.StreamEndEvent: self._end,
        }
        self._first_line = first_line
        self._streaming = streaming
        # The innermost open container (one of the two), the key that waits for its value there, its line and
        # anchor; and the same of all that are open around it.
        self._mapping: Mapping | None = None
        self._sequence: list[object] | None = None
        self._key: str | None = None
        self.line = first_line
        self._anchor: str | None = None
        self._around: list[_Frame] = []
        self._streamed: list[object] | None = None
        # What is complete is passed on when the parser has seen that nothing wrong follows it.
        self._whole: Document | Head | None = None

    def _ignore(self, _event: yaml.Event) -> None:
        """A document's end and the stream's start say nothing."""

    def _end(self, _event: yaml.Event) -> Part | None:
        self.ended = True
        return self._whole

    def _begin(self, _event: yaml.Event) -> Part | None:
        before, self._whole = self._whole, None
        self._streamed = None
        self._aliased = 0
        self._anchors: dict[str, object] = {}
        self._measured: dict[int, tuple[object, int, int]] = {}
        self._merges: dict[int, list[Mapping]] = {}
        return before

    def _scalar(self, event: yaml.ScalarEvent) -> Part | None:
        text = event.value
        value: object = text
        if event.implicit[0]:
            if not text or text[0] in RESOLVED_FIRST:
                value = plain(text)
        elif event.tag is not None:
            value = self._tagged(event.tag, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        if self._key is None and self._mapping is not None:
            self._set_key(self._mapping, _MERGE if text == "<<" and event.implicit[0] else text, event)
            return None
        return self._put(value, event)

    def _tagged(self, tag: str, event: yaml.ScalarEvent) -> str | None:
        try:
            return tagged(tag, event.value)
        except ValueError:
            raise DocumentError(self._line_of(event), "binary data that is not base64") from None

    def _set_key(self, mapping: Mapping, key: str, event: yaml.Event) -> None:
        if key in mapping and key is not _MERGE:
            if self._streamed is not None and len(self._around) < _INSIDE_ROOT and key == "items":
                raise DocumentError(self._line_of(event), "a list has items twice; the second are left out")
            mapping.repeat(key)
        self._key = key

    def _alias(self, event: yaml.AliasEvent) -> Part | None:
        name = event.anchor
        if name not in self._anchors:
            raise DocumentError(self._line_of(event), "an alias without an anchor before it")
        value = self._anchors[name]
        if self._key is None and self._mapping is not None:
            if not isinstance(value, str):
                raise DocumentError(self._line_of(event), "a key that is not a scalar")
            self._set_key(self._mapping, str(value), event)
            return None
        size, height = self._measure(value)
        self._aliased += size
        if self._aliased > ALIASED_NODES_MAX:
            raise DocumentError(self._line_of(event), f"aliases stand for over {ALIASED_NODES_MAX:,} nodes")
        if len(self._around) + height > NESTING_MAX:
            raise DocumentError(self._line_of(event), f"nested over {NESTING_MAX:,} deep")
        return self._put(value, event)

    def _measure(self, value: object) -> tuple[int, int]:
        """Nodes and levels of `value`, aliases followed; what has an anchor is measured once."""
        size = height = 0
        todo = [(value, 0)]
        while todo:
            node, above = todo.pop()
            known = self._measured.get(id(node))
            if known:
                size += known[1]
                height = max(height, above + known[2])
                continue
            size += 1
            if isinstance(node, dict | list):
                height = max(height, above + 1)
                todo.extend(
                    (child, above + 1) for child in (node.values() if isinstance(node, dict) else node)
                )
        if isinstance(value, dict | list):
            self._measured[id(value)] = (value, size, height)
        return size, height

    def _open_mapping(self, event: yaml.MappingStartEvent) -> None:
        self._open(event)
        self._mapping, self._sequence = Mapping(), None
        self._mapping.line = self.line

    def _open_sequence(self, event: yaml.SequenceStartEvent) -> None:
        head, key = self._mapping, self._key
        self._open(event)
        self._mapping, self._sequence = None, []
        if (
            self._streaming
            and len(self._around) == _INSIDE_ROOT
            and head is not None
            and key == "items"
            and event.anchor is None
            and str(head.get("kind", "List")).endswith("List")
        ):
            self._streamed = self._sequence

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        line = self._line_of(event)
        if self._key is None and self._mapping is not None:
            raise DocumentError(line, "a key that is not a scalar")
        if len(self._around) == NESTING_MAX:
            raise DocumentError(line, f"nested over {NESTING_MAX:,} deep")
        self._around.append((self._mapping, self._sequence, self._key, self.line, self._anchor))
        self._key, self.line, self._anchor = None, line, event.anchor

    def _close_mapping(self, event: yaml.MappingEndEvent) -> Part | None:
        value = cast("Mapping", self._mapping)
        for merged in self._merges.pop(id(value), ()):
            for key, inherited in merged.items():
                value.setdefault(key, inherited)
        return self._close(value, event)

    def _close_sequence(self, event: yaml.SequenceEndEvent) -> Part | None:
        return self._close(self._sequence, event)

    def _close(self, value: Mapping | list[object] | None, event: yaml.CollectionEndEvent) -> Part | None:
        anchor, line = self._anchor, self.line
        self._mapping, self._sequence, self._key, self.line, self._anchor = self._around.pop()
        if anchor is not None:
            self._anchors[anchor] = value
            self._measure(value)
        return self._put(value, event, line)

    def _put(self, value: object, event: yaml.Event, line: int | None = None) -> Part | None:
        """Place a value that is complete; it begins on `line`, else where the event does."""
        key = self._key
        if key is not None and self._mapping is not None:
            if key is _MERGE:
                self._merges.setdefault(id(self._mapping), []).extend(_sources(value, self._line_of(event)))
            else:
                self._mapping[key] = value
            self._key = None
            return None
        sequence = self._sequence
        if sequence is not None and sequence is not self._streamed:
            sequence.append(value)
            return None
        begins = self._line_of(event) if line is None else line
        if sequence is not None:
            return Item(value, begins, cast("Mapping", self._around[-1][0]))
        if self._streamed is not None:
            self._whole = Head(cast("Mapping", value), begins)
        elif value is not None:
            self._whole = Document(value, begins)
        return None

    def _line_of(self, event: yaml.Event) -> int:
        mark = cast("yaml.Mark", event.start_mark)  # libyaml's events always have one
        return self._first_line + mark.line


def _sources(value: object, line: int) -> list[Mapping]:
    """Return the mappings that a merge key names."""
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, Mapping) for source in sources):
        raise DocumentError(line, "a merge key (<<) without a mapping")
    return cast("list[Mapping]", sources)
