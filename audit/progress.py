"""How far a long step is: bars on a terminal; elsewhere, where it is worth it, log lines."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NoReturn, TextIO, TypeAlias

if TYPE_CHECKING:
    from tqdm import tqdm

_ALLOWED: ContextVar[bool] = ContextVar("progress_allowed", default=True)
_SECONDS: Final = 10.0
"""Between two log lines of one kind."""

_log = logging.getLogger(__name__)

Tell: TypeAlias = Callable[[int, int | None], None]
"""Says how many there are now, and how many there will be, if that is known."""


def allow(allowed: bool) -> None:  # noqa: FBT001  # a switch, and nothing else
    """Show progress from now on, or nowhere (`--no-progress`)."""
    _ALLOWED.set(allowed)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs, and remove it; yield what advances it.

    Where standard error is no terminal, or progress is not allowed, nothing is written. What is logged
    meanwhile stands above the bar.
    """
    stream = _terminal()
    if stream is None:
        yield _nowhere
        return
    from tqdm.contrib.logging import logging_redirect_tqdm

    with _bar(label, total, stream) as bar, logging_redirect_tqdm():

        def tick(steps: int) -> None:
            bar.update(steps)

        yield tick


class Board:
    """Several counts at once, told from several threads."""

    def __init__(self, stream: TextIO | None, *, logged: bool) -> None:
        """`stream` is the terminal; `logged` is whether lines are logged where there is none."""
        self._stream = stream
        self._logged = logged
        self._lock = threading.Lock()

    @contextmanager
    def bar(self, label: str) -> Iterator[Tell]:
        """A count while the block runs: a bar on a terminal; elsewhere log lines, the last at the end."""
        if self._stream is not None:
            with self._on_terminal(label, self._stream) as tell:
                yield tell
        elif self._logged:
            yield from _in_log(label)
        else:
            yield told_nowhere

    @contextmanager
    def _on_terminal(self, label: str, stream: TextIO) -> Iterator[Tell]:
        with self._lock:
            bar = _bar(label, None, stream)

        def tell(count: int, total: int | None) -> None:
            with self._lock:
                bar.total = total
                bar.update(count - bar.n)

        try:
            yield tell
        finally:
            with self._lock:
                bar.close()


@contextmanager
def board() -> Iterator[Board]:
    """Show counts of several kinds while the block runs."""
    stream, allowed = _terminal(), _ALLOWED.get()
    if stream is None:
        yield Board(None, logged=allowed)
        return
    from tqdm.contrib.logging import logging_redirect_tqdm

    with logging_redirect_tqdm():
        yield Board(stream, logged=False)


def _terminal() -> TextIO | None:
    """Standard error, if it is a terminal and progress is allowed."""
    stream: TextIO | None = sys.stderr  # none where it was closed before the command began
    return stream if _ALLOWED.get() and stream is not None and stream.isatty() else None


def _bar(label: str, total: int | None, stream: TextIO) -> "tqdm[NoReturn]":
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside a command that may fork or be interrupted
    return tqdm(total=total, desc=label, leave=False, dynamic_ncols=True, file=stream)


def _in_log(label: str) -> Iterator[Tell]:
    counted, last = 0, time.monotonic()

    def tell(count: int, total: int | None) -> None:
        nonlocal counted, last
        counted = count
        if time.monotonic() - last >= _SECONDS:
            last = time.monotonic()
            of = "" if total is None else f" of {total:,}"
            _log.info(
                "%s: %s%s read", label, f"{count:,}", of, extra={"fields": {"kind": label, "objects": count}}
            )

    yield tell
    _log.info("%s: %s read", label, f"{counted:,}", extra={"fields": {"kind": label, "objects": counted}})


def _nowhere(_steps: int) -> None:
    """Advance nothing."""


def told_nowhere(_count: int, _total: int | None) -> None:
    """A `Tell` that tells nobody."""
