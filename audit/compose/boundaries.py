"""The boundaries that are declared, and whether each holds."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from audit.checks import Status
from audit.compose import words
from audit.compose.view import View
from audit.policy.words import selector_words
from audit.settings import Boundary, BoundaryEnd, BoundaryPort
from reports.model import Column, Group, Row, Section, Table

_CHECK: Final = "boundaries-hold"
_VERDICTS: Final = {
    Status.PASSED.value: "holds",
    Status.FAILED.value: "crossed",
    Status.WAIVED.value: "crossed, waived",
}
_BEGINNING: Final = re.compile(r"Boundary .*?( is crossed)?: ")
"""What a sentence says of its subject, and a row has already."""
_UNKNOWN: Final = "not assessed"
_VERDICT: Final = 4
"""The place of the verdict in a row."""
_WHOLE: Final = "Every allowed connection was looked at."


def boundaries(view: View) -> Iterator[Section]:
    """The section; none where no boundary is declared."""
    declared = view.facts.settings.boundaries
    if not declared:
        return
    found = next(result for result in view.results if result.check.id == _CHECK).subjects
    told = {name: verdict for name, *verdict in words.rows(found, "name", "status", "message")}
    rows = tuple(_row(each, *told.get(each.name, ("", ""))) for each in declared)
    yield Section(
        "boundaries",
        "Boundaries",
        lead=_lead([str(row[_VERDICT]) for row in rows]),
        blocks=(
            Table(
                columns=(
                    Column("Boundary"),
                    Column("From"),
                    Column("To"),
                    Column("Control"),
                    Column("Verdict"),
                    Column("Why"),
                ),
                groups=(Group(rows),),
                caption="The boundaries of the configuration, and whether they hold by policy.",
            ),
        ),
    )


def _lead(verdicts: Sequence[str]) -> str:
    holding, unknown = verdicts.count(_VERDICTS[Status.PASSED.value]), verdicts.count(_UNKNOWN)
    crossed = len(verdicts) - holding - unknown
    if len(verdicts) == 1:
        told = "The one boundary " + ("holds" if holding else "is crossed" if crossed else "is not assessed")
        return f"{told}." if unknown else f"{told}. {_WHOLE}"
    some, are = words.number(crossed) if crossed else "None", words.verb(crossed, "is", "are")
    told = f"{some} of {words.counted(len(verdicts), 'boundary')} {are} crossed by what policies allow"
    if unknown:
        return f"{told}; {words.number(unknown)} {words.verb(unknown, 'is', 'are')} not assessed."
    return f"{told}. {_WHOLE}"


def _row(boundary: Boundary, status: str, message: str) -> Row:
    over = "" if boundary.hops == 1 else f"; at most {boundary.hops} connections"
    ports = f" on {', '.join(map(_port, boundary.ports))}" if boundary.ports else ""
    return (
        boundary.name,
        _end(boundary.source),
        f"{_end(boundary.destination)}{ports}{over}",
        boundary.control,
        _VERDICTS.get(status, _UNKNOWN),
        words.in_code(_BEGINNING.sub("", message, count=1)),
    )


def _end(end: BoundaryEnd) -> str:
    parts = [f"namespaces {', '.join(end.namespaces)}"] * bool(end.namespaces)
    for selector, what in ((end.namespace_selector, "namespaces"), (end.pod_selector, "pods")):
        if selector is not None:
            parts.append(f"{what} with {selector_words(selector.meant(())) or 'any labels'}")
    return ", ".join([*parts, *end.cidrs])


def _port(port: BoundaryPort) -> str:
    last = f"-{port.end_port}" if port.end_port else ""
    return f"{port.protocol} {port.port}{last}"
