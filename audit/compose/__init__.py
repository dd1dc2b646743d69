"""Facts and results become a report: all wording, rounding and order is here, a file for each part."""

from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd

from audit.checks import CheckResult
from audit.compose import split, words
from audit.compose.boundaries import boundaries
from audit.compose.causes import causes
from audit.compose.completeness import completeness
from audit.compose.cover import cover
from audit.compose.data import data
from audit.compose.enforcement import enforcement
from audit.compose.exposure import exposure
from audit.compose.files import files
from audit.compose.findings import findings
from audit.compose.frameworks import frameworks
from audit.compose.method import method
from audit.compose.namespaces import namespaces
from audit.compose.network import network_diagram
from audit.compose.owners import owners
from audit.compose.page_one import page_one
from audit.compose.rule_register import rule_register
from audit.compose.sign_off import sign_off
from audit.compose.split import Beside
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
    beside: Beside | None = None,
) -> Report:
    """The report on a cluster, its content finished and every table whole.

    `generator` names program and version. With `only`, what is reported is narrowed to those namespaces, the
    tables too; what concerns the cluster as a whole stays. `past` is what the store tells, if there is one;
    `waivers` is the frame WAIVERS of those that `results` went through; `beside` says which namespaces get a
    report of their own. The only date is `as_of`.
    """
    shown = view(facts, results, as_of, generator, only, past, waivers)
    found = causes(shown)
    tables = data(shown)
    provenance = facts.snapshot.provenance
    every = (
        network_diagram(shown),
        findings(shown, found),
        *boundaries(shown),
        exposure(shown),
        namespaces(shown, found, tuple(split.told(beside))),
        owners(shown),
        rule_register(shown),
        frameworks(shown),
        section_of_waivers(shown),
        *trend(shown),
        enforcement(shown),
        completeness(shown),
        method(shown),
        files(tables),
        sign_off(shown),
    )
    left_out = facts.settings.leave_out
    return Report(
        title="segaudit · Network policy audit",
        subject=provenance.cluster or provenance.description,
        date=words.day(as_of),
        created=words.iso(as_of),
        identifier=facts.snapshot.sha256,
        generator=generator,
        page_one=page_one(shown, found, [one.title for one in every if one.anchor in left_out]),
        sections=tuple(one for one in every if one.anchor not in left_out),
        data=tables,
        cover=cover(shown),
        classification=facts.settings.classification,
        scope=shown.only or (),
    )
