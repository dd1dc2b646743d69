"""A tree of files that are written once: a folder of this machine, or by fsspec one of an object store."""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote, urlsplit

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
_BESIDE: Final = ".segaudit-unfinished"
"""Where a file of a folder is until it is whole; names with a dot in front are in no listing."""
_SECRETS: Final = re.compile(r"//[^/]*:[^/]*@|[?#]")


class Place(Protocol):
    """A tree of files. Paths have `/`; errors of reading are CollectErrors, of writing DeliveryErrors."""

    url: str
    """As people may see it."""

    def exists(self) -> bool:
        """Whether there is one; a prefix of an object store always is."""

    def files(self) -> dict[str, int]:
        """All files by path, with their size in bytes; none if there is no tree yet. Nothing is opened."""

    def read(self, path: str) -> bytes:
        """A file's bytes."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """The same, piece by piece."""

    def create(self, path: str, data: bytes) -> None:
        """Write a new file, whole or not at all; DeliveryError if there is one."""

    def remove(self, paths: Sequence[str]) -> None:
        """Remove these files; what is gone already is as good."""


def open_place(url: str) -> Place:
    """The tree at a URL, or in a folder; UsageError if that cannot be one, or its client is missing."""
    if "://" not in url:
        return Local(Path(url), url)
    if _SECRETS.search(url):
        raise UsageError(
            "--store: a URL with credentials or a query in it is not taken, as it would be in logs and "
            "reports; give credentials through the environment or the workload's identity"
        )
    scheme = urlsplit(url).scheme.lower()
    if scheme == "file":
        return Local(Path(unquote(urlsplit(url).path)), url)
    if scheme not in CLIENTS:
        raise UsageError(
            f"--store {url}: allowed is a folder, or a URL of {', '.join(sorted({'file', *CLIENTS}))}"
        )
    return Objects(url, CLIENTS[scheme])


class Local:
    """A folder. Files are 0600, folders 0700."""

    def __init__(self, root: Path, url: str) -> None:
        """It need not be there yet; UsageError if it is something else than a folder."""
        self.url = url
        self._root = root
        if os.path.lexists(root) and not root.is_dir():
            raise UsageError(f"--store {url}: it is not a folder; name another")

    def exists(self) -> bool:
        """As `Place` has it."""
        return self._root.is_dir()

    def files(self) -> dict[str, int]:
        """As `Place` has it."""
        with self._reading():
            return dict(_walk(self._root, ""))

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
        place, beside = self._root / path, self._root / _BESIDE
        try:
            for folder in (place.parent, beside):
                _make(folder)
            staged = beside / secrets.token_hex(8)
            try:
                with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.link(staged, place)  # unlike a rename, it does not write over what is there
            finally:
                staged.unlink(missing_ok=True)
            _sync(place.parent)
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

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CollectError(f"cannot read the store {self.url}: {_told(error)}") from None


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, int]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}", entry.stat(follow_symlinks=False).st_size


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)


def _sync(folder: Path) -> None:
    """Make new names in `folder` last; where a file system cannot, they are as good as it gets."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Objects:
    """A prefix in an object store."""

    def __init__(self, url: str, extra: str) -> None:
        """UsageError if the client is missing, which `extra` of ours brings, or the URL is none."""
        import fsspec

        self.url = url
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

    def files(self) -> dict[str, int]:
        """As `Place` has it."""
        with self._reading():
            try:
                found = self._files.find(self._root, detail=True)
            except FileNotFoundError:
                return {}
            start = len(self._root) + 1
            return {path[start:]: int(told["size"]) for path, told in found.items() if told["type"] == "file"}

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
            raise DeliveryError(
                f"cannot write {path} into the store {self.url}: {_told(error)}; check the rights there, or "
                "name another with --store"
            ) from None

    def remove(self, paths: Sequence[str]) -> None:
        """As `Place` has it."""
        try:
            with suppress(FileNotFoundError):
                self._files.rm([self._path(path) for path in paths])
        except Exception as error:  # noqa: BLE001  # as above
            raise DeliveryError(f"cannot remove files from the store {self.url}: {_told(error)}") from None

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # as above
            raise CollectError(f"cannot read the store {self.url}: {_told(error)}") from None


def _told(error: Exception) -> str:
    """An error in our words: a client's own may hold what it sent."""
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket, folder or file"
    if isinstance(error, FileExistsError):
        return "it is there already"
    if isinstance(error, PermissionError):
        return "access is denied"
    if "Credential" in type(error).__name__:
        return "there are no credentials"
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
