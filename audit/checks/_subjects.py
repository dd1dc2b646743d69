"""The rows that checks give: one a subject, with these columns and no others that people see."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

import numpy as np
import pandas as pd

from audit.checks._model import Status
from audit.frames.schema import Array, extension
from audit.language import number
from audit.severity import Severity

COLUMNS: Final = {
    "kind": "",
    "namespace": "",
    "name": "",
    "status": Status.PASSED.value,
    "message": "",
    "rule": "",
    "content": "",
    "workload": "",
    "severity": 0,
    "stands": False,
    "source": "",
    "note": False,
    "mend": None,
}
"""Columns of a Judge's frame and what stands for those that it leaves out.

`content` tells rules of one policy apart wherever they stand; `severity` is the base of that row, 0 where
it is the check's; `stands` is whether a failed verdict holds whatever objects there are of the kinds that the
check has as `unless`; `note` is whether the message of what passed says more than that; `mend` is what the
check's remedy goes by, for its own eyes.
"""

Values = Sequence[object] | np.ndarray | pd.Series


def subjects(columns: Mapping[str, Values | str], rows: int) -> pd.DataFrame:
    """A Judge's frame of that many rows; a text stands for all of them, absent columns for their default."""
    everything = {**COLUMNS, **columns}
    # arrays, as to hold the indexes of as many series against each other takes longer than all else
    return pd.DataFrame({name: _column(everything[name], COLUMNS[name], rows) for name in COLUMNS})


def _column(values: object, default: object, rows: int) -> Array:
    """A column of the default's type; categories stay what they are."""
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        return values.array
    dtype = {str: "str", int: "int64"}.get(type(default), "object")
    if isinstance(values, str):
        return extension([values], "str").repeat(rows)
    if values is None or isinstance(values, int):
        return np.full(rows, values, dtype)
    if dtype == "object":  # numpy would take lists of one length for rows of a table
        objects: Array = pd.Series(cast("Values", values), dtype=dtype).array
        return objects
    return extension(cast("Values", values), dtype)


def of_rows(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A Judge's frame of rows that leave out what is the default: for few rows, as those of policies."""
    used = set().union(*rows)
    return subjects(
        {name: [row.get(name, COLUMNS[name]) for row in rows] for name in COLUMNS if name in used}, len(rows)
    )


def cluster(status: Status, message: str) -> pd.DataFrame:
    """The one subject of a check whose subjects cannot be told: the cluster."""
    return of_rows([{"kind": "Cluster", "status": status.value, "message": message}])


def namespace(name: str, status: Status, message: str) -> pd.DataFrame:
    """The one subject of a check in a namespace whose subjects cannot be told: the namespace."""
    row = {"kind": "Namespace", "namespace": name, "name": name}
    return of_rows([{**row, "status": status.value, "message": message}])


def places(rows: pd.DataFrame) -> pd.Series:
    """The namespace of each subject, empty for one of the cluster; a Namespace is its own."""
    own = rows["namespace"].astype("str")
    return own.where(own.ne("") | rows["kind"].ne("Namespace"), rows["name"].astype("str"))


def counted(count: int, noun: str) -> str:
    """`1 pod`, `12,000 pods`, `2 policies`."""
    if count == 1:
        return f"1 {noun}"
    return f"{number(count)} {noun[:-1]}ies" if noun.endswith("y") else f"{number(count)} {noun}s"


def word(severity: Severity | int) -> str:
    """The word of a severity that a column holds as a number."""
    return Severity(severity).word
