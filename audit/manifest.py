"""manifest.json: what one run wrote and from what, with the hash of everything. It is the commit of a run.

A folder without it is unfinished. Two runs on the same input differ in `started` and `durations` alone.
"""

import hashlib
from pathlib import PurePosixPath
from typing import Final, Literal

import msgspec

from audit.errors import CollectError

NAME: Final = "manifest.json"
CONFIGURATION: Final = "configuration.json"
WAIVERS: Final = "waivers.yaml"
CATALOGUE: Final = "catalogue.json"
MADE_WITH: Final = (CONFIGURATION, WAIVERS, CATALOGUE)
"""The files that keep what a run was made with; of waivers there may be none."""
BYTES_MAX: Final = 4 * 1024 * 1024
"""A manifest lists some dozens of files; what is larger is not ours."""


class Digest(msgspec.Struct, frozen=True):
    """Which bytes something was."""

    sha256: str
    """In hex."""
    size: int
    """Bytes."""

    @classmethod
    def of(cls, data: bytes) -> "Digest":
        """The digest of `data`."""
        return cls(hashlib.sha256(data).hexdigest(), len(data))


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one run. Times are RFC 3339 in UTC, durations seconds by step."""

    schema_version: Literal[1] = 1
    tool: Literal["segaudit"] = "segaudit"
    version: str
    cluster: str
    cluster_uid: str
    source: str
    """What was read, as a person would say it."""
    taken: str
    """When the snapshot was taken."""
    as_of: str
    """The date of everything in the report."""
    run: str = ""
    """Its folder in the store; empty without a store."""
    started: str
    durations: dict[str, float]
    complete: bool
    """Everything that was asked for could be read."""
    configuration: Digest
    waivers: Digest | None
    catalogue: Digest
    previous: Digest | None = None
    """The manifest of the run before this one; there is none without a store."""
    beside: dict[str, Digest] = {}
    """Manifests of other runs that none had named, by folder: they were written at the same time."""
    not_rendered: dict[str, str]
    """Files that were asked for and could not be rendered, each with the reason."""
    files: dict[str, Digest]
    """Paths within the folder, with `/`; manifest.json itself is not among them."""

    @property
    def made_with(self) -> dict[str, Digest | None]:
        """What the run was made with, by the file of it that keeps the bytes; None of what it had none of.

        Of runs that were written before there were such files the manifest lists none of them.
        """
        return {CONFIGURATION: self.configuration, WAIVERS: self.waivers, CATALOGUE: self.catalogue}

    def encode(self) -> bytes:
        """The file's bytes: indented JSON, the same for equal manifests."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted")) + b"\n"


def proved(data: bytes, record: Manifest, path: str, name: str) -> bytes:
    """The bytes of the file `path` of the run `name`, if its manifest says so; else CollectError."""
    if record.files.get(path) != Digest.of(data):
        raise CollectError(
            f"{name}: its {path} is not what was written, by its manifest; ask segaudit verify about it"
        )
    return data


def decode(data: bytes) -> Manifest | None:
    """The manifest in `data`; None if it is none of ours, or names a file that is not within the folder."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return manifest if all(map(_is_within, manifest.files)) else None


def _is_within(name: str) -> bool:
    path = PurePosixPath(name)
    plain = not path.is_absolute() and str(path) == name and "\0" not in name and name != NAME
    return plain and not any(part.startswith(".") for part in path.parts)
