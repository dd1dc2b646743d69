"""What of a stored run a letter tells: parts of its report.json, its record, its manifest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from audit.errors import CollectError
from audit.history.record import FILE, Record, load
from audit.manifest import Digest, Manifest
from audit.store import Run
from reports.model import PageOne, Text
from reports.text import plain

REPORT: Final = "report.json"
PAPER: Final = "report.pdf"


class Finding(msgspec.Struct, frozen=True):
    """A row of `data.findings`."""

    id: str
    check: str
    severity: str
    status: str
    kind: str
    namespace: str
    name: str
    message: str
    remediation: str
    since: str = ""
    """Date of the first run that found it, if that is known."""

    @property
    def called(self) -> str:
        """Kind and name."""
        return called(self.kind, self.namespace, self.name)

    @property
    def within(self) -> str:
        """Its namespace; empty for the cluster. A Namespace is its own, whichever column names it."""
        return self.namespace or (self.name if self.kind == "Namespace" else "")


def called(kind: str, namespace: str, name: str) -> str:
    """What a finding's subject is called: `Deployment shop/web`; a Namespace is in none."""
    return f"{kind} {name}" if kind == "Namespace" or not namespace else f"{kind} {namespace}/{name}"


class Namespace(msgspec.Struct, frozen=True):
    """A row of `data.namespaces`."""

    namespace: str
    pods: int
    pods_ingress_isolated: int | None
    pods_egress_isolated: int | None
    unevaluated_policies: str
    owner: str = ""


class _Findings(msgspec.Struct, frozen=True):
    rows: list[Finding]


class _Namespaces(msgspec.Struct, frozen=True):
    rows: list[Namespace]


class _Data(msgspec.Struct, frozen=True):
    findings: _Findings
    namespaces: _Namespaces


class _Section(msgspec.Struct, frozen=True):
    anchor: str
    title: Text


class _Report(msgspec.Struct, frozen=True):
    """The parts of report.json that are read; all others are passed over."""

    title: str
    subject: str
    date: str
    classification: str
    page_one: PageOne
    sections: tuple[_Section, ...]
    data: _Data


@dataclass(frozen=True)
class Stored:
    """A stored run, as far as letters tell of it."""

    run: Run
    report: _Report
    record: Record
    manifest: Manifest
    sha256: str
    """Of manifest.json."""

    def words(self, text: Text) -> str:
        """A text of the report without its styles; a reference names the section."""
        return plain(text, self._titles)

    @property
    def narrowed(self) -> bool:
        """The report is of some namespaces only, while the record is of the whole cluster."""
        return len(self.report.data.namespaces.rows) != self.record.head.tables.get("namespaces")

    @cached_property
    def by_namespace(self) -> Mapping[str, Sequence[Finding]]:
        """The findings of each namespace that has any."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for each in self.report.data.findings.rows:
            found[each.within].append(each)
        return found

    @cached_property
    def namespaces(self) -> Mapping[str, Namespace]:
        """Those that are reported, by name."""
        return {row.namespace: row for row in self.report.data.namespaces.rows}

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return {each.anchor: f"“{plain(each.title)}” in the report" for each in self.report.sections}


def stored(run: Run) -> Stored:
    """Read a run; CollectError if it has no report.json or no record, or they are damaged."""
    if REPORT not in run.files:
        raise CollectError(
            f"cannot mail {run.name}: it has no {REPORT}, of which the mail is made; add json to --format"
        )
    written = run.proved(REPORT)
    try:
        report = msgspec.json.decode(written, type=_Report)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise CollectError(
            f"cannot mail {run.name}: its {REPORT} is of another version of segaudit"
        ) from None
    sha256 = Digest.of(run.manifest_bytes()).sha256
    return Stored(run, report, record(run), run.manifest(), sha256)


def record(run: Run) -> Record:
    """What a run stored of itself; CollectError if it is not what was written, or damaged."""
    return load(run.proved(FILE), run.name)
