"""`segaudit trend`: the figures of each stored run, and what the snapshots of a period say together."""

import json
import logging
from argparse import Namespace
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from audit import log
from audit.compose import words
from audit.compose.sampling import sentences
from audit.config import Config, rfc3339
from audit.deliver import rows, stdout
from audit.errors import CollectError, UsageError
from audit.frames import PERIOD_NAMESPACES, PERIOD_WORKLOADS, POLICY_CHANGES, TREND, Schema
from audit.history.changes import changes
from audit.history.period import period
from audit.history.read import opened, read
from audit.history.record import Record
from audit.history.sampling import Sampling, sampled
from audit.history.trend import trend
from audit.listing import listed

_FIGURES: Final = (
    "taken",
    "ingress",
    "egress",
    "deny ingress",
    "deny egress",
    "broad",
    "doubtful",
    "critical",
    "high",
    "medium",
    "low",
    "waived",
    "",
)
_SHORT: Final = {
    "workloads": ("namespace", "workload", "ingress", "egress", "first_seen", "last_seen", "gone"),
    "namespaces": ("namespace", "ingress", "egress", "first_seen", "last_seen", "gone"),
    "changes": (
        *("after", "before", "change", "kind", "namespace", "name"),
        *("generation_before", "generation_after", "managers"),
    ),
}
"""Columns that fit on a terminal; the other forms have all."""

_log = logging.getLogger(log.OF_ANSWERS)


def run(config: Config, options: Namespace) -> int:
    """Print a table; runs without a record that can be read are named on standard error."""
    if options.since and options.until and options.since > options.until:
        raise UsageError(
            f"--since {rfc3339(options.since)} is after --until {rfc3339(options.until)}: no snapshot is of "
            "such a period; exchange them"
        )
    reading = read(opened(config.store).runs())
    if reading.unreadable:
        named = [f"{name} ({reason})" for name, reason in reading.unreadable.items()]
        _log.warning("no record could be read of %s: %s", words.counted(len(named), "run"), listed(named, 3))
    if not reading.records:
        raise CollectError(f"--store {config.store}: no run with a record; segaudit run --store makes one")
    sampling, schema, table = _told(reading.records, options)
    if options.format == "text":
        stdout.write(_text(sampling, schema, table))
    elif options.format == "json" and schema is not TREND:
        stdout.write(_json(sampling, schema, table))
    else:
        if schema is not TREND:
            _log.info("%s", " ".join(sentences(sampling, rfc3339)))
        stdout.write(rows.encode(rows.chunks(table), schema, options.format))
    return 0


def _told(records: list[Record], options: Namespace) -> tuple[Sampling, Schema, pd.DataFrame]:
    since, until = options.since, options.until
    kept, sampling = sampled(records, since, until)
    if options.of == "figures":
        return sampling, TREND, trend(kept)
    if options.of == "policies":
        return sampling, POLICY_CHANGES, changes(records, since, until)
    whole = period(records, since, until)
    if options.of == "namespaces":
        return sampling, PERIOD_NAMESPACES, whole.namespaces
    return sampling, PERIOD_WORKLOADS, whole.workloads


def _json(sampling: Sampling, schema: Schema, table: pd.DataFrame) -> Iterator[bytes]:
    """An object: what the statements rest on, and the rows."""
    told = {name: _plain(value) for name, value in asdict(sampling).items()}
    yield f'{{"sampling": {json.dumps(told)},\n"{schema.name}": '.encode()
    yield from rows.encode(rows.chunks(table), schema, "json")
    yield b"}\n"


def _plain(value: object) -> object:
    """Times as RFC 3339 has them, lengths of time in seconds."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return rfc3339(value) if isinstance(value, datetime) else value


def _text(sampling: Sampling, schema: Schema, table: pd.DataFrame) -> Iterator[bytes]:
    for sentence in sentences(sampling, rfc3339):
        yield sentence.encode() + b"\n"
    yield b"\n"
    if schema is TREND:
        lines = [_line(row) for row in table.astype("object").to_dict("records")]
        right = [False, *[True] * (len(_FIGURES) - 2), False]
        yield from rows.aligned(_FIGURES, lines, right)
    else:
        yield from rows.encode(rows.chunks(table), schema.part(_SHORT[schema.name]), "text")


def _line(row: Mapping[Hashable, object]) -> list[str]:
    """A run for people: shares in percent, `?` for what was not assessed."""

    def share(count: str, of: str) -> str:
        part, whole = row[count], row[of]
        if isinstance(part, int) and isinstance(whole, int) and whole:
            return words.percent(part, whole)
        return "?"

    def number(name: str) -> str:
        count = row[name]
        return words.number(count) if isinstance(count, int) else "?"

    return [
        str(row["taken"]),
        share("pods_ingress_isolated", "pods"),
        share("pods_egress_isolated", "pods"),
        share("namespaces_deny_ingress", "namespaces"),
        share("namespaces_deny_egress", "namespaces"),
        *map(number, ("broad_rules", "doubtful_policies", "critical", "high", "medium", "low", "waived")),
        "" if row["complete"] else "incomplete",
    ]
