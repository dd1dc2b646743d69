"""Where objects come from: files of an input, or lists of an API."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import arrow


class Place(NamedTuple):
    """Where an object was read: the number of its origin, and its line there from 1; 0 in a list."""

    origin: int
    line: int


class Origins:
    """Where objects come from, files of an input or lists of an API, by number; and their order."""

    def __init__(self) -> None:
        """None yet."""
        self.names: list[str] = []
        self.dropped: set[int] = set()
        """Origins whose objects do not count: lists that began again."""
        self._order: list[tuple[str, ...]] = []
        self._lists: dict[int, tuple[str, str]] = {}

    def add_file(self, name: str, path: tuple[str, ...]) -> int:
        """The number of a further file; `path` is its place in path order."""
        self.names.append(name)
        self._order.append(path)
        return len(self.names) - 1

    def add_list(self, path: str) -> int:
        """The number of a further list: /api/v1/pods, or /api/v1/namespaces/shop/pods."""
        number = self.add_file(path, (path,))
        base, _, plural = path.rpartition("/")
        self._lists[number] = (base.partition("/namespaces/")[0], plural)
        return number

    def ranks(self) -> NDArray[np.int64]:
        """The place of each origin in path order."""
        ranks = np.zeros(len(self._order), np.int64)
        ranks[sorted(range(len(self._order)), key=self._order.__getitem__)] = np.arange(len(self._order))
        return ranks

    def lists_only(self, numbers: NDArray[np.int32]) -> bool:
        """Whether those numbers are all of lists."""
        return all(number in self._lists for number in arrow.distinct(numbers).tolist())

    def lists(self, numbers: NDArray[np.int32], namespaces: pa.DictionaryArray) -> pa.DictionaryArray:
        """The API path of the list around each of many objects of lists, in its namespace."""
        texts = namespaces.dictionary.to_pylist()
        pairs = numbers.astype(np.int64) * len(texts) + arrow.values(namespaces.indices)
        distinct, which = np.unique(pairs, return_inverse=True)
        bases = [
            self._base(number, texts[code])
            for number, code in zip(
                *(part.tolist() for part in np.divmod(distinct, max(1, len(texts)))), strict=True
            )
        ]
        return arrow.codes(which.astype(np.int32), bases)

    @staticmethod
    def paths(lists: pa.DictionaryArray, names: pa.Array) -> pa.Array:
        """What `where` says of objects of these names in these lists."""
        from pyarrow import compute

        slash = arrow.texts(["/"])[0]
        return compute.binary_join_element_wise(lists.dictionary_decode(), names, slash)

    def where(self, place: Place, namespace: str = "", name: str = "") -> str:
        """`path:line` of a file; of a list the API path of the object."""
        if place.origin not in self._lists:
            return f"{self.names[place.origin]}:{place.line}"
        base = self._base(place.origin, namespace)
        return f"{base}/{name}" if name else base

    def _base(self, number: int, namespace: str) -> str:
        """The API path of the objects of a list in a namespace."""
        base, plural = self._lists[number]
        return f"{base}/namespaces/{namespace}/{plural}" if namespace else f"{base}/{plural}"
