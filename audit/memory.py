"""The cyclic garbage collector, out of the way of stages that only build."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
