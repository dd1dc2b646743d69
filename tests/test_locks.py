"""The lock files agree with each other and name no registry."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEV = "requirements-dev.lock"
TESTED = ("requirements.lock", "requirements-image.lock", "requirements-build.lock")
LOCKS = (*TESTED, "requirements-sbom.lock", DEV)
ENTRY = re.compile(r"^(\S[^\\]*?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    """Requirement with its marker, to its hashes."""
    return dict(ENTRY.findall((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_has_its_hashes(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(locked(name)) == len(re.findall(r"^[^\s#]", text, re.MULTILINE)) > 0


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_address(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("name", TESTED)
def test_what_runs_is_what_is_tested(name: str):
    assert locked(name).items() <= locked(DEV).items()


def test_what_is_in_both_is_the_same():
    """A tool that is not tested here shares what it needs with what is."""
    tested = {entry.partition("==")[0]: entry for entry in locked(DEV)}
    for entry in locked("requirements-sbom.lock"):
        name, _, version = entry.partition("==")
        assert tested.get(name, entry).partition("==")[2].split()[0] == version.split()[0]


def test_no_test_tool_is_needed_to_run():
    names = {entry.partition("==")[0] for name in TESTED[:2] for entry in locked(name)}
    assert not names & {
        "pytest",
        "hypothesis",
        "coverage",
        "ruff",
        "mypy",
        "playwright",
        "pypdf",
        "hatchling",
    }
