"""Files that the settings name for the look of reports: read whole, and never more than is reasonable."""

from pathlib import Path

from reports.errors import RenderFailure


def read_file(path: Path, most: int, advice: str) -> bytes:
    """The bytes of `path`; RenderFailure, with `advice`, if it cannot be read or has more than `most` MiB."""
    limit = most << 20
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise RenderFailure(f"cannot read {path}: {error.strerror}; {advice}") from None
    if len(data) > limit:
        raise RenderFailure(f"{path} is larger than {most} MiB; {advice}")
    return data
