"""Arrow arrays of plain values, made of their buffers.

`pyarrow.array` would load pandas, only to look whether it was given some of it.
"""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers(values: NDArray[Any]) -> pa.Array:
    """Integers or truths."""
    if values.dtype == np.bool_:
        bits = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits)])
    contiguous = np.ascontiguousarray(values)
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(contiguous)]
    )


def texts(values: Sequence[str]) -> pa.LargeStringArray:
    """Texts; a lone surrogate, which JSON may hold and UTF-8 may not, becomes a question mark."""
    joined = "".join(values)
    if joined.isascii():
        data, sizes = joined.encode(), map(len, values)
    else:
        encoded = [value.encode(errors="replace") for value in values]
        data, sizes = b"".join(encoded), map(len, encoded)
    offsets = np.fromiter(chain([0], accumulate(sizes)), np.int64, len(values) + 1)
    return pa.LargeStringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(data))


def codes(indices: NDArray[np.int32], distinct: Sequence[str]) -> pa.DictionaryArray:
    """Texts that recur: the place of each in `distinct`."""
    return pa.DictionaryArray.from_arrays(numbers(indices), texts(distinct))


def coded(values: Sequence[str]) -> pa.DictionaryArray:
    """The same, of the texts themselves."""
    places: dict[str, int] = {}
    indices = np.fromiter((places.setdefault(value, len(places)) for value in values), np.int32, len(values))
    return codes(indices, list(places))


def values(array: pa.Array) -> NDArray[Any]:
    """The integers of an array without nulls; a view."""
    width = array.type.bit_width // 8
    return np.frombuffer(array.buffers()[1], array.type.to_pandas_dtype(), len(array), array.offset * width)


def whole(values: pa.ChunkedArray) -> pa.Array:
    """The same in one piece."""
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)


def chosen(first: pa.BooleanArray, these: pa.Array, those: pa.Array) -> pa.Array:
    """Of each row the value of `these` where `first` is true, else that of `those`."""
    from pyarrow import compute

    return compute.if_else(first, these, those)
