"""What the README shows is what the product prints."""

import re
from pathlib import Path

import pytest

from tests.answers import segaudit

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = re.compile(r"^ {4}\.venv/bin/segaudit (.*examples/three-tier.*)$", re.MULTILINE)


def shown_after(command):
    """The lines of the block, or of the table, that follows a command."""
    _, _, rest = README.partition(f"segaudit {command}\n\n")
    if rest.startswith("```text\n"):
        return rest.removeprefix("```text\n").partition("\n```")[0].splitlines()
    return rest.partition("\n\n")[0].splitlines()


@pytest.mark.parametrize("command", COMMAND.findall(README))
def test_an_example_prints_what_is_shown(command, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    arguments = command.split()
    if "--out" in arguments:
        arguments[arguments.index("--out") + 1] = str(tmp_path / "out")
        arguments += ["--format", "csv"]
    status, printed = segaudit(*arguments)
    shown = shown_after(command)
    assert status == 0
    assert shown
    assert printed.splitlines()[: len(shown)] == shown


def test_all_four_commands_of_the_example_are_there():
    assert [command.split()[0] for command in COMMAND.findall(README)] == [
        "run",
        "run",
        "connections",
        "explain",
    ]


def test_the_table_of_checks_is_the_catalogue():
    _, printed = segaudit("checks", "--format", "md")
    shown = README.partition("compared by a test -->\n")[2].partition("\n<!-- /checks -->")[0]
    assert shown.strip() == printed.strip()


def test_every_command_is_in_the_table():
    _, printed = segaudit("--help")
    commands = re.findall(
        r"^ {4}([a-z]+)(?:\s|$)", printed.partition("commands:")[2].partition("examples:")[0], re.MULTILINE
    )
    assert commands
    assert all(f"`segaudit {command}" in README for command in commands)
