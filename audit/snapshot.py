"""The evidence: what was read of a cluster at one moment, and what could not be read.

A snapshot file is a container (`audit.container`) with the head `snapshot.json` (format, provenance) and the
tables of `frames.SNAPSHOT_TABLES`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa

from audit import container
from audit.errors import CollectError
from audit.frames import NO_SET, SNAPSHOT_TABLES
from audit.frames.schema import PIECE

if TYPE_CHECKING:
    import pandas as pd

FORMAT: Final = 1
_HEAD: Final = "snapshot.json"
_REFERENCES: Final = (("addresses", "pod", "pods"), ("service_ports", "service", "services"))
"""Columns that hold rows of another table."""
READABLE: Final = frozenset(("listed", "not served"))
"""States of a kind of which every object was read; of a kind that is not served there is none."""
WHOLE: Final = READABLE | {"not asked"}
"""States of a kind of which nothing that was asked for is missing."""
_SETS: Final = ("labels", "annotations", "pod_labels", "ports", "selector", "set")
"""Columns that number sets."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a snapshot comes from."""

    kind: str
    """`files` or `cluster`: pod templates stand for pods in the first only."""
    description: str
    """What was read, as a person would say it: a path's last part, or a cluster's name."""
    cluster: str = ""
    """Name of the cluster; of file input the description."""
    cluster_uid: str = ""
    server_version: str = ""
    api_groups: tuple[str, ...] = ()
    """`group/version` of all that a live cluster serves beside the core API."""
    read_as: str = ""
    taken: str
    """RFC 3339, UTC: when reading ended; of plain files SOURCE_DATE_EPOCH, else the time of reading."""
    tool_version: str
    files: int = 0
    """Files that were read."""
    ignored: int = 0
    """Files of names that are not read: neither .yaml, .yml nor .json."""
    documents: int = 0
    """Objects that were read."""
    others: dict[str, int] = msgspec.field(default_factory=dict)
    """Objects of kinds that no question is asked about, by kind."""


class _Head(msgspec.Struct, frozen=True):
    format: int
    provenance: Provenance
    tables: dict[str, int]


class Snapshot:
    """Tables by name, each with every column of its schema, and their provenance. Not changed once made."""

    def __init__(
        self,
        provenance: Provenance,
        tables: "Mapping[str, pd.DataFrame | pa.Table]",
        container: bytes | None = None,
    ) -> None:
        """A table that is missing is that of `container`, the snapshot file; without one it is empty."""
        self.provenance = provenance
        self._tables = {name: table for name, table in tables.items() if isinstance(table, pa.Table)}
        self._frames = {name: frame for name, frame in tables.items() if not isinstance(frame, pa.Table)}
        self._container = container

    def __getitem__(self, table: str) -> "pd.DataFrame":
        """The table of that name."""
        if table not in self._frames:
            self._frames[table] = SNAPSHOT_TABLES[table].frame_of(self._table(table))
        return self._frames[table]

    def table(self, name: str) -> pa.Table:
        """The table of that name, without loading pandas."""
        if name not in self._tables:
            self._tables[name] = self._table(name)
        return self._tables[name]

    def _table(self, name: str) -> pa.Table:
        schema = SNAPSHOT_TABLES[name]
        if name in self._tables:
            return self._tables[name]
        if name in self._frames:
            return schema.table_of(self._frames[name])
        if self._container is None:
            return schema.table({column: [] for column in schema.names})
        return container.read_table(self._container, name)

    def rows(self, name: str) -> int:
        """How many rows the table of that name has."""
        known = self._frames.get(name, self._tables.get(name))
        if known is not None or self._container is None:
            return 0 if known is None else len(known)
        return container.read_head(self._container, _HEAD, _Head).tables.get(name, 0)

    def state(self, kind: str) -> str:
        """How far objects of `kind` (plural) could be read: a state of `frames.KINDS`."""
        return self._states.get(kind, "not asked")

    def read_in(self, kind: str) -> frozenset[str]:
        """The namespaces in which objects of `kind` could all be read, where they could not be in others."""
        return self._read_in.get(kind, frozenset())

    @cached_property
    def _states(self) -> dict[str, str]:
        return {row["kind"]: row["state"] for row in self.table("kinds").to_pylist()}

    @cached_property
    def _read_in(self) -> dict[str, frozenset[str]]:
        read: dict[str, set[str]] = {}
        for row in self.table("parts").to_pylist():
            if row["state"] == "listed":
                read.setdefault(row["kind"], set()).add(row["namespace"])
        return {kind: frozenset(namespaces) for kind, namespaces in read.items()}

    @property
    def complete(self) -> bool:
        """Nothing that was asked for is missing, as far as can be known."""
        return not self.missing()

    def missing(self) -> list[str]:
        """What could not be read: kinds with their state, then other parts of the input with the reason."""
        gaps = self.table("gaps").to_pylist()
        unread = [f"{kind} ({state})" for kind, state in self._states.items() if state not in WHOLE]
        return unread + [f"{gap['subject']} ({gap['reason']})" for gap in gaps]

    @property
    def container(self) -> bytes:
        """The snapshot file; of a loaded snapshot the very bytes that were loaded."""
        if self._container is None:
            tables = ((name, [self._table(name)]) for name in SNAPSHOT_TABLES)
            self._container = _pack(self.provenance, tables)
        return self._container

    @property
    def sha256(self) -> str:
        """Of the snapshot file, in hex."""
        return hashlib.sha256(self.container).hexdigest()


def is_snapshot(head: bytes) -> bool:
    """Whether a file that begins with `head` (64 bytes or more) can be a snapshot file."""
    return head.startswith(b"PK\x03\x04") and _HEAD.encode() in head[:64]


def save(snapshot: Snapshot, path: Path) -> None:
    """Write the snapshot file; OSError if that cannot be."""
    path.write_bytes(snapshot.container)


def load(data: bytes, name: str) -> Snapshot:
    """The snapshot in the bytes of a snapshot file; CollectError names the file and what is wrong with it."""
    try:
        return _unpack(data, name)
    except container.DAMAGE as error:
        raise CollectError(
            f"{name}: not a whole snapshot file ({type(error).__name__}); take it again"
        ) from None


def packed(provenance: Provenance, tables: Iterable[tuple[str, Iterable[pa.Table]]]) -> Snapshot:
    """The snapshot of tables that are packed as they come, in pieces of PIECE rows, and then not needed."""
    return Snapshot(provenance, {}, _pack(provenance, tables))


def _pack(provenance: Provenance, tables: Iterable[tuple[str, Iterable[pa.Table]]]) -> bytes:
    head = (_HEAD, lambda rows: _Head(FORMAT, provenance, rows))
    return container.pack(head, tables, SNAPSHOT_TABLES, piece=PIECE)


def _unpack(data: bytes, name: str) -> Snapshot:
    head = container.read_head(data, _HEAD, _Head)
    if head.format > FORMAT:
        raise CollectError(
            f"{name}: snapshot format {head.format}, but {FORMAT} is the newest known; update segaudit"
        )
    tables = {
        table: schema.frame_of(container.read_table(data, table)) if table in head.tables else schema.empty()
        for table, schema in SNAPSHOT_TABLES.items()
    }
    snapshot = Snapshot(head.provenance, tables, data)
    _check(tables)
    return snapshot


def _check(tables: "Mapping[str, pd.DataFrame]") -> None:
    """ValueError if a row refers to one that is not there, or sets are not in order."""
    for table in ("labels", "ports"):
        if not tables[table]["set"].is_monotonic_increasing:
            raise ValueError(table)
    for table, column, target in _REFERENCES:
        rows = tables[table][column]
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(tables[target])):
            raise ValueError(table)
    for frame in tables.values():
        for column in frame.columns.intersection(list(_SETS)):
            if len(frame) and frame[column].min() < NO_SET:
                raise ValueError(column)
