"""How memory is had: stages that build much and drop much ask for it in their own way."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_TRIM_THRESHOLD: Final = -1
"""Of glibc's mallopt(3)."""
_KEPT: Final = 1 << 20
"""Bytes that a heap keeps when they are free."""


def give_back() -> None:
    """Have what is freed go back to the system from now on, where the C library is glibc.

    Else the heap of each thread holds on to the pages that went through it.
    """
    _glibc("mallopt", _TRIM_THRESHOLD, _KEPT)


def trim() -> None:
    """Give back what is free now, wherever in the heap it is, where the C library is glibc."""
    _glibc("malloc_trim", 0)


def _glibc(function: str, *arguments: int) -> None:
    with suppress(OSError, AttributeError):  # another C library
        getattr(ctypes.CDLL(None), function)(*arguments)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Decoding and evaluating make many objects and few cycles: looking for these doubles what they cost."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
