"""What a frame is declared by: its columns, each with name, dtype and meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


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

    def frame(self, data: Mapping[str, Sequence[object] | np.ndarray | pd.Series]) -> pd.DataFrame:
        """`data` (all columns, of one length) as a frame of these columns and dtypes."""
        return pd.DataFrame({c.name: _series(data[c.name], c.dtype) for c in self.columns})

    def empty(self) -> pd.DataFrame:
        """A frame without rows that has all columns."""
        return self.frame({c.name: [] for c in self.columns})

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` with these columns, order and dtypes; KeyError names a column that it lacks."""
        return self.frame({c.name: frame[c.name] for c in self.columns})


def _series(values: Sequence[object] | np.ndarray | pd.Series, dtype: str) -> pd.Series:
    """`values` as a series of `dtype`; the categories of a category are strings in their order."""
    if dtype != "category":
        return pd.Series(values, dtype=dtype).reset_index(drop=True)
    series = pd.Series(values, dtype="str") if len(values) == 0 else pd.Series(values)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype("str").astype("category")
    used = series.cat.remove_unused_categories()
    return used.cat.set_categories(sorted(used.cat.categories)).reset_index(drop=True)


def columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns as rows of name, dtype and meaning."""
    return tuple(Column(*row) for row in rows)


WHERE = ("source", "str", "where the object was read: path:line of a file, or its API path")
"""The column that nearly every object has."""
