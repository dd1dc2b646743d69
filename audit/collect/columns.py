"""Tables that grow object by object, and their order in the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from audit.collect import objects
from audit.collect.fit import Misfit
from audit.collect.names import name_misfits, namespace_misfits
from audit.collect.origins import Origins, Place
from audit.collect.storage import Codes, Numbers, Objects, Storage, Texts, storage
from audit.frames import Schema, arrow

Ints = NDArray[np.intp]
Values: TypeAlias = pa.Array | Callable[[slice], pa.Array]
"""Of a column: all, or what makes them piece by piece."""


class Subject:
    """An object while it is read: what it is, where it stands, and what is wrong with it."""

    __slots__ = ("api_version", "kind", "misfits", "name", "namespace", "place", "redacted", "unnamed")

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
_WAITING_MAX: Final = 1024
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
        self._filled: dict[str, Storage] = {
            name: Objects() if dtype == OBJECT else storage(dtype) for name, dtype in dtypes.items()
        }
        self._waiting: list[tuple[object, ...]] = []
        """Rows that are in no column yet: many at once cost a fraction of what they cost one by one."""

    def __len__(self) -> int:
        """How many rows."""
        return len(self._filled["origin"]) + len(self._waiting)

    def add(self, subject: Subject, *values: object) -> None:
        """A row: the subject, and the values of the other columns in order."""
        key = (subject.api_version, subject.kind, subject.namespace, subject.name)
        way = (subject.unnamed, *subject.place)
        self._waiting.append((*key, *way, *values))
        if len(self._waiting) == _WAITING_MAX:
            self._fill()

    def extend(self, values: Mapping[str, Sequence[Any]], same: Mapping[str, Any], rows: int) -> None:
        """Rows: the values of some columns, and what is the same in all rows of the others."""
        for name, store in self._fill().items():
            if name in values:
                store.extend(values[name])
            else:
                cast("Numbers | Codes", store).repeat(same[name], rows)

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401  # the storage of its type
        """The values of a column."""
        return self._fill()[column]

    def _fill(self) -> dict[str, Storage]:
        """The columns, with all rows."""
        if self._waiting:
            for store, values in zip(self._filled.values(), zip(*self._waiting, strict=True), strict=True):
                store.extend(values)
            self._waiting.clear()
        return self._filled

    def in_frame(self, names: Iterable[str]) -> list[str]:
        """Which of these names are columns of the frame."""
        return [name for name in names if name in self._schema.names]

    def integers(self, column: str, rows: Ints) -> NDArray[Any]:
        """The values of a column of integers in those rows."""
        values: NDArray[Any] = self[column].numpy()[rows]
        return values

    def array(self, column: str, rows: Ints) -> pa.Array:
        """The values of a column in those rows."""
        return self._fill()[column].taken(rows)

    def order(self, keys: Sequence[str], origins: Origins) -> "Order":
        """Rows by `keys`, the last of which is the name: of those that are equal the last one counts."""
        rows = np.arange(len(self))
        origin = self["origin"].numpy()
        if origins.dropped:
            rows = rows[~np.isin(origin, list(origins.dropped))]
        columns = {key: _sortable(self[key], rows) for key in keys}
        # What has no name is equal to nothing: its own row number keeps it apart
        unnamed = self["unnamed"].numpy()[rows]
        columns["own"] = arrow.numbers(np.where(unnamed, rows, -1))
        columns["rank"] = arrow.numbers(origins.ranks()[origin[rows]])
        names = list(columns)
        by = [(name, "ascending") for name in names]
        ordered = arrow.values(compute.sort_indices(pa.table(columns), by)).astype(np.intp)
        again = np.ones(len(rows), np.bool_)
        again[-1:] = False
        for name in (*keys, "own"):
            again[:-1] &= _equal_to_next(arrow.taken(columns[name], ordered))
        ordered = rows[ordered]
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

    def pieces(self, rows: Ints, origins: Origins, computed: Mapping[str, Values]) -> Iterator[pa.Table]:
        """The rows in that order; `computed` replaces columns (values in the order of `rows`).

        Numbers are given up on the way, and texts are unpacked piece by piece: both at once, or all of them,
        would take many times the memory.
        """
        columns, values = self._fill(), dict(computed)
        for name in (column.name for column in self._schema.columns if column.name not in values):
            if name == "source":
                values[name] = self._sources(rows, origins)
            elif isinstance(columns[name], Texts):
                values[name] = partial(_part, columns[name], rows)
            else:
                values[name] = (columns[name] if name in _KEY else columns.pop(name)).taken(rows)
        columns.clear()
        yield from self._schema.pieces(values, len(rows))

    def _sources(self, rows: Ints, origins: Origins) -> Callable[[slice], pa.Array]:
        """What makes, piece by piece, where the objects of those rows were read."""
        namespaces, names, origin, line = (self[name] for name in ("namespace", "name", "origin", "line"))
        numbers = origin.numpy()[rows]
        if origins.lists_only(numbers):
            lists = origins.lists(numbers, namespaces.taken(rows))
            return lambda part: origins.paths(lists[part], names.taken(rows[part]))
        return lambda part: arrow.texts(
            [
                origins.where(Place(origin[row], line[row]), namespaces[row], names[row])
                for row in rows[part].tolist()
            ]
        )


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


def _part(store: Storage, rows: Ints, part: slice) -> pa.Array:
    return store.taken(rows[part])


def _sortable(store: Storage, rows: Ints) -> pa.Array:
    """What sorts as the values of those rows do."""
    if not isinstance(store, Codes):
        return store.taken(rows)
    ranks = np.empty(len(store.texts), np.int32)
    ranks[sorted(range(len(ranks)), key=store.texts.__getitem__)] = np.arange(len(ranks), dtype=np.int32)
    return arrow.numbers(ranks[store.numbers()[rows]])


def _equal_to_next(column: pa.Array) -> NDArray[np.bool_]:
    """Which values but the last are equal to the next one."""
    if not len(column):
        return np.zeros(0, np.bool_)
    return arrow.values(compute.equal(column[:-1], column[1:]).cast(pa.int8())).astype(np.bool_)
