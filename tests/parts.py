"""The parts of the marked suites that pip cannot bring. Without one a test is skipped; in CI it fails."""

import fcntl
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

import pytest

CACHE: Final = Path.home() / ".cache" / "segaudit-tests"


@contextmanager
def one_builds(what: str) -> Iterator[None]:
    """Whatever takes minutes to build is built by one process while others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def missing(what: str) -> NoReturn:
    """Ends the test, in CI as a failure; `what` names the part and says how to get it."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def need(command: str, package: str) -> str:
    """Path of `command`, which the Debian package `package` brings."""
    return shutil.which(command) or missing(f"{command} is missing: apt-get install {package}")


def need_root(purpose: str) -> None:
    """Only root may do what `purpose` says."""
    if os.geteuid() != 0:
        missing(f"only root may {purpose}: run these tests as root")


def built_by_go(package: str, version: str) -> Path:
    """A program, built if it is not there, which takes minutes. Without Go the test ends."""
    name = package.rpartition("/")[2]
    ready = CACHE / name / version / name
    with one_builds(name):
        if not ready.exists():
            go = shutil.which("go") or missing(f"go is missing: install Go 1.25 or newer, it builds {name}")
            _install(go, f"{package}@{version}", ready)
    return ready


def _install(go: str, package: str, ready: Path) -> None:
    """Build into the folder of `ready`, which comes into being complete or not at all."""
    staged = ready.parent.with_name(f"{ready.parent.name}.{uuid.uuid4().hex}")
    staged.mkdir(parents=True)
    try:
        built = subprocess.run(
            [go, "install", "-trimpath", package],
            env=os.environ | {"GOBIN": str(staged), "CGO_ENABLED": "0", "GOWORK": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, f"{package} does not build:\n{built.stderr[-4000:]}"
        ready.parent.mkdir(exist_ok=True)
        (staged / ready.name).replace(ready)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
