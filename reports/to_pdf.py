"""PDF: paged, tagged (PDF/UA-1) and fit for archives (PDF/A-3a), the same bytes on every run."""

import gc
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Final

from reports import assets
from reports.attached import attachments
from reports.errors import RenderFailure
from reports.fonts import own_fonts
from reports.further_fonts import Reduced, reduced
from reports.model import Report
from reports.page import Page

_PANGO: Final = "Pango is missing: install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_RDF_END: Final = b"</rdf:RDF>"
_LOGO: Final = "asset:logo"


def render_pdf(report: Report) -> bytes:
    """`report` as a PDF on sheets of the size that its look says.

    It carries the tables that it was cut from and their hashes (`reports.attached`). RenderFailure if the
    report contradicts itself, or if WeasyPrint has anything to complain of.
    """
    own = assets.covered()
    covered = own.union(*(font.covers for font in report.look.fonts))
    page = Page(report, covered, _LOGO if report.look.logo else "")
    fonts = reduced(report.look.fonts, frozenset(map(ord, page.body)) - own)
    served = _served(report, fonts)
    sheets = "\n".join(
        (
            assets.font_faces_by_address([_address(place) for place in range(len(fonts))]),
            assets.style("base", report.look),
            assets.widths(),
            assets.style("paper", report.look),
            assets.foot(report.identifier, report.look.page, report.evidence),
        )
    )
    markup = page.document(assets.with_further(sheets, len(fonts)))
    with own_fonts(), _collector_off(), _complaints() as complaints, warnings.catch_warnings():
        # WeasyPrint leaves the colour profile that PDF/A needs to be closed by the interpreter.
        warnings.filterwarnings("ignore", r"unclosed file .*sRGB2014\.icc", ResourceWarning)
        pdf = _write(markup, report, served)
    if complaints:
        raise RenderFailure(f"PDF: {complaints[0]}")
    return pdf


def _served(report: Report, fonts: Sequence[Reduced]) -> dict[str, Callable[[], bytes]]:
    """What the renderer may ask for, by address: our own faces, the house's fonts and its logo."""
    served: dict[str, Callable[[], bytes]] = {face.address: face.path.read_bytes for face in assets.FACES}
    served |= {_address(place): partial(bytes, font.data) for place, font in enumerate(fonts)}
    if report.look.logo:
        served[_LOGO] = partial(bytes, report.look.logo.png)
    return served


def _address(place: int) -> str:
    return f"asset:further/{place}"


def _write(markup: str, report: Report, served: Mapping[str, Callable[[], bytes]]) -> bytes:
    try:
        import weasyprint
        from weasyprint.urls import FatalURLFetchingError
    except OSError as error:
        raise RenderFailure(f"PDF: {_PANGO}") from error
    created = datetime.fromisoformat(report.created)
    carried = [
        weasyprint.Attachment(
            string=file.data,
            name=file.name,
            description=file.description,
            created=created,
            modified=created,
            relationship=file.relationship,
        )
        for file in attachments(report)
    ]
    try:
        pdf: bytes = weasyprint.HTML(string=markup, url_fetcher=_fetcher(served)).write_pdf(
            attachments=carried,
            finisher=_finish,
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            pdf_identifier=report.identifier,
        )
    except FatalURLFetchingError as error:  # a BaseException, so that WeasyPrint itself does not swallow it
        raise RenderFailure(f"PDF: {error}") from error
    return pdf


def _fetcher(served: Mapping[str, Callable[[], bytes]]) -> Any:  # noqa: ANN401 - WeasyPrint carries no types
    """Gives what is `served`; everything else stops the render."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class AssetFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint carries no types
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002 - as in the base class
            if url not in served:
                raise FatalURLFetchingError(f"a report fetches its own fonts and logo, not {url[:100]!r}")
            kind = "image/png" if url == _LOGO else "font/ttf"
            return URLFetcherResponse(url, served[url](), {"Content-Type": kind})

    return AssetFetcher()


def _finish(_document: object, pdf: Any) -> None:  # noqa: ANN401 - pydyf carries no types
    """Says in the metadata that the file follows PDF/UA-1 too: WeasyPrint writes one variant, PDF/A-3a.

    And names each file that it carries once: WeasyPrint does so twice.
    """
    (metadata,) = [o for o in pdf.objects if getattr(o, "extra", {}).get("Type") == "/Metadata"]
    (packet,) = metadata.stream
    metadata.stream = [packet.replace(_RDF_END, assets.text("pdfua.xmp").encode() + _RDF_END)]
    pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


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
