"""What differs between two snapshots on standard output: for people, as Markdown, or as JSON."""

import json
from collections.abc import Iterable, Iterator

import pandas as pd

from audit.compose.data import dataset
from audit.compose.difference import Part
from audit.deliver import rows
from audit.diff.difference import Difference, scope, word
from audit.frames import DENY_CHANGES, FINDING_CHANGES, ISOLATION_CHANGES, POLICY_DIFFERENCES, Schema
from audit.log import printable
from reports import values

FORMAT = 1
"""Of the JSON; it grows by one when what is there changes its meaning or goes."""


def text(parts: Iterable[Part]) -> Iterator[bytes]:
    """Headings with sentences and columns."""
    between = b""
    for part in parts:
        yield between + part.title.encode() + b"\n"
        yield from (f"  {printable(sentence)}\n".encode() for sentence in part.sentences)
        if part.rows:
            yield b"\n"
            lines = (
                _blocks(part) if part.wide else rows.aligned(part.head, part.rows, [False] * len(part.head))
            )
            yield from (b"  " + line for line in lines)
        between = b"\n"


def _blocks(part: Part) -> Iterator[bytes]:
    """Each row as its first cell with the others below it."""
    width = max(map(len, part.head[1:]))
    for first, *others in part.rows:
        yield printable(first).encode() + b"\n"
        for title, cell in zip(part.head[1:], others, strict=True):
            yield f"  {title:{width}}  {printable(cell)}\n".encode()


def markdown(parts: Iterable[Part]) -> Iterator[bytes]:
    """Headings of the second level, paragraphs and tables."""
    between = b""
    for part in parts:
        yield between + f"## {part.title}\n\n".encode()
        yield from (f"- {rows.markdown_text(sentence)}\n".encode() for sentence in part.sentences)
        if part.rows:
            yield b"\n" + rows.markdown_head(part.head)
            yield from map(rows.markdown_row, part.rows)
        between = b"\n"


def as_json(found: Difference) -> Iterator[bytes]:
    """One object: both sides, a list for each kind of difference, and the groups of connections."""
    sides = {
        name: {
            "name": side.name,
            "cluster": side.snapshot.provenance.cluster or side.snapshot.provenance.description,
            "cluster_uid": side.snapshot.provenance.cluster_uid,
            "taken": side.snapshot.provenance.taken,
            "snapshot": side.snapshot.sha256,
            "missing": side.snapshot.missing(),
        }
        for name, side in (("old", found.old), ("new", found.new))
    }
    head = {"format": FORMAT, **sides, "different": found.any}
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}").encode()
    for schema, frame in (
        (ISOLATION_CHANGES, found.workloads),
        (DENY_CHANGES, found.namespaces),
        (POLICY_DIFFERENCES, found.policies),
        (FINDING_CHANGES, found.findings),
    ):
        yield from _list(schema.name, _records(schema, frame))
    yield f',\n "pairs": {found.connections.pairs}, "pairs_left_out": {found.connections.left_out}'.encode()
    yield from _list("connections", _groups(found))
    yield b"\n}\n"


def _list(name: str, records: Iterable[dict[str, object]]) -> Iterator[bytes]:
    """A member of the object, an element a line."""
    yield f',\n "{name}": ['.encode()
    between = "\n  "
    for record in records:
        yield (between + json.dumps(record, ensure_ascii=False)).encode()
        between = ",\n  "
    yield b"]"


def _records(schema: Schema, frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in zip(*values.columns(dataset(schema, frame)), strict=True):
        yield dict(zip(schema.names, row, strict=True))


def _groups(found: Difference) -> Iterator[dict[str, object]]:
    comparison = found.comparison
    names = comparison.both.names
    for group in found.connections.groups:
        change = group.change
        yield {
            "change": word(change),
            "sources": names[group.sources].tolist(),
            "destinations": names[group.destinations].tolist(),
            "pairs": group.pairs,
            "before": str(comparison.connections(change.before)),
            "before_scope": scope(change.before_all) if change.before else "",
            "after": str(comparison.connections(change.after)),
            "after_scope": scope(change.after_all) if change.after else "",
        }
