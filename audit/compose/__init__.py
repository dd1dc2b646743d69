"""Facts and results become a report: all wording, rounding and order is here, a file for each part."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd

from audit.checks import CheckResult
from audit.compose import words
from audit.compose.boundaries import boundaries
from audit.compose.causes import causes
from audit.compose.completeness import completeness
from audit.compose.data import data
from audit.compose.enforcement import enforcement
from audit.compose.exposure import exposure
from audit.compose.findings import findings
from audit.compose.method import method
from audit.compose.namespaces import namespaces
from audit.compose.page_one import page_one
from audit.compose.trend import trend
from audit.compose.view import view
from audit.compose.waivers import waivers as section_of_waivers
from audit.facts import Facts
from audit.history.past import Past
from reports.model import Report

__all__ = ["compose"]


def compose(  # noqa: PLR0913  # what a report is of
    facts: Facts,
    results: Sequence[CheckResult],
    *,
    as_of: datetime,
    generator: str,
    only: Collection[str] | None = None,
    past: Past | None = None,
    waivers: pd.DataFrame | None = None,
) -> Report:
    """The report on a cluster, its content finished and every table whole.

    `generator` names program and version. With `only`, what is reported is narrowed to those namespaces, the
    tables too; what concerns the cluster as a whole stays. `past` is what the store tells, if there is one;
    `waivers` is the frame WAIVERS of those that `results` went through. The only date is `as_of`.
    """
    shown = view(facts, results, as_of, generator, only, past, waivers)
    found = causes(shown)
    provenance = facts.snapshot.provenance
    return Report(
        title="segaudit · Network policy audit",
        subject=provenance.cluster or provenance.description,
        date=words.day(as_of),
        created=words.iso(as_of),
        identifier=facts.snapshot.sha256,
        generator=generator,
        page_one=page_one(shown, found),
        sections=(
            findings(shown, found),
            *boundaries(shown),
            exposure(shown),
            namespaces(shown, found),
            section_of_waivers(shown),
            *trend(shown),
            enforcement(shown),
            completeness(shown),
            method(shown),
        ),
        data=data(shown, found),
        classification=facts.settings.classification,
    )
