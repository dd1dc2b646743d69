"""Reports of single namespaces beside the whole: for which, and what is said of the others."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec
import pandas as pd

from audit import checks
from audit.checks import CheckResult, Status
from audit.compose import files, words
from audit.compose.namespaces import anchor
from audit.severity import Severity
from reports.model import Block, Paragraph, Report, code

FOLDER: Final = "namespaces"
"""Where they are, beside the report of the whole."""


class Beside(NamedTuple):
    """Which namespaces get a report of their own."""

    names: tuple[str, ...]
    """Those with the gravest findings first."""
    left: int
    """How many namespaces with findings get none."""

    def paths(self) -> Iterator[tuple[str, str]]:
        """Each name, and the path of its report without the ending."""
        for name in self.names:
            yield name, f"{FOLDER}/{anchor(name).removeprefix('namespace-')}"


def beside(
    results: Sequence[CheckResult], known: Iterable[str], only: Collection[str] | None, most: int
) -> Beside:
    """At most so many of the `known` namespaces that are reported and have findings.

    A waiver may name one that there is not.
    """
    rank = {severity.word: -severity for severity in Severity}
    found = [result.subjects for result in results if len(result.subjects)]
    every = pd.concat([rows[rows["status"] == Status.FAILED.value] for rows in found], ignore_index=True)
    own = pd.DataFrame(
        {"namespace": checks.places(every), "rank": every["severity"].astype("str").map(rank), "findings": -1}
    )
    own = own[own["namespace"].isin(set(known) if only is None else set(known) & set(only))]
    sums = own.groupby("namespace").agg({"rank": "min", "findings": "sum"}).reset_index()
    names = sums.sort_values(["rank", "findings", "namespace"])["namespace"].tolist()
    return Beside(tuple(names[:most]), max(0, len(names) - most))


def parts(
    results: Sequence[CheckResult], made: Beside | None, compose: Callable[..., Report]
) -> Iterator[tuple[str, Report]]:
    """The path without its ending, and the report, of each namespace: `compose` makes it of results."""
    if made is not None:
        few = _narrowed(results, {*made.names, ""})
        for name, path in made.paths():
            report = compose(few, only=[name])
            sections = tuple(one for one in report.sections if one.anchor != files.ANCHOR)
            yield path, msgspec.structs.replace(report, part=True, sections=sections)


def _narrowed(results: Sequence[CheckResult], kept: Collection[str]) -> list[CheckResult]:
    """The results of some namespaces: the report of each narrows them again, and that many times."""
    return [
        replace(
            result,
            subjects=result.subjects[checks.places(result.subjects).isin(kept)].reset_index(drop=True),
            notes=result.notes[result.notes["namespace"].isin(kept)],
        )
        for result in results
    ]


def told(made: Beside | None) -> Iterator[Block]:
    """What the report of the whole says of those beside it."""
    if made is None:
        return
    count = len(made.names)
    if not count:
        yield Paragraph("No namespace has a finding, so that none has a report of its own.")
        return
    have = words.verb(count, "has a report of its", "have reports of their")
    what = f"{words.counted(count, 'namespace')} {have}"
    rest = ""
    if made.left:
        have = words.verb(made.left, "more with findings has", "more with findings have")
        rest = f"; {words.number(made.left)} {have} none"
    yield Paragraph(words.text(f"{what} own, in ", (code(f"{FOLDER}/"),), f"{rest}."))
