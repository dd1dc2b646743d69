"""What a run stores of itself: its figures, and small tables of workloads, findings and policies.

It is the file `history.zip` of a run's folder, a container (`audit.container`) with the head `history.json`
and the tables of `frames.STORED_TABLES`. Of 150,000 pods it is a megabyte or two,
most of it what no two policies share: uid and digest.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Final

import msgspec
import pandas as pd
import pyarrow as pa

from audit import checks, container
from audit.checks import UNASSESSED, CheckResult, Status
from audit.config import moment, rfc3339
from audit.errors import CollectError
from audit.facts import Facts
from audit.frames import STORED_TABLES, Column
from audit.headline import Count, Headline, headline
from audit.history import since, tables
from audit.policy.kinds import KINDS
from audit.severity import Severity
from audit.snapshot import READABLE, WHOLE, Provenance, Snapshot

FILE: Final = "history.zip"
FORMAT: Final = 1
_HEAD: Final = "history.json"
_PIECE: Final = 1 << 20
"""Rows that are stored together: whole columns are read."""
_LEVEL: Final = 9
"""Of zstd: an eighth less than by default, for a few hundredths of a second."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A run in figures. Times are RFC 3339 in UTC."""

    format: int
    as_of: str
    taken: str
    """When the snapshot was taken."""
    snapshot: str
    """Its SHA-256, in hex."""
    cluster: str
    cluster_uid: str
    """Empty where it is not known."""
    version: str
    """Of segaudit."""
    settings: str
    """SHA-256 of the settings in force, but for where results go."""
    complete: bool
    """Everything that was asked for could be read."""
    pods_read: bool
    """All pods could be read; where not, `read` of the namespaces says which have all of theirs."""
    unread: dict[str, tuple[str, ...]]
    """Kinds of policies (plural) not all of whose objects could be read, or were not asked for, and the
    namespaces in which they were."""
    figures: Headline
    """Of the whole cluster, whatever the report is narrowed to."""
    open_findings: dict[str, Count]
    """Findings that are not waived, by severity."""
    waived_findings: Count
    unassessed: tuple[str, ...]
    """Checks some of whose subjects could not be assessed, or that failed to run."""
    tables: dict[str, int] = {}
    """Rows of each table."""


class Record:
    """A run as it was stored. Tables are read when they are asked for, and not kept."""

    def __init__(self, name: str, head: Head, data: bytes) -> None:
        """`name` is that of the run, for messages; `data` the file."""
        self.name = name
        self.head = head
        self._data = data

    @property
    def taken(self) -> datetime:
        """When the snapshot was taken."""
        return moment(self.head.taken)

    def arrow(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of a table as they are stored, without nulls; CollectError if it is damaged."""
        wanted = STORED_TABLES[name].part(columns)
        try:
            table = container.read_table(self._data, name, columns).select(wanted.names)
            if not all(map(_fits, table.columns, wanted.columns)):
                raise ValueError(name)
        except container.DAMAGE as error:
            raise _damaged(self.name, error) from None
        return table

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """A table of STORED_TABLES, or some columns of it; CollectError if it is damaged."""
        schema = STORED_TABLES[name].part(columns)
        return schema.frame_of(self.arrow(name, schema.names))


def pack(
    facts: Facts, results: Sequence[CheckResult], as_of: datetime, previous: Record | None = None
) -> bytes:
    """The file of a run. `previous` is the record of the run before it.

    The findings of `results` have their date from `since.dated`; one without is dated `as_of`.
    """
    workloads = tables.workloads(facts, results)
    failed = checks.failed(results)
    found = tables.findings(failed, rfc3339(as_of))
    before = findings_before(previous, facts.snapshot)
    frames = {
        "workloads": workloads,
        "namespaces": tables.namespaces(facts, workloads),
        "findings": found if before is None else since.with_carried(found, before, results, facts.snapshot),
        "policies": tables.policies(facts.snapshot["policies"]),
    }
    return encode(_head(facts, results, failed, as_of), frames)


def head(facts: Facts, results: Sequence[CheckResult], as_of: datetime) -> Head:
    """A run in figures, whether it is stored or not."""
    return _head(facts, results, checks.failed(results), as_of)


def encode(head: Head, frames: Mapping[str, pd.DataFrame]) -> bytes:
    """The file of a head and the tables of STORED_TABLES; the rows are counted into the head."""

    def counted(rows: dict[str, int]) -> Head:
        return msgspec.structs.replace(head, tables=rows)

    packed = ((name, [schema.table_of(frames[name])]) for name, schema in STORED_TABLES.items())
    return container.pack((_HEAD, counted), packed, STORED_TABLES, piece=_PIECE, level=_LEVEL)


def load(data: bytes, name: str) -> Record:
    """The record in the bytes of a file of the run `name`; CollectError if it is none, or a newer one."""
    try:
        head = container.read_head(data, _HEAD, Head)
        moment(head.taken), moment(head.as_of)
    except container.DAMAGE as error:
        raise _damaged(name, error) from None
    if head.format > FORMAT:
        raise CollectError(
            f"{name}: {FILE} has format {head.format}, but {FORMAT} is the newest known; update segaudit"
        )
    return Record(name, head, data)


def findings_before(previous: Record | None, snapshot: Snapshot) -> pd.DataFrame | None:
    """The findings of the run before, STORED_FINDINGS; None if there is none, or it is of another cluster."""
    if previous is None:
        return None
    own = (_cluster(snapshot.provenance), snapshot.provenance.cluster_uid)
    same = same_cluster((previous.head.cluster, previous.head.cluster_uid), own)
    return previous.table("findings") if same else None


def same_cluster(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether name and uid are those of one cluster: the uid decides, unless one of them is not known."""
    return one[1] == other[1] if one[1] and other[1] else one[0] == other[0]


def _head(facts: Facts, results: Sequence[CheckResult], failed: pd.DataFrame, as_of: datetime) -> Head:
    snapshot = facts.snapshot
    provenance = snapshot.provenance
    known = all(snapshot.state(kind) in READABLE for kind in ("pods", "networkpolicies"))
    return Head(
        format=FORMAT,
        as_of=rfc3339(as_of),
        taken=rfc3339(moment(provenance.taken)),
        snapshot=snapshot.sha256,
        cluster=_cluster(provenance),
        cluster_uid=provenance.cluster_uid,
        version=version("segaudit"),
        settings=hashlib.sha256(facts.settings.judging()).hexdigest(),
        complete=snapshot.complete,
        pods_read=snapshot.state("pods") in READABLE,
        unread=_unread(snapshot),
        figures=headline(
            known=known,
            pods=facts.reach,
            namespaces=facts.namespaces,
            policies=facts.policies,
            rules=facts.rules,
            exposure=facts.exposure,
            published=all(snapshot.state(kind) in WHOLE for kind in checks.EXPOSING),
            findings=failed,
            results=results,
        ),
        open_findings=open_findings(failed),
        waived_findings=int((failed["status"] == Status.WAIVED.value).sum()),
        unassessed=tuple(
            result.check.id for result in results if result.subjects["status"].isin(UNASSESSED).any()
        ),
    )


def _cluster(provenance: Provenance) -> str:
    return provenance.cluster or provenance.description


def _unread(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    plurals = sorted({kind.plural for kind in KINDS.values()})
    return {
        plural: tuple(sorted(snapshot.read_in(plural)))
        for plural in plurals
        if snapshot.state(plural) not in READABLE
    }


def open_findings(found: pd.DataFrame) -> dict[str, int]:
    """How many of RESULTS are not waived, by severity."""
    failed = found.loc[found["status"] == Status.FAILED.value, "severity"]
    counts = Counter(str(word) for word in failed.tolist())
    return {severity.word: counts[severity.word] for severity in Severity}


def _fits(read: pa.ChunkedArray, column: Column) -> bool:
    """Whether what is read is what is written for such a column."""
    if column.dtype == "category":
        kind = pa.types.is_dictionary(read.type) and pa.types.is_string(read.type.value_type)
    else:
        kind = read.type == {"str": pa.large_string(), "bool": pa.bool_()}.get(column.dtype, column.dtype)
    return kind and not read.null_count


def _damaged(name: str, error: Exception) -> CollectError:
    return CollectError(
        f"{name}: its {FILE} is not whole ({type(error).__name__}); ask segaudit verify about the store"
    )
