"""Signals, each in a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BEGIN = """
import os, signal, sys, threading, time
from audit import signals
"""
ENDED = """
with signals.sigterm_ends_it():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        while True:
            time.sleep(0.01)
    except signals.Terminated:
        os.kill(os.getpid(), signal.SIGTERM)
        print("tidied", flush=True)
        sys.exit(signals.TERMINATED)
"""
SWALLOWED = """
signals._SECONDS = 0.1
class Tidy:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
with signals.sigterm_ends_it():
    tidy = Tidy()
    del tidy
    print("goes on", flush=True)
    while True:
        time.sleep(0.01)
"""
HELD_BACK = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background had it ignored
threading.Thread(target=threading.Event().wait, daemon=True).start()
number = int(sys.argv[1])
with signals.sigterm_ends_it():
    try:
        with signals.held_back():
            for _ in range(200):
                os.kill(os.getpid(), number)
                time.sleep(0.001)
            print("whole", flush=True)
    except (KeyboardInterrupt, signals.Terminated) as error:
        print(type(error).__name__, flush=True)
"""
LOADING = """
class Loader:
    def find_spec(self, name, *_):
        if name == "audit.cli":
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
sys.meta_path.insert(0, Loader())
from audit.__main__ import main
main()
"""
IN_A_THREAD = """
def work():
    with signals.held_back():
        print("done", flush=True)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BEGIN + code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_second_one_does_not_cut_the_tidying_short():
    done = python(ENDED)
    assert (done.returncode, done.stdout) == (143, "tidied\n")


def test_it_ends_even_if_the_exception_is_lost():
    done = python(SWALLOWED)
    assert (done.returncode, done.stdout) == (143, "goes on\n")
    assert "Exception ignored" in done.stderr


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGTERM, "Terminated"), (signal.SIGINT, "KeyboardInterrupt")]
)
def test_held_back_while_other_threads_run(number, raised):
    done = python(HELD_BACK, int(number))
    assert (done.returncode, done.stdout.splitlines()) == (0, ["whole", raised]), done.stderr


def test_it_ends_what_is_not_even_loaded():
    """By a handler, without which process 1 of a container would not hear of it."""
    assert python(LOADING).returncode == 143


def test_what_another_thread_does_is_not_interrupted_anyway():
    done = python(IN_A_THREAD)
    assert (done.returncode, done.stdout) == (0, "done\n")
