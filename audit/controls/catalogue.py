"""The framework view of the checks: for each control those that speak for it, as text."""

import json
from collections.abc import Iterator

from audit import checks, frameworks
from audit.checks import Check
from audit.errors import UsageError
from audit.frameworks import Control, Framework


def speaking(framework: Framework) -> dict[Control, list[Check]]:
    """The checks that speak for each control of a framework, those of the control that it renumbers too."""
    loaded = checks.load()
    return {
        control: [check for check in loaded if (control.base or control) in check.controls]
        for control in framework.controls
    }


def named(framework: str) -> Framework:
    """The framework of that id; UsageError names all if there is none."""
    known = frameworks.load()
    if framework not in known:
        raise UsageError(f"--framework {framework}: there is none; allowed are {', '.join(known)}")
    return known[framework]


def as_json(framework: Framework) -> str:
    """A framework with its controls as a JSON object."""
    view = {
        "framework": framework.id,
        "name": framework.name,
        "note": framework.note,
        "holds_for": framework.holds_for,
        "platform": framework.platform or "",
        "controls": [
            {
                "control": control.id,
                "title": control.title,
                "checks": [check.id for check in found],
                "covers": control.covers,
                "does_not_cover": control.does_not_cover,
                "by_hand": control.by_hand,
                "applies_to": control.applies_to,
                "frequency": control.frequency,
            }
            for control, found in speaking(framework).items()
        ],
    }
    return json.dumps(view, indent=2, ensure_ascii=False) + "\n"


def as_markdown(framework: Framework) -> str:
    """The same as Markdown, a heading for each control."""
    holds = f" It holds for {framework.holds_for} only." if framework.holds_for else ""
    parts = [f"# {framework.name} (`{framework.id}`)", f"{framework.note}{holds}".strip()]
    for control, found in speaking(framework).items():
        parts += [f"## {control.id} {control.title}", "\n".join(_items(control, found))]
    return "\n\n".join(filter(None, parts)) + "\n"


def _items(control: Control, found: list[Check]) -> Iterator[str]:
    ids = ", ".join(f"`{check.id}`" for check in found)
    told = (
        ("Checks", ids or "none"),
        ("Covers", control.covers),
        ("Does not cover", control.does_not_cover),
        ("By hand", control.by_hand),
        ("Applies to", control.applies_to),
        ("Frequency", control.frequency),
    )
    return (f"- {term}: {text}" for term, text in told if text)
