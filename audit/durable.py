"""Files that last: what is written is on the disk before anything is said of it."""

import os
from contextlib import suppress
from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Write a file (0600) that is not there yet; FileExistsError, or another OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123  # a Path cannot open a descriptor
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync(folder: Path) -> None:
    """Make new names in `folder` last; where a file system cannot, they are as good as it gets."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
