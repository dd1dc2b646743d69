"""A .tar.gz, read from front to back without unpacking it anywhere; what is in it is not trusted."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from audit.collect.files.walk import Gap, is_manifest, shown
from audit.documents import YAML_BYTES_MAX

MEMBERS_MAX: Final = 200_000
MEMBER_BYTES_MAX: Final = 2 * YAML_BYTES_MAX
"""Unpacked bytes of one file: it stands in memory as a whole."""
TOTAL_BYTES_MAX: Final = 16 << 30
"""Unpacked bytes of all files, those included that are not read."""
RATIO_MAX: Final = 200
"""Unpacked bytes for each packed one; JSON of a cluster has 10 to 50, a bomb 1,000."""
_RATIO_FREE: Final = 64 << 20
"""Unpacked bytes before the ratio counts."""

MAGIC: Final = b"\x1f\x8b"


class Member(NamedTuple):
    """A file to read: its path within the archive, and its bytes."""

    parts: tuple[str, ...]
    data: bytes


class _TooLargeError(OSError):
    """The archive unpacks to more than is allowed."""


class _Bounded(io.RawIOBase):
    """The unpacked bytes, up to the limits."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._bytes = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._unpacked.read(size)
        self._bytes += len(data)
        ratio_limit = max(_RATIO_FREE, RATIO_MAX * self._packed.tell())
        if self._bytes > min(ratio_limit, TOTAL_BYTES_MAX):
            raise _TooLargeError
        return data


class Archive:
    """Reads one archive."""

    def __init__(self, path: Path, gap: Gap) -> None:
        """`gap` is told what is not read, and why."""
        self.ignored = 0
        """Files of other names."""
        self._path = path
        self._gap = gap

    def files(self, wanted: Callable[[str], bool] = is_manifest) -> Iterator[Member]:
        """The files to read, in the archive's order."""
        name = self._path.name
        try:
            with self._path.open("rb") as packed, tarfile.open(fileobj=_Bounded(packed), mode="r|") as tar:
                for number, member in enumerate(tar):
                    if number == MEMBERS_MAX:
                        self._gap(name, f"has over {MEMBERS_MAX:,} files: the rest is not read")
                        return
                    yield from self._member(tar, member, wanted)
        except _TooLargeError:
            self._gap(
                name,
                f"unpacks to over {RATIO_MAX} times its size, or {TOTAL_BYTES_MAX >> 30} GiB: "
                "the rest is not read",
            )
        except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError):
            self._gap(name, "is damaged, or no .tar.gz: what comes behind the damage is not read")

    def _member(
        self, tar: tarfile.TarFile, member: tarfile.TarInfo, wanted: Callable[[str], bool]
    ) -> Iterator[Member]:
        parts = tuple(part for part in member.name.split("/") if part not in ("", "."))
        if member.isdir() or not parts:
            return
        if not wanted(parts[-1]):
            self.ignored += 1
        elif not member.isreg() or member.issparse() or ".." in parts:
            self._gap(shown(parts), "a link, or no regular file, in an archive")
        elif member.size > MEMBER_BYTES_MAX:
            self._gap(shown(parts), f"larger than {MEMBER_BYTES_MAX >> 20} MiB, the limit within an archive")
        else:
            file = tar.extractfile(member)
            if file is not None:
                yield Member(parts, file.read())
