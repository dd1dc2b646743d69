"""Standard output: UTF-8 whatever the locale, and a reader that went away is no fault."""

import os
import sys
from collections.abc import Iterable
from typing import NoReturn

from audit.errors import DeliveryError
from audit.log import printable


class ReaderGone(Exception):  # noqa: N818 - what happened, and no error
    """Nobody reads standard output any more (`| head`): there is nothing left to do."""


def write(pieces: Iterable[bytes]) -> None:
    """Write the pieces as they come. ReaderGone, or DeliveryError if standard output cannot take them."""
    if sys.stdout is None:
        raise DeliveryError("cannot write: standard output is closed; redirect it to a file")
    for piece in pieces:
        try:
            sys.stdout.buffer.write(piece)
        except OSError as error:
            _failed(error)
    flush()


def say(lines: Iterable[str]) -> None:
    """Write lines for people; what a line holds can neither break it nor steer the terminal."""
    write(printable(line).encode() + b"\n" for line in lines)


def flush() -> None:
    """Send what is still buffered; fails as `write` does."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        _failed(error)


def _failed(error: OSError) -> NoReturn:
    # What is still buffered would fail once more when the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        raise ReaderGone from None
    raise DeliveryError(f"cannot write to standard output: {error.strerror}; redirect it to a file") from None
