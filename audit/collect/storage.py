"""Columns that grow row by row, as small as those of Arrow or numpy: never an object a row."""

from array import array
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final, Protocol, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import arrow

_CHUNK: Final = 4096
"""Texts that stand as objects before they are packed."""


class Storage(Protocol):
    """A column that grows."""

    def append(self, value: Any, /) -> None:  # noqa: ANN401  # each storage has its own type of value
        """A further value."""

    def extend(self, values: Sequence[Any], /) -> None:
        """Further values."""

    def __getitem__(self, row: int, /) -> Any:  # noqa: ANN401  # the same
        """The value of a row."""

    def __len__(self) -> int:
        """How many rows."""

    def arrow(self) -> pa.Array | pa.ChunkedArray:
        """All of them."""


class Texts:
    """Texts most of which differ."""

    def __init__(self) -> None:
        """None yet."""
        self._chunks: list[pa.Array] = []
        self._tail: list[str] = []

    def append(self, value: str) -> None:
        """As `Storage` has it."""
        self._tail.append(value)
        if len(self._tail) == _CHUNK:
            self._pack()

    def extend(self, values: Sequence[str]) -> None:
        """As `Storage` has it."""
        for start in range(0, len(values), _CHUNK):
            self._tail.extend(values[start : start + _CHUNK])
            while len(self._tail) >= _CHUNK:
                self._pack()

    def _pack(self) -> None:
        self._chunks.append(arrow.texts(self._tail[:_CHUNK]))
        del self._tail[:_CHUNK]

    def __getitem__(self, row: int) -> str:
        """As `Storage` has it."""
        chunk, place = divmod(row, _CHUNK)
        return self._tail[place] if chunk == len(self._chunks) else str(self._chunks[chunk][place])

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._chunks) * _CHUNK + len(self._tail)

    def arrow(self) -> pa.ChunkedArray:
        """All of them."""
        return pa.chunked_array([*self._chunks, arrow.texts(self._tail)], pa.large_string())


class Codes:
    """Texts that recur: each is kept once."""

    def __init__(self) -> None:
        """None yet."""
        self.texts: list[str] = []
        self._codes = array("i")
        self._places: dict[str, int] = {}

    def code(self, text: str) -> int:
        """The number of a text."""
        place = self._places.setdefault(text, len(self.texts))
        if place == len(self.texts):
            self.texts.append(text)
        return place

    def append(self, value: str) -> None:
        """As `Storage` has it."""
        self._codes.append(self.code(value))

    def extend(self, values: Sequence[str]) -> None:
        """As `Storage` has it."""
        codes = list(map(self._places.get, values))
        self._codes.extend(map(self.code, values) if None in codes else cast("list[int]", codes))

    def repeat(self, value: str, times: int) -> None:
        """The same value again and again."""
        self._codes.extend(repeat(self.code(value), times))

    def __getitem__(self, row: int) -> str:
        """As `Storage` has it."""
        return self.texts[self._codes[row]]

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._codes)

    def numbers(self) -> NDArray[np.int32]:
        """The number of each row's text; a copy."""
        return np.array(self._codes, np.int32)

    def arrow(self) -> pa.DictionaryArray:
        """All of them."""
        return arrow.codes(self.numbers(), self.texts)


class Numbers:
    """Integers, or truths as 0 and 1."""

    def __init__(self, dtype: str) -> None:
        """`dtype` is numpy's name of an integer type, or `bool`."""
        self._dtype = np.dtype(dtype)
        self._values = array("b" if dtype == "bool" else self._dtype.char)

    def append(self, value: int) -> None:
        """As `Storage` has it."""
        self._values.append(value)

    def extend(self, values: Sequence[int]) -> None:
        """As `Storage` has it."""
        self._values.extend(values)

    def repeat(self, value: int, times: int) -> None:
        """The same value again and again."""
        self._values.extend(repeat(value, times))

    def __getitem__(self, row: int) -> int:
        """As `Storage` has it."""
        return self._values[row]

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._values)

    def arrow(self) -> pa.Array:
        """All of them."""
        return arrow.numbers(self.numpy())

    def numpy(self) -> NDArray[Any]:
        """All of them; a copy, for an array that is looked at cannot grow."""
        return np.array(self._values, self._dtype)


class Objects(list[Any]):
    """Whatever else a row has on the way; for tables of few rows."""

    def arrow(self) -> pa.Array:
        """They are on the way only: never asked for."""
        raise TypeError


def storage(dtype: str) -> Storage:
    """What keeps a column of that dtype of `audit.frames`."""
    if dtype == "category":
        return Codes()
    return Texts() if dtype == "str" else Numbers(dtype)
