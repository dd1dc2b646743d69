"""SIGTERM ends the process soon and tidily, wherever it is; what must not be cut short holds it back.

Python runs handlers in the main thread, whichever thread the kernel interrupted. So a mask of signals, which
is one thread's, holds nothing back once there are others; another handler does.
"""

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

TERMINATED: Final = 143
"""The exit code that stands for it."""
_SECONDS: Final = 5.0
"""From SIGTERM to the end at the latest. Nothing on the disk relies on what is tidied until then."""

_over = threading.Event()
_over.set()


class Terminated(BaseException):  # as KeyboardInterrupt
    """SIGTERM was received; not an Exception, so that nothing takes it for a fault of its own."""


@contextmanager
def sigterm_ends_it() -> Iterator[None]:
    """Within the block SIGTERM raises Terminated, and the process ends even if somebody takes that."""
    before = signal.signal(signal.SIGTERM, _terminate)
    _over.clear()
    try:
        yield
    finally:
        _over.set()
        signal.signal(signal.SIGTERM, before)


@contextmanager
def held_back() -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM wait for its end, for a short while."""
    if threading.current_thread() is not threading.main_thread():
        yield  # handlers never run here
        return
    came: list[int] = []

    def note(number: int, _: object) -> None:
        came.append(number)
        if number == signal.SIGTERM:
            _limit()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for held, handler in before.items():
            signal.signal(held, handler)
        for number in came:
            signal.raise_signal(number)


def _terminate(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut the tidying short
    _limit()
    raise Terminated


def _limit() -> None:
    """End the process in a while: an exception in a callback of C is printed, and work goes on."""
    # Not threading.Thread: the handler may have interrupted that very module, with its lock taken
    _thread.start_new_thread(_end, ())


def _end() -> None:
    if not _over.wait(_SECONDS):
        os._exit(TERMINATED)
