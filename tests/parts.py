"""The parts of the marked suites that pip cannot bring. Without one a test is skipped; in CI it fails."""

import os
import shutil
from typing import NoReturn

import pytest


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
