"""How memory is had: stages that build much and drop much ask for it in their own way."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import pyarrow as pa

_ARENA_MAX: Final = -8
_TRIM_THRESHOLD: Final = -1
"""Both of glibc's mallopt(3)."""
_KEPT: Final = 1 << 20
"""Bytes at a heap's end that it keeps when they are free."""


def few_heaps() -> None:
    """Have all threads, and Arrow, share one heap that gives back what is free.

    Else glibc keeps one for each, and in each of them the pages that went through it; and so does Arrow. A
    system without mallopt has none of that.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 1)
        mallopt(_TRIM_THRESHOLD, _KEPT)


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
