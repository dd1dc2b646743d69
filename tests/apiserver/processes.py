"""Programs that end with the tests, however these end."""

import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

STOP_SECONDS: Final = 10.0
_LOG_SHOWN: Final = 4000
_LEASH: Final = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the program that the arguments from the second on name. The kernel kills it when the process whose
id is the first argument is gone, be it by SIGTERM or SIGKILL, which leave Python no time for `atexit`."""


class UntilStopped(ABC):
    """What runs while a block does; it is stopped at the latest when Python ends."""

    @abstractmethod
    def stop(self) -> None:
        """End it. A second time does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Process:
    """A program that runs, in a session of its own, so that Ctrl-C is for the tests alone."""

    def __init__(self, program: Path, flags: Sequence[str], log: Path) -> None:
        """Start `program`, whose output goes to the file `log`.

        Only the main thread may: the kernel takes the end of the thread that started a program for that of
        the process.
        """
        assert threading.current_thread() is threading.main_thread(), "start programs from the main thread"
        self.name = program.name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), program, *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def assert_runs(self) -> None:
        """Fail with the end of the log if the program has ended."""
        code = self._process.poll()
        assert code is None, f"{self.name} ended with {code}:\n{self.tail()}"

    def tail(self) -> str:
        """The end of the log."""
        return self.log.read_text("utf-8", errors="replace")[-_LOG_SHOWN:]

    def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL if that was not enough. Afterwards it is gone."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
