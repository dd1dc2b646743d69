"""What a process of its own costs."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock and CPU, and the most memory that the process had at once, in MB."""

    wall: float
    cpu: float
    peak: float


class MeasureError(Exception):
    """The process failed; the message is the last line that it wrote."""


def command(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of `python ARGUMENTS`, from start to end; without an environment it has ours."""
    return program([sys.executable, *arguments], environment)


def program(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of a command, from start to end."""
    return _run(words, environment)[0]


def stage(name: str, file: Path) -> Cost:
    """The cost of one of `bench.stages`; memory is that of the whole process, from its start."""
    return own_figures(["-m", "bench.stages", name, str(file)])


def own_figures(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """The cost that `python ARGUMENTS` prints, as JSON in its last line; memory is the whole process's."""
    whole, said = _run([sys.executable, *arguments], environment)
    measured = json.loads(said.splitlines()[-1])
    return Cost(measured["wall"], measured["cpu"], whole.peak)


def _run(words: Sequence[str], environment: Mapping[str, str] | None) -> tuple[Cost, str]:
    # this process has to stay small: on Linux its memory counts as its child's
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603  # the project's own code, or curl
            words, cwd=ROOT, env=environment, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            lines = errors.read().strip().splitlines() or [f"exit code {process.returncode}"]
            raise MeasureError(lines[-1])
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), output.read()
