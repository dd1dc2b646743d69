"""Runs in a folder of this machine, as far as what reads them needs it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from audit import manifest
from audit.errors import CollectError, UsageError
from audit.manifest import Manifest

_RUN: Final = re.compile(r"(\d{8}T\d{6}Z)-([a-z0-9][-a-z0-9]*)")


@dataclass(frozen=True)
class Run:
    """A run of a store."""

    name: str
    moment: datetime
    id: str
    removed: bool
    store: "Store"

    def read(self, path: str) -> bytes:
        """A file of its folder; CollectError if it cannot be read."""
        try:
            return (self.store.folder / self.name / path).read_bytes()
        except OSError as error:
            raise CollectError(f"{self.name}/{path}: {error.strerror}; run segaudit verify") from None

    def manifest(self) -> Manifest:
        """Its record; CollectError if it is none."""
        record = manifest.decode(self.read(manifest.NAME))
        if record is None:
            raise CollectError(f"{self.name}/{manifest.NAME}: not a manifest; run segaudit verify")
        return record


@dataclass(frozen=True)
class Store:
    """A folder of runs."""

    folder: Path

    def runs(self) -> list[Run]:
        """The runs that are whole, the oldest first."""
        names = sorted(path.parent.name for path in self.folder.glob(f"*/{manifest.NAME}"))
        found = [told for told in map(_RUN.fullmatch, names) if told]
        return [Run(told[0], _moment(told[1]), told[2], removed=False, store=self) for told in found]


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def open_store(url: str) -> Store:
    """The store at a path; UsageError if there is none."""
    folder = Path(url.removeprefix("file://"))
    if not folder.is_dir():
        raise UsageError(f"--store {url}: there is no such folder; name the store of earlier runs")
    return Store(folder)
