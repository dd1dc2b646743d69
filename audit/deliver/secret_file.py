"""A secret that stands in a file, as one that is mounted into a pod."""

from pathlib import Path

from audit.errors import DeliveryError


def read(path: str, setting: str, most: int) -> str:
    """The text in it, at most so many characters; DeliveryError names `setting`, and nothing of the text."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(most)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise DeliveryError(f"cannot read {setting} {path}: {reason}") from None
