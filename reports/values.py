"""The cells of datasets as Python values, the same for every output that is written from data."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from pandas.api.extensions import ExtensionDtype

from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset

_DTYPES: Final[Mapping[str, ExtensionDtype]] = {
    "integer": pd.Int64Dtype(),
    "number": pd.Float64Dtype(),
    "boolean": pd.BooleanDtype(),
}


def columns(dataset: Dataset) -> list[list[object]]:
    """The cells of `dataset`, a list a column: str, int, float or bool, and None for what is unknown.

    RenderFailure if its frame lacks a column, or holds something else there than its type says.
    """
    return [cells(dataset, column) for column in dataset.columns]


def cells(dataset: Dataset, column: DataColumn) -> list[object]:
    """The cells of one of the columns of `dataset`, as `columns` has them."""
    found = series(dataset, column)
    try:
        typed = found.astype(_DTYPES[column.type]) if column.type in _DTYPES else found
    except (TypeError, ValueError) as error:
        where = f"the column {column.name!r} of the table {dataset.name!r}"
        raise RenderFailure(f"{where} is not of type {column.type}: {error}") from error
    return _known(typed)


def series(dataset: Dataset, column: DataColumn) -> pd.Series:
    """One of the columns of `dataset` as its frame has it; RenderFailure if that lacks it."""
    if column.name not in dataset.frame.columns:
        raise RenderFailure(f"the table {dataset.name!r} lacks its column {column.name!r}")
    return dataset.frame[column.name]


def _known(series: pd.Series) -> list[object]:
    """The values of `series` with None for every kind of missing value."""
    values = series.astype(object)
    return values.where(series.notna(), None).tolist()
