"""Tables that grow object by object, and their order in the end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.collect import objects
from audit.collect.fit import Misfit
from audit.collect.names import name_misfits, namespace_misfits
from audit.collect.origins import Origins, Place
from audit.collect.storage import Codes, Numbers, Objects, Storage, Texts, storage
from audit.frames import Schema, arrow

Ints = NDArray[np.intp]


class Subject:
    """An object while it is read: what it is, where it stands, and what is wrong with it."""

    def __init__(self, api_version: str, kind: str, place: Place) -> None:
        """Namespace and name are known when its metadata is."""
        self.api_version = api_version
        self.kind = kind
        self.place = place
        self.namespace = ""
        self.name = ""
        self.unnamed = False
        """Has no name of its own: the API server would make one, so that equal ones are not one object."""
        self.misfits: list[Misfit] = []
        self.redacted = False

    def named(
        self, metadata: objects.Metadata | objects.Described | None, *, namespaced: bool = True
    ) -> None:
        """Take namespace and name from the metadata; an object without namespace is in `default`."""
        told = metadata or objects.Described()
        self.unnamed = not told.name
        self.name = told.name or told.generate_name or ""
        if told.name:
            self.misfits.extend(name_misfits(self.api_version, self.kind, told.name))
        elif not self.name:
            self.refuse("metadata.name", "is missing: the API server would refuse it")
        self.namespace = (told.namespace or "default") if namespaced else ""
        if namespaced and told.namespace:
            self.misfits.extend(namespace_misfits(told.namespace))

    def refuse(self, path: str, reason: str) -> None:
        """The API server would refuse that part."""
        self.misfits.append(Misfit(path, reason))


_KEY: Final = {"api_version": "category", "kind": "category", "namespace": "category", "name": "str"}
_WAY: Final = {"unnamed": "bool", "origin": "int32", "line": "int64"}
OBJECT: Final = "object"
"""The dtype of a further column that keeps Python objects."""


class Columns:
    """A table that grows. It has the columns of a schema, every object's key and place, and further ones."""

    def __init__(
        self, schema: Schema, further: Mapping[str, str] | None = None, computed: Sequence[str] = ()
    ) -> None:
        """`further` columns, with dtypes, are for the way and in no frame; `computed` ones come last."""
        self._schema = schema
        own = {c.name: c.dtype for c in schema.columns if c.name not in (*_KEY, *computed, "source")}
        dtypes = {**_KEY, **_WAY, **own, **(further or {})}
        self._stores: dict[str, Storage] = {
            name: Objects() if dtype == OBJECT else storage(dtype) for name, dtype in dtypes.items()
        }
        self._appends = [store.append for store in self._stores.values()]

    def __len__(self) -> int:
        """How many rows."""
        return len(self._stores["origin"])

    def add(self, subject: Subject, *values: object) -> None:
        """A row: the subject, and the values of the other columns in order."""
        key = (subject.api_version, subject.kind, subject.namespace, subject.name)
        way = (subject.unnamed, *subject.place)
        for append, value in zip(self._appends, (*key, *way, *values), strict=True):
            append(value)

    def extend(self, values: Mapping[str, Sequence[Any]], same: Mapping[str, Any], rows: int) -> None:
        """Rows: the values of some columns, and what is the same in all rows of the others."""
        for name, store in self._stores.items():
            if name in values:
                store.extend(values[name])
            else:
                cast("Numbers | Codes", store).repeat(same[name], rows)

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401  # the storage of its type
        """The values of a column."""
        return self._stores[column]

    def in_frame(self, names: Iterable[str]) -> list[str]:
        """Which of these names are columns of the frame."""
        return [name for name in names if name in self._schema.names]

    def integers(self, column: str, rows: Ints) -> NDArray[Any]:
        """The values of a column of integers in those rows."""
        values: NDArray[Any] = self[column].numpy()[rows]
        return values

    def array(self, column: str, rows: Ints) -> pa.Array:
        """The values of a column in those rows."""
        taken = _taken(self._stores[column], rows)
        return arrow.whole(taken) if isinstance(taken, pa.ChunkedArray) else taken

    def order(self, keys: Sequence[str], origins: Origins) -> "Order":
        """Rows by `keys`, the last of which is the name: of those that are equal the last one counts."""
        rows = np.arange(len(self))
        origin = self["origin"].numpy()
        if origins.dropped:
            rows = rows[~np.isin(origin, list(origins.dropped))]
        columns: dict[str, pa.Array | pa.ChunkedArray] = {key: _sortable(self[key], rows) for key in keys}
        # What has no name is equal to nothing: its own row number keeps it apart
        unnamed = self["unnamed"].numpy()[rows]
        columns["own"] = arrow.numbers(np.where(unnamed, rows, -1))
        columns["rank"] = arrow.numbers(origins.ranks()[origin[rows]])
        columns["row"] = arrow.numbers(rows)
        table = pa.table(columns)
        table = table.sort_by([(name, "ascending") for name in table.column_names])
        ordered = arrow.values(arrow.whole(table["row"]))
        again = _equal_to_next(table, [*keys, "own"])
        # The one that counts is the next that does, in this order
        counts = np.flatnonzero(~again)
        winners = ordered[counts[np.searchsorted(counts, np.flatnonzero(again))]]
        return Order(ordered[~again], ordered[again], winners)

    def subject(self, row: int) -> Subject:
        """The object of that row."""
        subject = Subject(self["api_version"][row], self["kind"][row], self.place(row))
        subject.namespace, subject.name = self["namespace"][row], self["name"][row]
        return subject

    def place(self, row: int) -> Place:
        """Where the object of that row was read."""
        return Place(self["origin"][row], self["line"][row])

    def table(
        self, rows: Ints, origins: Origins, computed: Mapping[str, Sequence[object]] | None = None
    ) -> pa.Table:
        """The rows in that order; `computed` replaces whole columns (values in the order of `rows`).

        What was collected is given up on the way: both at once would take twice the memory.
        """
        data: dict[str, Any] = {}
        for column in self._schema.columns:
            if computed is not None and column.name in computed:
                data[column.name] = computed[column.name]
            elif column.name == "source":
                data[column.name] = self._sources(rows, origins)
            elif column.name in _KEY:
                data[column.name] = _taken(self[column.name], rows)
            else:
                data[column.name] = _taken(self._stores.pop(column.name), rows)
        self._stores.clear()
        return self._schema.table(data)

    def _sources(self, rows: Ints, origins: Origins) -> list[str] | pa.Array:
        namespaces, names = self["namespace"], self["name"]
        number = self["origin"].numpy()[rows]
        if origins.lists_only(number):
            return origins.paths(number, _taken(namespaces, rows), _taken(names, rows))
        return [origins.where(self.place(row), namespaces[row], names[row]) for row in rows.tolist()]


class Order(NamedTuple):
    """Rows that count, in order; rows that do not, and for each of these the one that counts instead."""

    rows: Ints
    overruled: Ints
    winners: Ints

    def positions(self, count: int) -> Ints:
        """The new place of each of `count` rows; -1 of those that do not count."""
        places = np.full(count, -1)
        places[self.rows] = np.arange(len(self.rows))
        return places


def _taken(store: Storage, rows: Ints) -> pa.Array | pa.ChunkedArray:
    """The values of those rows."""
    if isinstance(store, Codes):
        return arrow.codes(store.numbers()[rows], store.texts)
    if isinstance(store, Texts):
        texts = store.arrow()
        in_order = len(rows) == len(texts) and bool((rows == np.arange(len(rows))).all())
        return texts if in_order else texts.take(arrow.numbers(rows))
    return arrow.numbers(cast("Numbers", store).numpy()[rows])


def _sortable(store: Storage, rows: Ints) -> pa.Array | pa.ChunkedArray:
    """What sorts as the values of those rows do."""
    if not isinstance(store, Codes):
        return _taken(store, rows)
    ranks = np.empty(len(store.texts), np.int32)
    ranks[sorted(range(len(ranks)), key=store.texts.__getitem__)] = np.arange(len(ranks), dtype=np.int32)
    return arrow.numbers(ranks[store.numbers()[rows]])


def _equal_to_next(table: pa.Table, columns: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows are equal to the next one, in those columns."""
    from pyarrow import compute

    equal = np.zeros(len(table), np.bool_)
    equal[:-1] = True
    for name in columns:
        column = arrow.whole(table[name])
        same = compute.equal(column[:-1], column[1:]) if len(column) else column[:0].is_null()
        equal[: len(same)] &= arrow.values(same.cast(pa.int8())).astype(np.bool_)
    return equal
