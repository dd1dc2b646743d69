"""A tree of files that are written once: a folder of this machine, or by fsspec one of an object store."""

import errno
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from audit import durable
from audit.channels import NO_CREDENTIALS, may_hold_credentials
from audit.errors import CollectError, DeliveryError, UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

CLIENTS: Final = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "abfs": "azure",
    "abfss": "azure",
    "az": "azure",
}
"""Schemes of object stores, and the extra that brings the client of each."""
_PIECE: Final = 1 << 20
UNFINISHED: Final = ".segaudit-unfinished"
"""Where a file of a folder is until it is whole; folders of such names in the root are in no listing."""
_HALF: Final = re.compile(rf"(?i)({'|'.join(('file', *CLIENTS))}):")
_ALREADY: Final = "cannot write {} into the store {}: it is there already, with other content"
_NO_LINKS: Final = frozenset((errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK))
"""What file systems answer that know no second name of a file."""
_TOLD_BY_KIND: Final[Mapping[type[Exception], str]] = {
    FileNotFoundError: "there is no such bucket, folder or file",
    PermissionError: "access is denied",
    TimeoutError: "it cannot be reached",
}
_TOLD_BY_NAME: Final = {
    "Credential": "there are no credentials",
    "Checksum": "its bytes are not those that the store took a checksum of",
    "Connect": "it cannot be reached",
    "Endpoint": "it cannot be reached",
    "Timeout": "it cannot be reached",
}
"""What a part of the name of a client's error means."""
_CHANGED: Final = ("LastModified", "mtime", "last_modified")
"""What the clients call the time of an object."""


class ThereAlreadyError(DeliveryError):
    """A file of that name is there, and of other bytes."""


class Entry(NamedTuple):
    """What a listing tells of a file."""

    size: int
    """Bytes; -1 of what is no plain file."""
    changed: datetime | None
    """UTC: when it was written, by the clock of whoever keeps it; None if that is not told."""


class Place(Protocol):
    """A tree of files. Paths have `/`; errors of reading are CollectErrors, of writing DeliveryErrors."""

    url: str
    """As people may see it."""
    address: str
    """The same, for people who are elsewhere."""

    def exists(self) -> bool:
        """Whether there is one; a prefix of an object store always is."""

    def files(self, under: str = "") -> dict[str, Entry]:
        """All files by path, or those below the folder `under`; none if there is no tree yet.

        Nothing is opened: it is a listing call a folder, or one for every thousand objects.
        """

    def unfinished(self) -> dict[str, Entry]:
        """What is in no listing, by path: files that are being written, or were when somebody was killed."""

    def read(self, path: str) -> bytes:
        """A file's bytes."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """The same, piece by piece."""

    def create(self, path: str, data: bytes) -> None:
        """Write a new file, whole or not at all.

        One that is there is as good if it has the same bytes (a client repeats a request whose answer was
        lost), else ThereAlreadyError.
        """

    def remove(self, paths: Sequence[str]) -> None:
        """Remove these files; what is gone already is as good."""

    def tidy(self, before: datetime) -> None:
        """Remove what was left, in no listing, by who was killed before that time."""


def open_place(url: str) -> Place:
    """The tree at a URL, or in a folder; UsageError if that cannot be one, or its client is missing."""
    if "://" not in url:
        if half := _HALF.match(url):
            raise UsageError(f"--store {url}: write {half[0]}// for a URL, or ./{url} for a folder")
        return Local(Path(url), url)
    if may_hold_credentials(url):
        raise UsageError(f"--store: {NO_CREDENTIALS}")
    scheme = urlsplit(url).scheme.lower()
    if scheme == "file" and urlsplit(url).netloc in {"", "localhost"}:
        return Local(Path(unquote(urlsplit(url).path)), url)
    if scheme not in CLIENTS or not urlsplit(url).netloc:
        raise UsageError(
            f"--store {url}: allowed is a folder, or a URL of {', '.join(sorted({'file', *CLIENTS}))}"
        )
    return Objects(url, CLIENTS[scheme])


class Local:
    """A folder. Files are 0600, folders 0700."""

    def __init__(self, root: Path, url: str) -> None:
        """It need not be there yet; UsageError if it is something else than a folder."""
        self.url = url
        self.address = url if "://" in url else str(root.absolute())
        self._root = root
        if os.path.lexists(root) and not root.is_dir():
            raise UsageError(f"--store {url}: it is not a folder; name another")

    def exists(self) -> bool:
        """As `Place` has it."""
        return self._root.is_dir()

    def files(self, under: str = "") -> dict[str, Entry]:
        """As `Place` has it."""
        with self._reading():
            return dict(_walk(self._root / under, f"{under}/" if under else ""))

    def unfinished(self) -> dict[str, Entry]:
        """As `Place` has it."""
        folder = self._root / UNFINISHED
        if folder.is_symlink() or not folder.is_dir():
            return {}
        with self._reading():
            return dict(_walk(folder, f"{UNFINISHED}/"))

    def read(self, path: str) -> bytes:
        """As `Place` has it."""
        return b"".join(self.pieces(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """As `Place` has it."""
        how = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # no link is followed, no pipe waited for
        with self._reading(), os.fdopen(os.open(self._root / path, how), "rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def create(self, path: str, data: bytes) -> None:
        """As `Place` has it."""
        place, beside = self._root / path, self._root / UNFINISHED
        try:
            for folder in (place.parent, beside):
                _make(folder)
            staged = beside / secrets.token_hex(8)
            try:
                durable.write_new(staged, data)
                _name(staged, place)
            finally:
                staged.unlink(missing_ok=True)
            durable.sync(place.parent)
        except FileExistsError:
            if self.read(path) != data:
                raise ThereAlreadyError(_ALREADY.format(path, self.url)) from None
        except OSError as error:
            raise DeliveryError(
                f"cannot write {path} into the store {self.url}: {_told(error)}; make room, or name another "
                "with --store"
            ) from None

    def remove(self, paths: Sequence[str]) -> None:
        """As `Place` has it."""
        try:
            for path in paths:
                (self._root / path).unlink(missing_ok=True)
            for folder in sorted({(self._root / path).parent for path in paths}, reverse=True):
                with suppress(OSError):  # others are in it
                    folder.rmdir()
                    folder.parent.rmdir()
        except OSError as error:
            raise DeliveryError(f"cannot remove files from the store {self.url}: {_told(error)}") from None

    def tidy(self, before: datetime) -> None:
        """As `Place` has it."""
        with suppress(OSError, CollectError):
            for path, entry in self.unfinished().items():
                if entry.changed and entry.changed < before:
                    (self._root / path).unlink(missing_ok=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CollectError(f"cannot read the store {self.url}: {_told(error)}") from None


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Entry]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if not prefix and entry.name.startswith(".") and entry.is_dir():
                continue  # ours, or of the file system
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                with suppress(FileNotFoundError):  # removed meanwhile
                    told = entry.stat(follow_symlinks=False)
                    size = told.st_size if entry.is_file(follow_symlinks=False) else -1
                    yield f"{prefix}{entry.name}", Entry(size, datetime.fromtimestamp(told.st_mtime, UTC))


def _name(staged: Path, place: Path) -> None:
    """Move a file to its place, in one step and not over what is there; FileExistsError."""
    try:
        os.link(staged, place)  # a rename would write over it
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(place):  # between this and the rename another may come
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        staged.rename(place)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)


class Objects:
    """A prefix in an object store."""

    def __init__(self, url: str, extra: str) -> None:
        """UsageError if the client is missing, which `extra` of ours brings, or the URL is none."""
        import fsspec

        self.url = self.address = url
        try:
            self._files, self._root = self._opened(fsspec, url)
        except ImportError:
            raise UsageError(f"--store {url}: its client is missing; install segaudit[{extra}]") from None
        except Exception as error:  # noqa: BLE001  # each client has errors of its own
            raise UsageError(f"--store {url}: it cannot be opened: {_told(error)}") from None

    @staticmethod
    def _opened(fsspec: Any, url: str) -> "tuple[AbstractFileSystem, str]":  # noqa: ANN401  # it has no types
        # Listings must not be remembered: other runs write, too
        files, root = fsspec.url_to_fs(url.rstrip("/"), use_listings_cache=False, skip_instance_cache=True)
        return files, str(root).rstrip("/")

    def exists(self) -> bool:
        """As `Place` has it."""
        return True

    def files(self, under: str = "") -> dict[str, Entry]:
        """As `Place` has it."""
        with self._reading():
            found = self._files.find(self._path(under) if under else self._root, detail=True)
            start = len(self._root) + 1
            return {path[start:]: _entry(told) for path, told in found.items() if told["type"] == "file"}

    def unfinished(self) -> dict[str, Entry]:
        """Nothing: an object is there whole or not at all."""
        return {}

    def read(self, path: str) -> bytes:
        """As `Place` has it."""
        with self._reading():
            return bytes(self._files.cat_file(self._path(path)))

    def pieces(self, path: str) -> Iterator[bytes]:
        """As `Place` has it."""
        with self._reading(), self._files.open(self._path(path), "rb", block_size=8 * _PIECE) as file:
            while piece := file.read(_PIECE):
                yield piece

    def create(self, path: str, data: bytes) -> None:
        """As `Place` has it; where the store has no exclusive writing, a name is as good as used once."""
        try:
            self._files.pipe_file(self._path(path), data, mode="create")
        except Exception as error:  # noqa: BLE001  # as above
            # Servers refuse in several ways what is there, and clients call that by several names
            there = self._if_there(path)
            if there == data:
                return
            if there is not None:
                raise ThereAlreadyError(_ALREADY.format(path, self.url)) from None
            raise DeliveryError(
                f"cannot write {path} into the store {self.url}: {_told(error)}; check the rights there, or "
                "name another with --store"
            ) from None

    def _if_there(self, path: str) -> bytes | None:
        with suppress(Exception):
            return bytes(self._files.cat_file(self._path(path)))
        return None

    def remove(self, paths: Sequence[str]) -> None:
        """As `Place` has it."""
        try:
            with suppress(FileNotFoundError):
                self._files.rm([self._path(path) for path in paths])
        except Exception as error:  # noqa: BLE001  # as above
            raise DeliveryError(f"cannot remove files from the store {self.url}: {_told(error)}") from None

    def tidy(self, before: datetime) -> None:
        """Nothing, for there is nothing unfinished."""

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # as above
            raise CollectError(f"cannot read the store {self.url}: {_told(error)}") from None


def _entry(told: Mapping[str, Any]) -> Entry:
    changed = next((told[key] for key in _CHANGED if isinstance(told.get(key), datetime)), None)
    return Entry(int(told["size"]), changed and changed.astimezone(UTC))


def _told(error: Exception) -> str:
    """An error in our words: a client's own may hold what it sent, or what the server said."""
    for kind, words in _TOLD_BY_KIND.items():
        if isinstance(error, kind):
            return words
    for part, words in _TOLD_BY_NAME.items():
        if part in type(error).__name__:
            return words
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
