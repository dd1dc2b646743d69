"""Columns of plain values that grow object by object, and their order in the end."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.collect import objects
from audit.collect.fit import Misfit
from audit.collect.names import name_misfits, namespace_misfits
from audit.frames import Schema

Ints = NDArray[np.intp]


class Place(NamedTuple):
    """Where an object was read: the number of its origin, and its line there from 1; 0 where lines mean nothing."""

    origin: int
    line: int


class Origins:
    """Where objects come from, files of an input or lists of an API, by number; and their order."""

    def __init__(self) -> None:
        """None yet."""
        self.names: list[str] = []
        self.dropped: set[int] = set()
        """Origins whose objects do not count: lists that began again."""
        self._order: list[tuple[str, ...]] = []
        self._lists: dict[int, tuple[str, str]] = {}

    def add_file(self, name: str, path: tuple[str, ...]) -> int:
        """The number of a further file; `path` is its place in path order."""
        self.names.append(name)
        self._order.append(path)
        return len(self.names) - 1

    def add_list(self, path: str) -> int:
        """The number of a further list: /api/v1/pods, or /api/v1/namespaces/shop/pods."""
        number = self.add_file(path, (path,))
        base, _, plural = path.rpartition("/")
        self._lists[number] = (base.partition("/namespaces/")[0], plural)
        return number

    def ranks(self) -> NDArray[np.int64]:
        """The place of each origin in path order."""
        ranks = np.zeros(len(self._order), np.int64)
        ranks[sorted(range(len(self._order)), key=self._order.__getitem__)] = np.arange(len(self._order))
        return ranks

    def where(self, place: Place, namespace: str = "", name: str = "") -> str:
        """`path:line` of a file; of a list the API path of the object."""
        if place.origin not in self._lists:
            return f"{self.names[place.origin]}:{place.line}"
        base, plural = self._lists[place.origin]
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{base}{within}/{plural}{name and f'/{name}'}"


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


_KEY: Final = ("api_version", "kind", "namespace", "name")
_WAY: Final = ("unnamed", "origin", "line")


class Columns:
    """A table that grows. It has the columns of a schema, every object's key and place, and further ones."""

    def __init__(self, schema: Schema, *further: str) -> None:
        """`further` columns are for the way, and in no frame."""
        self._schema = schema
        own = [name for name in schema.names if name not in (*_KEY, "source")]
        self._lists: dict[str, list[Any]] = {name: [] for name in (*_KEY, *_WAY, *own, *further)}
        self._appends = [values.append for values in self._lists.values()]

    def __len__(self) -> int:
        """How many rows."""
        return len(self._lists["origin"])

    def add(self, subject: Subject, *values: object) -> None:
        """A row: the subject, and the values of the other columns in order."""
        key = (subject.api_version, subject.kind, subject.namespace, subject.name)
        way = (subject.unnamed, *subject.place)
        for append, value in zip(self._appends, (*key, *way, *values), strict=True):
            append(value)

    def __getitem__(self, column: str) -> list[Any]:
        """The values of a column."""
        return self._lists[column]

    def order(self, keys: Sequence[str], origins: Origins) -> "Order":
        """Rows by `keys`, the last of which is the name: of those that are equal the last one counts."""
        frame = pd.DataFrame({key: pd.Series(self._lists[key], dtype="str") for key in keys})
        found = np.array(self._lists["origin"], np.int64)
        frame["rank"] = origins.ranks()[found]
        frame["row"] = np.arange(len(frame))
        # What has no name is equal to nothing: its own row number keeps it apart
        frame["own"] = np.where(np.array(self._lists["unnamed"], np.bool_), frame["row"], -1)
        if origins.dropped:
            frame = frame[~np.isin(found, list(origins.dropped))]
        frame = frame.sort_values([*keys, "own", "rank", "row"])
        rows = frame["row"].to_numpy()
        again = frame.duplicated([*keys, "own"], keep="last").to_numpy()
        # The one that counts is the next that does, in this order
        counts = np.flatnonzero(~again)
        winners = rows[counts[np.searchsorted(counts, np.flatnonzero(again))]] if again.any() else rows[:0]
        return Order(rows[~again], rows[again], winners)

    def subject(self, row: int) -> Subject:
        """The object of that row."""
        lists = self._lists
        subject = Subject(lists["api_version"][row], lists["kind"][row], self.place(row))
        subject.namespace, subject.name = lists["namespace"][row], lists["name"][row]
        return subject

    def place(self, row: int) -> Place:
        """Where the object of that row was read."""
        return Place(self._lists["origin"][row], self._lists["line"][row])

    def frame(
        self, rows: Ints, origins: Origins, computed: Mapping[str, Sequence[object]] | None = None
    ) -> pd.DataFrame:
        """The rows in that order; `computed` replaces whole columns (values in the order of `rows`)."""
        data: dict[str, Any] = {}
        for column in self._schema.columns:
            if computed is not None and column.name in computed:
                data[column.name] = computed[column.name]
            elif column.name == "source":
                data[column.name] = self._sources(rows, origins)
            else:
                values = self._lists[column.name]
                data[column.name] = [values[row] for row in rows.tolist()]
        return self._schema.frame(data)

    def _sources(self, rows: Ints, origins: Origins) -> list[str]:
        namespaces, names = self._lists["namespace"], self._lists["name"]
        return [origins.where(self.place(row), namespaces[row], names[row]) for row in rows.tolist()]


class Order(NamedTuple):
    """Rows that count, in order; rows that do not, and for each of these the one that counts instead."""

    rows: Ints
    overruled: Ints
    winners: Ints

    @property
    def position(self) -> dict[int, int]:
        """The new place of each row that counts."""
        return {row: place for place, row in enumerate(self.rows.tolist())}
