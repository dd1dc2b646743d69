"""A head and tables in one file: the form of snapshots, and of what runs store of themselves.

It is a ZIP archive without compression of its own, in fixed order and with fixed times: the head (JSON)
and one Parquet file a table. The same content gives the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final, TypeVar

import msgspec
import pyarrow as pa
from pyarrow import parquet

from audit.frames import arrow
from audit.memory import trim

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES: Final = 4 << 30
_MOST_ROWS: Final = 50_000_000
"""What one table may have when unpacked: a damaged or hostile file must not fill memory."""
_MOST_HEAD: Final = 64 << 20
_PAGE_BYTES: Final = 1 << 15
"""Of a column that are compressed at once: the writer holds several pages of every column."""
DAMAGE: Final = (zipfile.BadZipFile, KeyError, ValueError, OSError, msgspec.MsgspecError, pa.ArrowException)
"""What reading raises where a file is no whole container."""

H = TypeVar("H", bound=msgspec.Struct)


def pack(
    head: tuple[str, Callable[[dict[str, int]], msgspec.Struct]],
    tables: Iterable[tuple[str, Iterable[pa.Table]]],
    order: Iterable[str],
    *,
    piece: int,
    level: int | None = None,
) -> bytes:
    """The file of a head (its name, and what makes it of the tables' rows) and of tables, by name.

    Tables are packed one by one as they come, `piece` rows at a time, of which every part that comes but the
    last is a multiple; they are written in `order`. `level` is that of zstd.
    """
    members, rows = {}, {}
    for name, parts in tables:
        members[name], rows[name] = _member(parts, piece, level)
        trim()
    names = list(order)
    title, make = head
    text = msgspec.json.encode(make({name: rows[name] for name in names}), order="sorted")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zipfile.ZipInfo(title, _EPOCH), msgspec.json.format(text))
        for name in names:
            file.writestr(zipfile.ZipInfo(f"{name}.parquet", _EPOCH), members.pop(name))
    return archive.getvalue()


def _member(parts: Iterable[pa.Table], piece: int, level: int | None) -> tuple[bytes, int]:
    """The Parquet file of a table, and how many rows it has."""
    parts = iter(parts)
    first = next(parts)
    trim()  # what was needed until here
    # A dictionary of values that do not recur takes many times their memory, and more room
    recurring = [field.name for field in first.schema if pa.types.is_dictionary(field.type)]
    member, rows = io.BytesIO(), 0
    with parquet.ParquetWriter(
        member,
        first.schema,
        compression="zstd",
        compression_level=level,
        use_dictionary=recurring,
        write_statistics=False,
        data_page_size=_PAGE_BYTES,
    ) as writer:
        for part in chain([first], parts):
            for start in range(0, max(1, len(part)), piece):
                writer.write_table(arrow.compact(part[start : start + piece]))
            rows += len(part)
    return member.getvalue(), rows


def read_head(data: bytes, title: str, kind: type[H]) -> H:
    """The head of a file; one of DAMAGE."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        member = file.getinfo(title)
        if member.file_size > _MOST_HEAD:
            raise ValueError(title)
        return msgspec.json.decode(file.read(member), type=kind)


def read_table(data: bytes, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """A table of a file, or some columns of it; one of DAMAGE."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        member = file.getinfo(f"{name}.parquet")
        if member.file_size > _MOST_BYTES:
            raise ValueError(name)
        stored = parquet.ParquetFile(io.BytesIO(file.read(member)))
    groups = [stored.metadata.row_group(i) for i in range(stored.metadata.num_row_groups)]
    if stored.metadata.num_rows > _MOST_ROWS or sum(g.total_byte_size for g in groups) > _MOST_BYTES:
        raise ValueError(name)
    return stored.read(columns)
