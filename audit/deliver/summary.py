"""What a run says on standard output when it has ended."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from audit.language import number
from audit.severity import Severity
from reports.model import Report
from reports.text import plain


def failed(report: Report) -> Counter[Severity]:
    """How many findings that are reported have each severity, waived ones left out."""
    counts: Counter[Severity] = Counter()
    for dataset in report.data:
        if dataset.name == "findings":
            open_ = dataset.frame[(dataset.frame["status"] == "failed").to_numpy()]
            counts.update(Severity.parse(str(word)) for word in open_["severity"].tolist())
    return counts


def lines(report: Report, out: Path, files: list[str]) -> Iterator[str]:
    """The finding, the figures, findings by severity, what was not assessed, and where to read on."""
    page = report.page_one
    yield plain(page.lead)
    yield plain(page.enforcement, _titles(report))
    yield ""
    counts = failed(report)
    words = ", ".join(
        f"{number(counts[severity])} {severity.word}" for severity in sorted(counts, reverse=True)
    )
    rows = [(figure.label, figure.value, figure.base, figure.change) for figure in page.figures]
    rows.append(("Findings", number(counts.total()), words, ""))
    label, value, base = (max(len(row[column]) for row in rows) for column in range(3))
    yield from (
        f"  {row[0]:<{label}}  {row[1]:>{value}}  {row[2]:<{base}}  {row[3]}".rstrip() for row in rows
    )
    if page.compared:
        yield f"  {plain(page.compared)}"
    yield from _rest(report, out, files)


def of_fleet(report: Report, out: Path, files: list[str]) -> Iterator[str]:
    """The same of a report on many clusters, with the worst of them in place of its figures."""
    yield plain(report.page_one.lead)
    if report.page_one.first:
        yield ""
        yield from (f"  {plain(first.text)}" for first in report.page_one.first)
    yield from _rest(report, out, files)


def _rest(report: Report, out: Path, files: list[str]) -> Iterator[str]:
    page = report.page_one
    if page.not_assessed:
        yield ""
        yield from (plain(text, _titles(report)) for text in page.not_assessed)
    yield ""
    first = [name for name in files if "/" not in name]
    folders = sorted({f"{name.partition('/')[0]}/" for name in files if "/" in name})
    yield f"{out}: {', '.join([*first, *folders])}"


def _titles(report: Report) -> dict[str, str]:
    """What the sections that are referred to are called here."""
    return {section.anchor: f"“{plain(section.title)}” there" for section in report.sections}
