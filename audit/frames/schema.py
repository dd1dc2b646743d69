"""What a frame is declared by: its columns, each with name, dtype and meaning.

A frame is a pandas DataFrame; while it is collected and stored it is an Arrow table, so that taking a
snapshot need not load pandas, which takes more memory than many a cluster.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import arrow

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

Array: TypeAlias = "ExtensionArray | NDArray[Any]"
Values: TypeAlias = "Sequence[object] | np.ndarray | pd.Series | ExtensionArray"

PIECE: Final = 1 << 11
"""Rows that are stored together."""
_NULLABLE: Final = ("boolean", "Int64")
"""Dtypes of which only pandas has arrays."""
_FEW: Final = 16
"""Categories that are kept."""


@dataclass(frozen=True)
class Column:
    """A column: `dtype` as pandas has it; `meaning` is printed beside the data."""

    name: str
    dtype: str
    meaning: str


@dataclass(frozen=True)
class Schema:
    """The columns of one frame, in the order in which they are written."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [c.name for c in self.columns]

    def part(self, names: Sequence[str] | None) -> "Schema":
        """Some of its columns, in its order; all if None."""
        kept = self.columns if names is None else tuple(c for c in self.columns if c.name in names)
        return Schema(self.name, self.meaning, kept)

    def frame(self, data: "Mapping[str, Values]") -> "pd.DataFrame":
        """`data` (all columns, of one length) as a frame of these columns and dtypes."""
        import pandas as pd

        # arrays, as to hold the indexes of as many series against each other takes longer than all else
        return pd.DataFrame({c.name: extension(data[c.name], c.dtype) for c in self.columns})

    def table(
        self, data: Mapping[str, Sequence[object] | np.ndarray | pa.Array | pa.ChunkedArray]
    ) -> pa.Table:
        """`data` (all columns, of one length) as an Arrow table; equal content gives equal tables."""
        return pa.table({c.name: _array(data[c.name], c.dtype) for c in self.columns})

    def pieces(
        self, values: dict[str, pa.Array | Callable[[slice], pa.Array]], rows: int
    ) -> Iterator[pa.Table]:
        """The table of so many rows in pieces of PIECE rows; at least one, perhaps without rows.

        `values` has all columns, each as a whole, which is given up, or as what makes it piece by piece.
        """
        whole: dict[str, pa.Array] = {}
        for column in self.columns:
            if not callable(values[column.name]):
                whole[column.name] = _array(cast("pa.Array", values.pop(column.name)), column.dtype)
        for start in range(0, max(1, rows), PIECE):
            part = slice(start, min(rows, start + PIECE))
            yield pa.table(
                {
                    name: whole[name][part]
                    if name in whole
                    else cast("Callable[[slice], pa.Array]", values[name])(part)
                    for name in self.names
                }
            )

    def table_of(self, frame: "pd.DataFrame") -> pa.Table:
        """The Arrow table of a frame of these columns."""
        return self.table({c.name: pa.Array.from_pandas(frame[c.name]) for c in self.columns})

    def frame_of(self, table: pa.Table) -> "pd.DataFrame":
        """The frame of an Arrow table of these columns; KeyError names a column that it lacks."""
        return self.frame({c.name: table[c.name].to_pandas() for c in self.columns})

    def empty(self) -> "pd.DataFrame":
        """A frame without rows that has all columns."""
        return self.frame({c.name: [] for c in self.columns})

    def joined(self, frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
        """Frames of these columns as one, a row for each of theirs; without any an empty one."""
        if not frames:
            return self.empty()
        parts = {c.name: [frame[c.name] for frame in frames] for c in self.columns}
        return self.frame({c.name: _joined(parts[c.name], c.dtype) for c in self.columns})

    def conform(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """`frame` with these columns, order and dtypes; KeyError names a column that it lacks."""
        return self.frame({c.name: frame[c.name] for c in self.columns})


def extension(values: Values, dtype: str) -> Array:
    """`values` as an array of `dtype`; the categories of a category are strings in their order.

    No series on the way: to make one takes longer than all that a small cluster has in it.
    """
    import pandas as pd

    array: Any = values.array if isinstance(values, pd.Series) else values
    if dtype == "category":
        return _category(array)
    if dtype in _NULLABLE:
        return pd.array(array, dtype=dtype)
    return pd.array(array, dtype=_text()) if dtype == "str" else np.asarray(array, dtype)


def _category(values: "Sequence[object] | np.ndarray | ExtensionArray") -> "pd.Categorical":
    """As a category of those strings that occur, in their order."""
    import pandas as pd

    if not isinstance(values, pd.Categorical):
        return _coded(values)
    codes, categories = values.codes, values.categories
    used = np.unique(codes)
    used = used[used >= 0]
    if len(used) == len(categories) and categories.is_monotonic_increasing:
        return values
    kept = categories[used]
    order = kept.argsort()
    places = np.full(len(categories) + 1, -1, np.int64)  # the last is that of what is missing
    places[used[order]] = np.arange(len(used))
    return pd.Categorical.from_codes(places[codes], kept[order])


def _coded(values: "Sequence[object] | np.ndarray | ExtensionArray") -> "pd.Categorical":
    """The same of texts."""
    import pandas as pd

    texts: Any = values if isinstance(values, pd.api.extensions.ExtensionArray) else list(values)
    if isinstance(texts, list) and set(map(type, texts)) <= {str}:
        known = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        found, numbers = list(known), np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))
    else:
        numbers, distinct = pd.array(texts, dtype=_text()).factorize()
        found = distinct.tolist()
    order = sorted(range(len(found)), key=found.__getitem__)
    places = np.full(len(found) + 1, -1, np.int64)  # the last is that of what is missing
    places[order] = np.arange(len(found))
    categories = _categories(tuple(found[number] for number in order))
    return pd.Categorical.from_codes(places[numbers], categories, validate=False)


def _joined(parts: "list[pd.Series]", dtype: str) -> Values:
    """Columns of `dtype` one behind the other."""
    import pandas as pd

    if dtype == "category":
        known: ExtensionArray = pd.api.types.union_categoricals(parts, sort_categories=True)
        return known
    return pd.concat(parts, ignore_index=True)


def same(text: str, rows: int) -> "pd.Categorical":
    """A category of that many rows, each of which is `text`."""
    import pandas as pd

    categories = _categories((text,) if rows else ())
    return pd.Categorical.from_codes(np.zeros(rows, np.int8), categories, validate=False)


@cache
def _text() -> Any:  # noqa: ANN401  # pandas' stubs know no StringDtype that fits all
    """What pandas makes of "str", which takes longer to look up than to use."""
    import pandas as pd

    return pd.Series([], dtype="str").dtype


def _index(texts: tuple[str, ...]) -> "pd.Index[Any]":
    import pandas as pd

    index: pd.Index[Any] = pd.Index(texts, dtype=_text())
    return index


_kept = lru_cache(_index)
"""The categories that most columns have, such as statuses, are the same few: who has them can share them."""


def _categories(texts: tuple[str, ...]) -> "pd.Index[Any]":
    return (_kept if len(texts) <= _FEW else _index)(texts)


def _array(values: Sequence[object] | np.ndarray | pa.Array | pa.ChunkedArray, dtype: str) -> pa.Array:
    """`values` as an Arrow array of `dtype`, in one piece."""
    if isinstance(values, pa.ChunkedArray):
        values = arrow.whole(values)
    if dtype == "category":
        if isinstance(values, pa.Array) and not isinstance(values, pa.DictionaryArray):
            values = values.dictionary_encode()
        known = values if isinstance(values, pa.Array) else arrow.coded(cast("Sequence[str]", values))
        return _sorted_dictionary(known)
    if isinstance(values, pa.Array):
        return values.cast(pa.large_string()) if dtype == "str" else values
    if dtype == "str":
        return arrow.texts(cast("Sequence[str]", values))
    return arrow.numbers(np.asarray(values, dtype))


def _sorted_dictionary(array: pa.DictionaryArray) -> pa.DictionaryArray:
    """The same values, with a dictionary that holds those that are used, in their order."""
    texts = array.dictionary.to_pylist()
    indices = arrow.values(array.indices)
    order = sorted(arrow.distinct(indices).tolist(), key=texts.__getitem__)
    place = np.zeros(len(texts), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return arrow.codes(place[indices], [texts[number] for number in order])


def columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns as rows of name, dtype and meaning."""
    return tuple(Column(*row) for row in rows)


WHERE = ("source", "str", "where the object was read: path:line of a file, or its API path")
"""The column that nearly every object has."""
