"""A report as files: which outputs there are, how each is called, and what becomes of one that fails."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from audit.config import DEFAULT_FORMATS
from audit.errors import RenderError, UsageError
from reports.errors import RenderFailure
from reports.model import Dataset, Report

_log = logging.getLogger(__name__)

FOR_PEOPLE: Final = ("html", "pdf")
"""Outputs that a part of a report is written as."""
_NOT_YET: Final = ("md", "xlsx", "sarif", "junit", "openmetrics", "policyreport", "oscal", "calico-csv")


def check(formats: Sequence[str], *, split: bool = False) -> None:
    """UsageError if one of `formats` is none of this version's outputs, or there are none.

    Parts of a report are for people: with `split` it takes an output for these.
    """
    allowed = ",".join(DEFAULT_FORMATS)
    for token in formats:
        if token not in DEFAULT_FORMATS:
            reason = "not supported by this version" if token in _NOT_YET else "no such output"
            raise UsageError(f"--format {token}: {reason}; allowed are {allowed}")
    if not formats:
        raise UsageError(f"--format: no output; allowed are {allowed}")
    if split and not set(formats) & set(FOR_PEOPLE):
        raise UsageError(f"--split needs {' or '.join(FOR_PEOPLE)} among --format")


def render(report: Report, formats: Sequence[str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files by path, and for those that could not be rendered the reason: one takes no other with it."""
    files: dict[str, bytes] = {}
    failed: dict[str, str] = {}
    for path, job in _jobs(report, formats):
        try:
            files[path] = job()
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


def _jobs(report: Report, formats: Sequence[str]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    if "html" in formats:
        yield "report.html", partial(_html, report)
    if "pdf" in formats:
        yield "report.pdf", partial(_pdf, report)
    if "json" in formats:
        yield "report.json", partial(_json, report)
    if "csv" in formats:
        for dataset in report.data:
            yield f"csv/{dataset.name}.csv", partial(csv, dataset)


# What renders is imported when it is asked for: tables alone must not wait for the engine of the PDF.


def _html(report: Report) -> bytes:
    from reports.to_html import render_html

    return render_html(report)


def _pdf(report: Report) -> bytes:
    from reports.to_pdf import render_pdf

    return render_pdf(report)


def _json(report: Report) -> bytes:
    from reports.to_json import render_json

    return render_json(report)


def csv(dataset: Dataset) -> bytes:
    """One table as a CSV file."""
    from reports.to_csv import write_csv

    return write_csv(dataset)
