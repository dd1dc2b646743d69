"""What reading yields: trees of mappings, lists and scalars, and what could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

NESTING_MAX: Final = 1_000
"""Containers within containers, those that aliases bring included."""
ALIASED_NODES_MAX: Final = 1_000_000
"""Nodes that all aliases of one document may stand for together."""


class Mapping(dict[str, object]):
    """A mapping; keys are the source's text. Of a key that is given twice the last value counts."""

    __slots__ = ("_repeated", "line")

    line: int
    """Where it begins, from 1. Mappings of a JSON text carry the line on which the text begins."""
    _repeated: dict[str, None]

    @property
    def repeated(self) -> tuple[str, ...]:
        """The keys that the source gives more than once."""
        # Unset in nearly all: what a mapping takes in memory counts
        return tuple(getattr(self, "_repeated", ()))

    def repeat(self, key: str) -> None:
        """Note that the source gives the key once more."""
        if not hasattr(self, "_repeated"):
            self._repeated = {}
        self._repeated[key] = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; `value` is a Mapping, a list, a Plain or a str."""

    value: object
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """An element of the `items` of a list that is read in passing.

    `head` is the list's mapping as far as it has been read: what stands before `items` is there, what stands
    behind it comes with the Head.
    """

    value: object
    line: int
    head: Mapping


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a list whose Items came before; `value` is its mapping with `items` empty."""

    value: Mapping
    line: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document, or the rest of one, that could not be read."""

    line: int
    reason: str


Part: TypeAlias = Document | Item | Head | Unreadable


def repeated_keys(tree: object) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of the keys that are given more than once; what aliases share is looked at once."""
    seen: set[int] = set()
    todo: list[tuple[object, tuple[str | int, ...]]] = [(tree, ())]
    while todo:
        node, path = todo.pop()
        if not isinstance(node, Mapping | list) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            yield from ((*path, key) for key in node.repeated)
        children = node.items() if isinstance(node, Mapping) else enumerate(node)
        todo.extend((child, (*path, step)) for step, child in children if isinstance(child, Mapping | list))


class DocumentError(ValueError):
    """A document that cannot be read: `line` counts from 1, `reason` repeats nothing of the content."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep line and reason."""
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
