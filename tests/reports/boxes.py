"""The pages of a report on paper, as the boxes that WeasyPrint lays out."""

from reports import to_pdf
from reports.model import Report


def pages_of(report: Report, monkeypatch) -> list:
    """The box of each page."""
    seen = []
    finish = to_pdf._finish  # noqa: SLF001  # it is shown the document

    def spy(document, pdf):
        seen.append(document)
        finish(document, pdf)

    with monkeypatch.context() as patched:
        patched.setattr(to_pdf, "_finish", spy)
        to_pdf.render_pdf(report)
    return [page._page_box for page in seen[0].pages]  # noqa: SLF001  # nothing else has the boxes
