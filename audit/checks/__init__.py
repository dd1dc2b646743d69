"""The checks: a function in a file each, found by walking this package.

The function's name is the file's, and with dashes the check's id; its docstring is the rationale. Modules
that begin with an underscore are helpers. Nothing lists the checks.
"""

from audit.checks._catalogue import as_json, as_markdown, catalogue
from audit.checks._model import FOUND, UNASSESSED, Check, CheckResult, Status, check
from audit.checks._on_purpose import EXPOSING
from audit.checks._runner import failed, load, reported, result_of, run, summary, unseen, verdicts
from audit.checks._subjects import places, subjects

__all__ = [
    "EXPOSING",
    "FOUND",
    "UNASSESSED",
    "Check",
    "CheckResult",
    "Status",
    "as_json",
    "as_markdown",
    "catalogue",
    "check",
    "failed",
    "load",
    "places",
    "reported",
    "result_of",
    "run",
    "subjects",
    "summary",
    "unseen",
    "verdicts",
]
