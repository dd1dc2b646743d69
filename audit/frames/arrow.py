"""Arrow arrays of plain values, made of their buffers.

`pyarrow.array` would load pandas, only to look whether it was given some of it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def use_system_memory() -> None:
    """Take memory where all else does: a pool of Arrow's own would hold on to what is no longer needed."""
    pa.set_memory_pool(pa.system_memory_pool())


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
    offsets = np.zeros(len(values) + 1, np.int64)
    np.fromiter(sizes, np.int64, len(values)).cumsum(out=offsets[1:])
    return pa.LargeStringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(data))


def codes(indices: NDArray[np.int32], distinct: Sequence[str]) -> pa.DictionaryArray:
    """Texts that recur: the place of each in `distinct`."""
    return pa.DictionaryArray.from_arrays(numbers(indices), texts(distinct))


def coded(values: Sequence[str]) -> pa.DictionaryArray:
    """The same, of the texts themselves."""
    distinct = list(dict.fromkeys(values))
    places = dict(zip(distinct, range(len(distinct)), strict=True))
    return codes(np.fromiter(map(places.__getitem__, values), np.int32, len(values)), distinct)


def compact(table: pa.Table) -> pa.Table:
    """The same, each dictionary with no more than the texts that are used, in their order."""
    columns = {}
    for name in table.column_names:
        column = whole(table[name])
        if isinstance(column, pa.DictionaryArray):
            indices = values(column.indices)
            used = np.zeros(len(column.dictionary), np.bool_)
            used[indices] = True
            if not used.all():
                places = used.cumsum(dtype=np.int32) - np.int32(1)
                column = pa.DictionaryArray.from_arrays(
                    numbers(places[indices]), column.dictionary.take(numbers(np.flatnonzero(used)))
                )
        columns[name] = column
    return pa.table(columns, table.schema)


def values(array: pa.Array) -> NDArray[Any]:
    """The integers of an array without nulls; a view."""
    width = array.type.bit_width // 8
    return np.frombuffer(array.buffers()[1], array.type.to_pandas_dtype(), len(array), array.offset * width)


def distinct(numbers: NDArray[Any]) -> NDArray[np.intp]:
    """The different ones of small integers from 0 on, in order; much faster than `numpy.unique`."""
    return np.flatnonzero(np.bincount(numbers))


def joined(arrays: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    """Arrays of that type as one."""
    return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays) if arrays else pa.nulls(0, kind)


def whole(values: pa.ChunkedArray) -> pa.Array:
    """The same in one piece."""
    return joined(values.chunks, values.type)


def taken(array: pa.Array, rows: NDArray[np.intp]) -> pa.Array:
    """The values of those rows; of rows that follow one another a view."""
    first = int(rows[0]) if len(rows) else 0
    if bool((rows == np.arange(first, first + len(rows))).all()):
        return array.slice(first, len(rows))
    return array.take(numbers(rows))


def chosen(first: pa.BooleanArray, these: pa.Array, those: pa.Array) -> pa.Array:
    """Of each row the value of `these` where `first` is true, else that of `those`."""
    from pyarrow import compute

    return compute.if_else(first, these, those)
