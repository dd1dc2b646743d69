"""Columns that grow row by row, as small as those of Arrow or numpy: never an object a row."""

from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import arrow

_CHUNK: Final = 4096
"""Texts that are packed together."""
_CODEC: Final = "zstd"


class Storage(Protocol):
    """A column that grows."""

    def extend(self, values: Sequence[Any], /) -> None:
        """Further values."""

    def __getitem__(self, row: int, /) -> Any:  # noqa: ANN401  # the same
        """The value of a row."""

    def __len__(self) -> int:
        """How many rows."""

    def taken(self, rows: NDArray[np.intp], /) -> pa.Array:
        """The values of those rows."""


class Texts:
    """Texts most of which differ; kept compressed, for names that follow one another are much alike."""

    def __init__(self) -> None:
        """None yet."""
        self._chunks: list[_Chunk] = []
        self._tail: list[str] = []
        self._unpacked: tuple[int, pa.Array] = -1, None
        """The chunk that was needed last."""

    def extend(self, values: Sequence[str]) -> None:
        """As `Storage` has it."""
        self._tail.extend(values)
        while len(self._tail) >= _CHUNK:
            self._chunks.append(_Chunk.of(self._tail[:_CHUNK]))
            del self._tail[:_CHUNK]

    def __getitem__(self, row: int) -> str:
        """As `Storage` has it."""
        chunk, place = divmod(row, _CHUNK)
        return self._tail[place] if chunk == len(self._chunks) else str(self._array(chunk)[place])

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._chunks) * _CHUNK + len(self._tail)

    def taken(self, rows: NDArray[np.intp]) -> pa.Array:
        """As `Storage` has it; only the chunks that hold one of these rows are unpacked."""
        chunk, place = np.divmod(rows, _CHUNK)
        needed = arrow.distinct(chunk)
        held = arrow.joined([self._array(number) for number in needed.tolist()], pa.large_string())
        return arrow.taken(held, np.searchsorted(needed, chunk) * _CHUNK + place)

    def _array(self, chunk: int) -> pa.LargeStringArray:
        if chunk == len(self._chunks):
            return arrow.texts(self._tail)
        if self._unpacked[0] != chunk:
            self._unpacked = chunk, self._chunks[chunk].array()
        return self._unpacked[1]


class _Chunk(NamedTuple):
    """_CHUNK texts."""

    sizes: bytes
    """Of each text in bytes, as int32; compressed, as `data` is."""
    data: bytes
    size: int
    """Of the data when it is unpacked."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        array = arrow.texts(texts)
        _, offsets, data = array.buffers()
        sizes = np.diff(np.frombuffer(offsets, np.int64)).astype(np.int32)
        return cls(
            pa.compress(pa.py_buffer(sizes), _CODEC, asbytes=True),
            pa.compress(data, _CODEC, asbytes=True),
            data.size,
        )

    def array(self) -> pa.LargeStringArray:
        sizes = np.frombuffer(pa.decompress(self.sizes, 4 * _CHUNK, _CODEC), np.int32)
        offsets = np.zeros(_CHUNK + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        data = pa.decompress(self.data, self.size, _CODEC)
        return pa.LargeStringArray.from_buffers(_CHUNK, pa.py_buffer(offsets), data)


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

    def extend(self, values: Sequence[str]) -> None:
        """As `Storage` has it."""
        try:
            codes = list(map(self._places.__getitem__, values))
        except KeyError:  # one of them is new
            codes = list(map(self.code, values))
        self._codes.fromlist(codes)

    def repeat(self, value: str, times: int) -> None:
        """The same value again and again."""
        self._codes += array("i", [self.code(value)]) * times

    def __getitem__(self, row: int) -> str:
        """As `Storage` has it."""
        return self.texts[self._codes[row]]

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._codes)

    def numbers(self) -> NDArray[np.int32]:
        """The number of each row's text; a copy."""
        return np.array(self._codes, np.int32)

    def taken(self, rows: NDArray[np.intp]) -> pa.DictionaryArray:
        """As `Storage` has it."""
        return arrow.codes(self.numbers()[rows], self.texts)


class Numbers:
    """Integers, or truths as 0 and 1."""

    def __init__(self, dtype: str) -> None:
        """`dtype` is numpy's name of an integer type, or `bool`."""
        self._dtype = np.dtype(dtype)
        self._values = array("b" if dtype == "bool" else self._dtype.char)

    def extend(self, values: Sequence[int]) -> None:
        """As `Storage` has it."""
        self._values.fromlist(list(values))

    def repeat(self, value: int, times: int) -> None:
        """The same value again and again."""
        self._values += array(self._values.typecode, [value]) * times

    def __getitem__(self, row: int) -> int:
        """As `Storage` has it."""
        return self._values[row]

    def __len__(self) -> int:
        """As `Storage` has it."""
        return len(self._values)

    def taken(self, rows: NDArray[np.intp]) -> pa.Array:
        """As `Storage` has it."""
        return arrow.numbers(self.numpy()[rows])

    def numpy(self) -> NDArray[Any]:
        """All of them; a copy, for an array that is looked at cannot grow."""
        return np.array(self._values, self._dtype)


class Objects(list[Any]):
    """Whatever else a row has on the way; for tables of few rows."""

    def taken(self, _rows: NDArray[np.intp]) -> pa.Array:
        """They are on the way only: never asked for."""
        raise TypeError


def storage(dtype: str) -> Storage:
    """What keeps a column of that dtype of `audit.frames`."""
    if dtype == "category":
        return Codes()
    return Texts() if dtype == "str" else Numbers(dtype)
