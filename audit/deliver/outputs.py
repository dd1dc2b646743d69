"""A report as files: which outputs there are, how each is called, and what becomes of one that fails."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from audit.config import DEFAULT_FORMATS, FORMATS
from audit.errors import RenderError, UsageError
from reports.errors import RenderFailure
from reports.model import Dataset, Report

_log = logging.getLogger(__name__)

ONE_FILE: Final[Mapping[str, str]] = {
    "html": "report.html",
    "pdf": "report.pdf",
    "json": "report.json",
    "md": "report.md",
    "xlsx": "report.xlsx",
    "sarif": "report.sarif",
    "junit": "junit.xml",
    "openmetrics": "metrics.txt",
    "policyreport": "policyreports.yaml",
    "oscal": "oscal.json",
}
"""The outputs that are one file: that of TOKEN is what `render_TOKEN` in `reports/to_TOKEN.py` gives."""
FOR_PEOPLE: Final = ("html", "pdf")
"""Outputs that a part of a report is written as."""
FOLDERS: Final = ("csv", "calico-csv")
"""The outputs that are several files, in a folder of their name."""

_Job = Callable[[], Mapping[str, bytes]]
"""Gives files by path."""


def check(formats: Sequence[str], *, split: bool = False) -> None:
    """UsageError if one of `formats` is none of the outputs, or there are none.

    Parts of a report are for people: with `split` it takes an output for these.
    """
    allowed = ",".join(FORMATS)
    for token in formats:
        if token not in FORMATS:
            raise UsageError(f"--format {token}: no such output; allowed are {allowed}")
    if not formats:
        raise UsageError(f"--format: no output; allowed are {allowed}, as {','.join(DEFAULT_FORMATS)}")
    if split and not set(formats) & set(FOR_PEOPLE):
        raise UsageError(f"--split needs {' or '.join(FOR_PEOPLE)} among --format")


def render(report: Report, formats: Sequence[str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files by path, and for those that could not be rendered the reason: one takes no other with it."""
    files: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    for path, job in _jobs(report, formats):
        try:
            files |= job()
        except RenderFailure as failure:
            failed[path] = str(failure)
        except Exception as error:  # noqa: BLE001  # whatever it is, the other outputs are still good
            failed[path] = f"{type(error).__name__}: {error}"
            _log.debug("rendering %s failed", path, exc_info=True)
    return files, failed


def render_part(report: Report, formats: Sequence[str], path: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """The same of a part of a report, for people: files by `path` with their own endings."""
    files, failed = render(report, [token for token in formats if token in FOR_PEOPLE])
    named = {name: f"{path}{Path(name).suffix}" for name in (*files, *failed)}
    return (
        {named[name]: data for name, data in files.items()},
        {named[name]: reason for name, reason in failed.items()},
    )


def not_rendered(failed: Mapping[str, str], out: Path) -> RenderError:
    """The error that says what could not be rendered, and where everything else is."""
    reasons = "; ".join(f"{path}: {reason}" for path, reason in failed.items())
    return RenderError(f"cannot render {reasons}; everything else is in {out}")


def _jobs(report: Report, formats: Sequence[str]) -> Iterator[tuple[str, _Job]]:
    for token, path in ONE_FILE.items():
        if token in formats:
            yield path, partial(_one_file, token, path, report)
    if "csv" in formats:
        for dataset in report.data:
            path = f"csv/{dataset.name}.csv"
            yield path, partial(_table, path, dataset)
    if "calico-csv" in formats:
        yield "calico-csv", partial(_calico_csv, report)


# What renders is imported when it is asked for: tables alone must not wait for the engine of the PDF.


def _one_file(token: str, path: str, report: Report) -> Mapping[str, bytes]:
    render_one: Callable[[Report], bytes] = getattr(import_module(f"reports.to_{token}"), f"render_{token}")
    return {path: render_one(report)}


def _table(path: str, dataset: Dataset) -> Mapping[str, bytes]:
    return {path: csv(dataset)}


def _calico_csv(report: Report) -> Mapping[str, bytes]:
    from reports.to_calico_csv import render_calico_csv

    return {f"calico-csv/{path}": data for path, data in render_calico_csv(report).items()}


def csv(dataset: Dataset) -> bytes:
    """One table as a CSV file."""
    from reports.to_csv import write_csv

    return write_csv(dataset)
