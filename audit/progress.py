"""How far a long step is, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

_ALLOWED: ContextVar[bool] = ContextVar("progress_allowed", default=True)


def allow(allowed: bool) -> None:  # noqa: FBT001  # a switch, and nothing else
    """Show progress on terminals from now on, or nowhere (`--no-progress`)."""
    _ALLOWED.set(allowed)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while the block runs, and remove it; yield what advances it.

    Where standard error is no terminal, or progress is not allowed, nothing is written. What is logged
    meanwhile stands above the bar.
    """
    stream: TextIO | None = sys.stderr  # none where it was closed before the command began
    if not (_ALLOWED.get() and stream is not None and stream.isatty()):
        yield _nowhere
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    tqdm.monitor_interval = 0  # no thread beside a command that may fork or be interrupted
    with (
        tqdm(total=total, desc=label, leave=False, dynamic_ncols=True, file=stream) as bar,
        logging_redirect_tqdm(),
    ):

        def tick(steps: int) -> None:
            bar.update(steps)

        yield tick


def _nowhere(_steps: int) -> None:
    """Advance nothing."""
