"""Objects that are not decoded yet, in either of the two forms that they are read in."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from audit.collect import fit
from audit.collect.fit import Misfit
from audit.documents import Mapping as Tree
from audit.documents import read_json_tree

S = TypeVar("S", bound=msgspec.Struct)


class Item(Protocol):
    """An object that is not decoded yet."""

    def read(self, wanted: type[S]) -> tuple[S, list[Misfit]]:
        """The object, and what the API server would refuse in it; DocumentError if it cannot be read."""

    def quick(self, wanted: type[S]) -> tuple[S, dict[str, Any]] | None:
        """The object, and all of it as plain JSON; None if it does not fit, or is not JSON."""

    def tree(self) -> Mapping[str, object]:
        """The whole object; DocumentError if it cannot be read."""


class JsonItem:
    """An object as bytes of JSON."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes | memoryview) -> None:
        """`raw` begins with a brace."""
        self._raw = raw

    def read(self, wanted: type[S]) -> tuple[S, list[Misfit]]:
        """As `Item` has it."""
        return fit.decode(self._raw, wanted)

    def quick(self, wanted: type[S]) -> tuple[S, dict[str, Any]] | None:
        """As `Item` has it."""
        try:
            return msgspec.json.decode(self._raw, type=wanted), msgspec.json.decode(self._raw)
        except fit.NOT_JSON:
            return None

    def tree(self) -> Mapping[str, object]:
        """As `Item` has it."""
        tree = read_json_tree(bytes(self._raw))
        return tree if isinstance(tree, Tree) else {}


class DecodedItem:
    """An object of a page that was decoded as a whole."""

    def __init__(self, obj: msgspec.Struct) -> None:
        """`obj` is of the type that will be asked for."""
        self._obj = obj

    def read(self, wanted: type[S]) -> tuple[S, list[Misfit]]:  # noqa: ARG002  # of the protocol
        """As `Item` has it."""
        return self._obj, []  # type: ignore[return-value]

    def quick(self, wanted: type[S]) -> tuple[S, dict[str, Any]] | None:  # noqa: ARG002  # of the protocol
        """As `Item` has it."""
        return None

    def tree(self) -> Mapping[str, object]:
        """As `Item` has it; the rest of the object is gone."""
        raise TypeError


class ListedItem(JsonItem):
    """An object of a list of one kind, whose items need not say what they are."""

    __slots__ = ("_type",)

    def __init__(self, raw: bytes | memoryview, of: Mapping[str, str]) -> None:
        """`raw` is a JSON value other than null, `of` the apiVersion and kind of the list's objects."""
        super().__init__(raw)
        self._type = of

    def quick(self, wanted: type[S]) -> tuple[S, dict[str, Any]] | None:
        """As `Item` has it."""
        found = super().quick(wanted)
        return found and (found[0], {**self._type, **found[1]})

    def tree(self) -> Mapping[str, object]:
        """As `Item` has it."""
        return {**self._type, **super().tree()}


class TreeItem:
    """An object as a tree of `audit.documents`."""

    def __init__(self, tree: Mapping[str, object]) -> None:
        """The tree is not changed."""
        self._tree = tree

    def read(self, wanted: type[S]) -> tuple[S, list[Misfit]]:
        """As `Item` has it."""
        return fit.fit(self._tree, wanted)

    def quick(self, wanted: type[S]) -> tuple[S, dict[str, Any]] | None:  # noqa: ARG002  # of the protocol
        """As `Item` has it."""
        return None

    def tree(self) -> Mapping[str, object]:
        """As `Item` has it."""
        return self._tree
