"""What is left of a run that is ended at any moment: by SIGTERM, by SIGKILL, as process 1, beside another."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from audit.store import Store, open_place
from audit.store.verify import verify
from tests.parts import need, need_root

ROOT: Final = Path(__file__).parents[1]
EXAMPLE: Final = ROOT / "examples" / "three-tier" / "before"
JOB: Final = "nightly-29384"
RUN: Final = (sys.executable, "-m", "audit", "run", "--out", "out", "--store", "store")
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SEGAUDIT_")},
    "PYTHONPATH": str(ROOT),
    "SEGAUDIT_JOB_NAME": JOB,
}
STEPS: Final = ("collect", "evaluate", "check", "compose", "render", "pack")
"""After each of these a run says how long it took; then comes the next, after compose that of WeasyPrint."""
MOMENTS: Final = 4
AS_PROCESS_1: Final = ("unshare", "--pid", "--fork", "--kill-child")


class Run:
    """One that is under way in `folder`."""

    def __init__(self, folder: Path, *options: object, through: Sequence[str] = ()) -> None:
        command = [*through, *RUN, "--from", EXAMPLE, *options, "--verbose"]
        self._process = subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        if through:
            while not (children := _children(self.pid)):
                time.sleep(0.005)
            [self.pid] = children
        self.said = ""

    def reach(self, step: str) -> float:
        """Wait until the step is done; how long it took, in seconds."""
        for line in self._process.stderr:
            self.said += line
            name, _, rest = line.partition(": ")
            if name == step:
                return float(rest.partition(" ")[0])
        raise AssertionError(self.said)

    def end(self, number: int) -> int:
        """Send a signal; the exit code as a shell has it."""
        os.kill(self.pid, number)
        return self.wait()

    def wait(self) -> int:
        self.said += self._process.communicate()[1]
        code = self._process.returncode
        return 128 - code if code < 0 else code


def any_part() -> float:
    """From 0 to 1, another one every time."""
    return random.random()  # noqa: S311  # no secret


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


@pytest.fixture(scope="module")
def lasts(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The time of a whole run, in seconds."""
    started = time.monotonic()
    assert Run(tmp_path_factory.mktemp("whole")).wait() == 0
    return time.monotonic() - started


def assert_whole(folder: Path) -> None:
    """What is in the folder and in the store is whole, and no other than it was written."""
    for place in ("out", "store"):
        if (folder / place).exists():
            assert [one for one in verify(open_place(str(folder / place))).found if one.broken] == []


def assert_goes_on(folder: Path) -> None:
    """The next attempt of the Job runs as if nothing had been, and is the Job's one run."""
    assert Run(folder, "--format", "csv").wait() == 0
    assert_whole(folder)
    [run] = Store(open_place(str(folder / "store"))).runs()
    assert run.id == JOB
    assert (folder / "out" / "manifest.json").exists()


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_sigterm_at_any_moment(tmp_path, lasts, moment):
    run = Run(tmp_path)
    time.sleep((moment + any_part()) * lasts / MOMENTS)
    assert run.end(signal.SIGTERM) in (143, 0), run.said
    assert_whole(tmp_path)
    assert Store(open_place(str(tmp_path / "store"))).unfinished() == []
    assert_goes_on(tmp_path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_in_every_step(tmp_path, step, number):
    """So also while WeasyPrint renders, and while files are written."""
    run = Run(tmp_path)
    time.sleep(run.reach(step) * any_part())
    code = run.end(number)
    assert code in (128 + number, 0), run.said
    assert_whole(tmp_path)
    assert_goes_on(tmp_path)


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_sigkill_at_any_moment(tmp_path, lasts, moment):
    """Of a run over an earlier one, so that there is something to lose."""
    assert Run(tmp_path, "--format", "csv").wait() == 0
    run = Run(tmp_path)
    time.sleep((moment + any_part()) * lasts / MOMENTS)
    assert run.end(signal.SIGKILL) in (137, 0)
    assert_whole(tmp_path)
    assert_goes_on(tmp_path)


@pytest.mark.parametrize("step", ["collect", "compose", "pack"])
def test_process_1_ends_by_sigterm(tmp_path, step):
    """The kernel gives process 1 only the signals that it has handlers for."""
    need("unshare", "util-linux")
    need_root("make a namespace of processes")
    run = Run(tmp_path, through=AS_PROCESS_1)
    time.sleep(run.reach(step) * any_part())
    assert run.end(signal.SIGTERM) in (143, 0), run.said
    assert_whole(tmp_path)
    assert_goes_on(tmp_path)


def test_two_at_once_do_not_mix(tmp_path):
    """One of two of a Job is its run; the folder has the files of one of them."""
    runs = [Run(tmp_path, "--format", "csv,json") for _ in range(2)]
    codes = {run.wait() for run in runs}
    assert codes <= {0, 5}, [run.said for run in runs]
    assert 0 in codes
    assert_whole(tmp_path)
    assert_goes_on(tmp_path)
