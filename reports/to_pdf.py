"""PDF: paged, tagged (PDF/UA-1) and fit for archives (PDF/A-3a), the same bytes on every run."""

import gc
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

from reports import assets
from reports.errors import RenderFailure
from reports.fonts import own_fonts
from reports.model import Report
from reports.page import Page

_PANGO: Final = "Pango is missing: install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_RDF_END: Final = b"</rdf:RDF>"


def render_pdf(report: Report, page: Literal["A4", "Letter"] = "A4") -> bytes:
    """`report` as a PDF on sheets of size `page`.

    RenderFailure if the report contradicts itself, or if WeasyPrint has anything to complain of.
    """
    stylesheet = "\n".join(
        (
            assets.font_faces_by_address(),
            assets.style("base"),
            assets.widths(),
            assets.style("paper"),
            assets.foot(report.identifier, page, report.evidence),
        )
    )
    markup = Page(report, assets.covered()).document(stylesheet)
    with own_fonts(), _collector_off(), _complaints() as complaints, warnings.catch_warnings():
        # WeasyPrint leaves the colour profile that PDF/A needs to be closed by the interpreter.
        warnings.filterwarnings("ignore", r"unclosed file .*sRGB2014\.icc", ResourceWarning)
        pdf = _write(markup, report.identifier)
    if complaints:
        raise RenderFailure(f"PDF: {complaints[0]}")
    return pdf


def _write(markup: str, identifier: str) -> bytes:
    try:
        import weasyprint
        from weasyprint.urls import FatalURLFetchingError
    except OSError as error:
        raise RenderFailure(f"PDF: {_PANGO}") from error
    try:
        pdf: bytes = weasyprint.HTML(string=markup, url_fetcher=_fetcher()).write_pdf(
            finisher=_declare_ua,
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            pdf_identifier=identifier,
        )
    except FatalURLFetchingError as error:  # a BaseException, so that WeasyPrint itself does not swallow it
        raise RenderFailure(f"PDF: {error}") from error
    return pdf


def _fetcher() -> Any:  # noqa: ANN401 - WeasyPrint carries no types
    """Serves our own faces; everything else stops the render."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    served = {face.address: face.path for face in assets.FACES}

    class AssetFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint carries no types
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002 - as in the base class
            if url not in served:
                raise FatalURLFetchingError(f"a report fetches its own fonts only, not {url[:100]!r}")
            return URLFetcherResponse(url, served[url].read_bytes(), {"Content-Type": "font/ttf"})

    return AssetFetcher()


def _declare_ua(_document: object, pdf: Any) -> None:  # noqa: ANN401 - pydyf carries no types
    """Says in the metadata that the file follows PDF/UA-1 too: WeasyPrint writes one variant, PDF/A-3a."""
    (metadata,) = [o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == "/Metadata"]
    (packet,) = metadata.stream
    metadata.stream = [packet.replace(_RDF_END, assets.text("pdfua.xmp").encode() + _RDF_END)]


@contextmanager
def _collector_off() -> Iterator[None]:
    """WeasyPrint makes many objects and few cycles: the collector would cost it two fifths of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.complaints.append(" ".join(record.getMessage().split()))


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What WeasyPrint and fontTools warn of while it lasts: a report in which anything is amiss is none."""
    loggers = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    collector = _Collector()
    for logger in loggers:
        logger.addHandler(collector)
    try:
        yield collector.complaints
    finally:
        for logger in loggers:
            logger.removeHandler(collector)
