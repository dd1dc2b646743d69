"""The folder that a run writes (`--out`): whole or not at all, and never over what is not ours.

A folder that is absent is written beside its place and renamed. In a folder that is there, empty or with our
manifest.json, everything is staged in a hidden folder; then manifest.json goes, the files that it lists are
replaced, and the new one comes last. So a folder without it is unfinished, and what the hidden folder still
holds is moved by the next run before it begins its own. Files are 0600, folders 0700.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from audit import durable, manifest
from audit.errors import DeliveryError, UsageError
from audit.manifest import Manifest
from audit.signals import held_back

STAGE: Final = ".segaudit-unfinished"
"""Where the new files of a folder that is there wait, until the last of them is in its place."""

_REPLACED: Final = "replaced.json"
"""In the stage: the manifest of the files that are being replaced."""

_VOLUME_ROOT: Final = "lost+found"
"""What the root of a fresh volume holds; nobody put it there."""


class Folder:
    """An output folder that may be written to: it is absent, empty, or ours."""

    def __init__(self, out: Path) -> None:
        """Look, and touch nothing: UsageError if it is not ours, DeliveryError if it cannot be written to."""
        self._out = out
        try:
            self._place = out.resolve()
            self._absent = not os.path.lexists(self._place)
            nearest = next(path for path in (self._place, *self._place.parents) if path.exists())
            if not nearest.is_dir():
                raise UsageError(f"--out {out}: {nearest} is not a folder; name another")
            if not self._absent:
                self._refuse_foreign_folder()
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
            raise UsageError(f"--out {out} cannot be used: {_reason(error)}; name another folder") from None
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise DeliveryError(
                f"cannot write to {out}: {nearest} is not writable; name another folder with --out"
            )

    def write(self, files: Mapping[str, bytes], record: Manifest) -> None:
        """Write `files`, by path within the folder, and last manifest.json, which `record` is.

        UsageError, and nothing touched, if one of them is there and not ours; DeliveryError, and everything
        as it was, if they cannot be written.
        """
        whole = {**files, manifest.NAME: record.encode()}
        try:
            if self._absent:
                self._create(whole)
            else:
                with _locked(self._place):
                    self._replace(whole)
        except OSError as error:
            raise DeliveryError(
                f"cannot write to {self._out}: {_reason(error)}; make room or name another folder with --out"
            ) from None

    def _create(self, files: Mapping[str, bytes]) -> None:
        parent = self._place.parent
        made = [path for path in (parent, *parent.parents) if not path.exists()]
        try:
            parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".segaudit-", dir=parent) as beside:
                stage = Path(beside, "out")
                _write_all(stage, files)
                stage.rename(self._place)
            durable.sync(parent)
        except BaseException:
            with suppress(OSError):
                for path in made:
                    path.rmdir()
            raise

    def _replace(self, files: Mapping[str, bytes]) -> None:
        stage = self._place / STAGE
        self._refuse_foreign_folder()
        if _is_unfinished(self._place):
            _move(self._place)
        elif stage.exists():
            shutil.rmtree(stage)
        ours = _listed(self._place / manifest.NAME)
        for name in sorted({*files, *ours}):
            self._refuse_foreign_file(name, ours)
        try:
            _write_all(stage, files)
        except BaseException:
            shutil.rmtree(stage, ignore_errors=True)
            raise
        _move(self._place)

    def _refuse_foreign_folder(self) -> None:
        names = {entry.name for entry in self._place.iterdir()}
        if (self._place / STAGE).is_symlink():
            raise UsageError(f"--out {self._out}: {STAGE} in it is a link; remove it or name another folder")
        if _read(self._place / manifest.NAME) or _is_unfinished(self._place):
            return
        names.discard(STAGE)
        if self._place.is_mount():
            names.discard(_VOLUME_ROOT)
        if names:
            raise UsageError(
                f"--out {self._out} is not empty and has no manifest.json of segaudit; name another folder"
            )

    def _refuse_foreign_file(self, name: str, ours: frozenset[str]) -> None:
        path = self._place / name
        for folder in path.parents:
            if folder == self._place:
                break
            if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
                raise UsageError(f"--out {self._out}: {folder.name} in it is not a folder; move it away")
        is_folder = path.is_dir() and not path.is_symlink()
        if is_folder or (os.path.lexists(path) and name not in ours and name != manifest.NAME):
            raise UsageError(f"--out {self._out}: {name} in it is not of segaudit; move it away")


def write_file(path: Path, data: bytes) -> None:
    """Write one file (0600) whole or not at all; what was there is replaced.

    UsageError if `path` is something else than a file, DeliveryError if it cannot be written.
    """
    try:
        place = path.resolve()
        if os.path.lexists(place) and not place.is_file():
            raise UsageError(f"cannot write {path}: it is not a file; name another")
        with tempfile.TemporaryDirectory(prefix=".segaudit-", dir=place.parent) as beside:
            stage = Path(beside, "new")
            durable.write_new(stage, data)
            stage.replace(place)
        durable.sync(place.parent)
    except (OSError, RuntimeError) as error:
        raise DeliveryError(f"cannot write {path}: {_reason(error)}; name another file") from None


def _move(place: Path) -> None:
    """Move what is staged to its place, manifest.json last; cut short anywhere, it can be done again."""
    stage = place / STAGE
    old, new = place / manifest.NAME, stage / manifest.NAME
    with held_back():
        if old.exists():
            old.replace(stage / _REPLACED)
        listed = _listed(new)
        for name in sorted(_listed(stage / _REPLACED) - listed):
            (place / name).unlink(missing_ok=True)
            with suppress(OSError):  # a folder goes with its last file
                for above in _folders(name)[:0:-1]:
                    (place / above).rmdir()
        for name in sorted(listed):
            if (stage / name).exists():
                _make(place, name)
                (stage / name).replace(place / name)
        durable.sync(place)
        new.replace(old)
        durable.sync(place)
        shutil.rmtree(stage)


def _is_unfinished(place: Path) -> bool:
    """A run was cut short between the first and the last move."""
    return not os.path.lexists(place / manifest.NAME) and _read(place / STAGE / manifest.NAME) is not None


def _listed(path: Path) -> frozenset[str]:
    record = _read(path)
    return frozenset(record.files) if record else frozenset()


def _read(path: Path) -> Manifest | None:
    """The manifest at `path`; None if there is none, or none of ours."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return manifest.decode(file.read(manifest.BYTES_MAX))


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder, the files in their order."""
    folder.mkdir(mode=0o700)
    for name, data in files.items():
        _make(folder, name)
        durable.write_new(folder / name, data)
    for made in {above for name in files for above in _folders(name)}:
        durable.sync(folder / made)


def _make(folder: Path, name: str) -> None:
    """The folders in `folder` that the file of that name is in."""
    for above in _folders(name):
        (folder / above).mkdir(mode=0o700, exist_ok=True)


def _folders(name: str) -> list[PurePosixPath]:
    """The folders that a file is in, the outermost, which is `.`, first."""
    return [*PurePosixPath(name).parents][::-1]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder`; where a file system has no locks, nothing does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DeliveryError(f"another run is writing to {folder}; wait for it to end") from None
        yield
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
