"""From a path, or stdin, to a Snapshot."""

import mmap
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import pyarrow as pa

from audit.collect.collector import Collector, plural_of
from audit.collect.files import bundle
from audit.collect.files.answers import Bundle, kinds_of
from audit.collect.files.archive import MAGIC, Archive
from audit.collect.files.json_text import read_json
from audit.collect.files.sink import Buffer, Sink, TypeMeta
from audit.collect.files.walk import Walk, shown
from audit.collect.files.yaml_text import read_yaml
from audit.documents import YAML_BYTES_MAX, looks_like_json
from audit.errors import CollectError
from audit.memory import collector_paused
from audit.snapshot import Provenance, Snapshot, is_snapshot, load

STDIN: Final = Path("-")
_HEAD: Final = 4096
_MAPPED: Final = 4 << 20
"""Bytes from which on a file is mapped instead of read."""
_BOM: Final = b"\xef\xbb\xbf"


def collect_files(
    path: Path, *, taken: str, tool_version: str, cluster: str = "", stdin: IO[bytes] | None = None
) -> Snapshot:
    """The snapshot in, or of, what lies at `path`; `-` is stdin.

    A snapshot file is loaded as it is. `taken` is the time of reading, and `cluster` the name of the cluster,
    for plain files; without one it is called what they are. CollectError if nothing there can be read.
    """
    told = _Told(taken, tool_version, cluster)
    with collector_paused():
        if path == STDIN:
            with tempfile.NamedTemporaryFile(prefix="segaudit-") as spool:
                shutil.copyfileobj(stdin or sys.stdin.buffer, spool, 1 << 20)
                spool.flush()
                return _collect(Path(spool.name), "stdin", told)
        return _collect(path, path.name or path.resolve().name, told)


class _Told(NamedTuple):
    """What a snapshot of plain files is told, as they do not say it."""

    taken: str
    tool_version: str
    cluster: str


def _collect(path: Path, name: str, told: _Told) -> Snapshot:
    shown_name = shown((name,))
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                head = file.read(_HEAD)
            if is_snapshot(head):
                return load(path.read_bytes(), shown_name)
        elif not stat.S_ISDIR(mode):
            raise CollectError(
                f"cannot read {shown((str(path),))}: neither a file nor a directory; pipe it in with `-`"
            )
        else:
            head = b""
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise CollectError(
            f"cannot read {shown((str(path),))}: {reason}; name a folder of manifests, a file of them, "
            "a support bundle or a snapshot file"
        ) from None
    reading = _Reading(name)
    if stat.S_ISDIR(mode):
        reading.directory(path)
    elif head.startswith(MAGIC):
        reading.archive(path)
    else:
        reading.single(path)
    return reading.snapshot(told)


class _Reading:
    """One input while it is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._collector = Collector()
        self._sink = Sink(self._collector)
        self._bundle: Bundle | None = None
        self._files = 0
        self._ignored = 0
        self._single = False

    # -- the forms of an input -------------------------------------------------------------------

    def directory(self, path: Path) -> None:
        """Manifests, or an unpacked support bundle."""
        walk = Walk(path, self._collector.gap)
        for found in walk.files():
            self._path(found.path, found.parts)
        self._ignored = walk.ignored

    def archive(self, path: Path) -> None:
        """The same, packed."""
        archive = Archive(path, self._collector.gap)
        for member in archive.files():
            self._file(member.data, member.parts)
        self._ignored = archive.ignored

    def single(self, path: Path) -> None:
        """One file, whatever its name."""
        self._single = True
        self._path(path, (self._name,))

    # -- a file ----------------------------------------------------------------------------------

    def _path(self, path: Path, parts: tuple[str, ...]) -> None:
        try:
            with _opened(path) as data:
                self._file(data, parts)
        except OSError as error:
            self._collector.gap(shown(parts), f"cannot be read: {error.strerror or type(error).__name__}")

    def _file(self, data: Buffer, parts: tuple[str, ...]) -> None:
        self._files += 1
        bare = self._bundled(data, parts)
        if bare is not None:
            number = self._collector.rows.origins.add_file(shown(parts), parts)
            self._text(data, number, bare)

    def _text(self, data: Buffer, number: int, bare: TypeMeta) -> None:
        text = data[len(_BOM) :] if data[: len(_BOM)] == _BOM else data
        if looks_like_json(bytes(text[:_HEAD])) and read_json(text, number, bare, self._sink):
            return
        if len(data) > YAML_BYTES_MAX:
            reason = f"larger than {YAML_BYTES_MAX >> 20} MiB and not one JSON value: not read"
            self._collector.gap(self._collector.rows.origins.names[number], reason)
        else:
            read_yaml(bytes(data), number, bare, self._sink)

    def _bundled(self, data: Buffer, parts: tuple[str, ...]) -> TypeMeta | None:
        """What bare objects of a bundle's file are; None if the file holds errors."""
        bare, refused = bundle.bare(parts), bundle.refused(parts)
        if not bare.kind and not refused.kind:
            return bare
        known = self._bundle = self._bundle or Bundle()
        if refused.kind:
            if namespaces := bundle.refusals(data):
                known.refused.setdefault(plural_of(*refused), set()).update(namespaces)
            return None
        known.listed.add(plural_of(*bare))
        return bare

    # -- the end ---------------------------------------------------------------------------------

    def snapshot(self, told: _Told) -> Snapshot:
        """All that was read; CollectError if that is nothing."""
        collector, form = self._collector, self._sink.form
        if not form.objects and not form.lists:
            self._refuse()
        tables = {name: pa.concat_tables(pieces) for name, pieces in collector.finish(templates=True)}
        tables["kinds"] = kinds_of(collector.found, collector.unread, form, self._bundle, single=self._single)
        name = shown((self._name,))
        provenance = Provenance(
            kind="files",
            description=name,
            cluster=told.cluster or name,
            taken=told.taken,
            tool_version=told.tool_version,
            files=self._files,
            documents=form.objects,
            ignored=self._ignored,
            others=dict(sorted(collector.others.items())),
        )
        return Snapshot(provenance, tables)

    def _refuse(self) -> None:
        name, gaps = shown((self._name,)), sorted(self._collector.gaps)
        if gaps:
            subject, reason = gaps[0]
            more = f", and {len(gaps) - 1} more" if len(gaps) > 1 else ""
            raise CollectError(f"nothing readable in {name}: {subject} {reason}{more}")
        files = "1 file" if self._files == 1 else f"{self._files:,} files"
        raise CollectError(
            f"nothing readable in {name}: no Kubernetes object in {files}; "
            "give manifests, `kubectl get -o json` output, a support bundle or a snapshot file"
        )


@contextmanager
def _opened(path: Path) -> Iterator[Buffer]:
    """The bytes of a file; large ones are mapped, so that what was read can leave memory again."""
    # Not to hang should the file have become a pipe since it was looked at
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # of a descriptor, which Path cannot open
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "no regular file")
        if status.st_size < _MAPPED:
            yield file.read()
            return
        mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        yield memoryview(mapped)  # closed with its last view: errors may still hold some
