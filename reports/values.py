"""The cells of datasets as Python values, the same for every output that is written from data."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import pandas as pd
from pandas.api.extensions import ExtensionDtype

from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset, Report

_DTYPES: Final[Mapping[str, ExtensionDtype]] = {
    "integer": pd.Int64Dtype(),
    "number": pd.Float64Dtype(),
    "boolean": pd.BooleanDtype(),
}


Cell = str | int | float | bool | None


def find(report: Report, name: str) -> Dataset | None:
    """The table of that name, if the report has it."""
    return next((dataset for dataset in report.data if dataset.name == name), None)


def table(report: Report, name: str) -> Dataset:
    """The table of that name; RenderFailure if the report has none."""
    dataset = find(report, name)
    if dataset is None:
        raise RenderFailure(f"the report has no table {name!r}")
    return dataset


def rows(dataset: Dataset, *names: str) -> Iterator[tuple[Cell, ...]]:
    """Some cells of each row, in the order of `names`; RenderFailure as of `columns`."""
    described = {column.name: column for column in dataset.columns}
    if missing := [name for name in names if name not in described]:
        raise RenderFailure(f"the table {dataset.name!r} lacks its column {missing[0]!r}")
    part = msgspec.structs.replace(dataset, columns=tuple(described[name] for name in names))
    return zip(*columns(part), strict=True)


def columns(dataset: Dataset) -> list[list[Cell]]:
    """The cells of `dataset`, a list a column: str, int, float or bool, and None for what is unknown.

    RenderFailure if its frame lacks a column, or holds something else there than its type says.
    """
    return [cells(dataset, column) for column in dataset.columns]


def cells(dataset: Dataset, column: DataColumn) -> list[Cell]:
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


def _known(series: pd.Series) -> list[Cell]:
    """The values of `series` with None for every kind of missing value."""
    values: list[Cell] = series.to_numpy(dtype=object, na_value=None).tolist()  # type: ignore[call-overload]
    return values
