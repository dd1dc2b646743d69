"""A directory's files in path order, without following a link out of it or around in a circle."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

SUFFIXES: Final = frozenset((".yaml", ".yml", ".json"))
"""Names of files that are read; case does not matter."""

OWN_RECORD: Final = "manifest.json"
_RECORD_BYTES: Final = 1 << 20

Gap = Callable[[str, str], None]


class _Record(msgspec.Struct):
    """What tells the record of a run of segaudit from other files of that name."""

    tool: str


class Found(NamedTuple):
    """A file to read: its path within the input, and where it is."""

    parts: tuple[str, ...]
    path: Path


def is_manifest(name: str) -> bool:
    """Whether a file of that name is read."""
    return Path(name).suffix.lower() in SUFFIXES


def shown(parts: tuple[str, ...]) -> str:
    """A path within the input as people read it: what a terminal or a table cannot show is replaced."""
    text = os.fsencode("/".join(parts)).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _is_own_record(entry: os.DirEntry[str]) -> bool:
    """Whether a folder with this file holds results of segaudit, which are not input, wherever they lie."""
    if not entry.is_file(follow_symlinks=False):
        return False
    try:
        with Path(entry.path).open("rb") as file:
            return msgspec.json.decode(file.read(_RECORD_BYTES), type=_Record).tool == "segaudit"
    except (OSError, msgspec.MsgspecError, RecursionError):
        return False


class Walk:
    """Walks one directory."""

    def __init__(self, root: Path, gap: Gap) -> None:
        """`gap` is told what is not read, and why."""
        self.ignored = 0
        """Files of other names."""
        self._root = root.resolve()
        self._gap = gap
        self._linked: set[Path] = set()

    def files(self) -> Iterator[Found]:
        """All files to read."""
        return self._directory(())

    def _directory(self, parts: tuple[str, ...]) -> Iterator[Found]:
        try:
            entries = sorted(os.scandir(self._root.joinpath(*parts)), key=lambda entry: entry.name)
        except OSError as error:
            self._gap(shown(parts) or ".", f"a directory that cannot be read: {error.strerror}")
            return
        if any(entry.name == OWN_RECORD and _is_own_record(entry) for entry in entries):
            return
        for entry in entries:
            inner = (*parts, entry.name)
            if entry.is_symlink():
                yield from self._link(inner)
            elif entry.is_dir(follow_symlinks=False):
                yield from self._directory(inner)
            elif not is_manifest(entry.name):
                self.ignored += 1
            elif entry.is_file(follow_symlinks=False):
                yield Found(inner, Path(entry.path))
            else:
                self._gap(shown(inner), "is no regular file")

    def _link(self, parts: tuple[str, ...]) -> Iterator[Found]:
        """A link within the input leads to what is read there anyway, unless its name alone says manifest."""
        link = self._root.joinpath(*parts)
        try:
            target = link.resolve(strict=True)
            mode = target.stat().st_mode
        except (OSError, RuntimeError) as error:
            broken = isinstance(error, FileNotFoundError)
            reason = "leads nowhere" if broken else "goes around in a circle, or cannot be followed"
            self._gap(shown(parts), f"a symbolic link that {reason}")
            return
        inside = target.is_relative_to(self._root)
        if stat.S_ISDIR(mode):
            if not inside:
                self._gap(shown(parts), "a symbolic link that leads outside of the input")
            elif link.parent.is_relative_to(target):
                self._gap(shown(parts), "a symbolic link that goes around in a circle")
        elif not is_manifest(link.name):
            self.ignored += 1
        elif not inside:
            self._gap(shown(parts), "a symbolic link that leads outside of the input")
        elif not stat.S_ISREG(mode):
            self._gap(shown(parts), "is no regular file")
        elif not is_manifest(target.name) and target not in self._linked:
            self._linked.add(target)
            yield Found(parts, target)
