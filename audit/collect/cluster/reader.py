"""The near end of the process that reads the API (`api/process.py`)."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Final

from audit.collect.cluster.messages import Begin, Channel, Connect, Connected, End, Get, List, Page, Refused
from audit.errors import CollectError

_SECONDS: Final = 1.0
"""For the process to end by itself."""


class Reader:
    """The process, for as many threads as it has channels."""

    def __init__(self, control: Channel, channels: Sequence[Channel], ended: Callable[[], str]) -> None:
        """`ended` says how the process ended, which it has."""
        self._control = control
        self._idle: SimpleQueue[Channel] = SimpleQueue()
        for channel in channels:
            self._idle.put(channel)
        self._ended = ended

    def connect(self, wanted: Connect) -> Connected:
        """What cluster it is; UsageError or CollectError if there is none, or none that lets us in."""
        with self._gone():
            self._control.send(wanted)
            told = self._control.receive()
        if isinstance(told, Refused):
            raise told.error()
        if not isinstance(told, Connected):
            raise TypeError(told)
        return told

    def ask(
        self, job: List | Get, begin: Callable[[], None], take: Callable[[bytes, int | None], None]
    ) -> End:
        """Call `begin` and `take` as the pages come; the end of it. CollectError if nothing more can come.

        `take` gets the page's bytes, and how many objects are on those behind it, if that is known.
        """
        channel = self._idle.get()
        with self._gone():
            channel.send(job)
        while True:
            body = b""
            with self._gone():
                told = channel.receive()
                if isinstance(told, Page):
                    body = channel.receive_body()
            if isinstance(told, Begin):
                begin()
            elif isinstance(told, Page):
                take(body, told.rest)
            elif isinstance(told, End):
                self._idle.put(channel)
                return told
            else:
                raise told.error() if isinstance(told, Refused) else TypeError(told)

    @contextmanager
    def _gone(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            raise CollectError(
                f"the process that reads the cluster ended{self._ended()}; give it more memory, or try again"
            ) from None


@contextmanager
def reader(channels: int) -> Iterator[Reader]:
    """The process while the block runs, with so many channels."""
    pairs = [Channel.pair() for _ in range(channels + 1)]
    near, far = [one for one, _ in pairs], [other for _, other in pairs]
    stop = start(far)
    try:
        yield Reader(near[0], near[1:], stop)
    finally:
        for one in near:
            one.hang_up()
        stop()


def start(ends: Sequence[Channel]) -> Callable[[], str]:
    """Start the process, which gets these ends. What is returned ends it, and says how if it has already."""
    descriptors = [end.fileno() for end in ends]
    code = (  # without the collector from its imports on, as `collector_paused` has it
        f"import gc, sys; gc.disable(); sys.path[:] = {sys.path!r}; "
        f"from audit.collect.cluster.api.process import main; main({descriptors!r})"
    )
    process = subprocess.Popen(  # noqa: S603  # our own code
        [sys.executable, "-c", code],
        stdout=subprocess.DEVNULL,
        pass_fds=descriptors,
    )
    for end in ends:
        end.close()

    def stop() -> str:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
        code = process.returncode
        return f" ({signal.Signals(-code).name})" if code < 0 else f" ({code})" if code else ""

    return stop
