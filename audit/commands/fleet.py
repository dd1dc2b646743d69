"""`segaudit fleet`: the newest run of each of many clusters, the worst first."""

import logging
from argparse import Namespace
from importlib.metadata import version
from typing import Final

import pandas as pd

from audit import manifest, pipeline
from audit.compose import words
from audit.compose.fleet import fleet_report
from audit.config import DEFAULT_FORMATS, Config, rfc3339
from audit.deliver import look, outputs, rows, stdout, summary
from audit.deliver.files import Folder
from audit.deliver.look import Look
from audit.errors import CollectError, UsageError
from audit.frames import FLEET
from audit.history.fleet import fleet, newest
from audit.listing import listed
from audit.manifest import Digest, Manifest
from audit.memory import collector_paused

_SHORT: Final = (
    *("cluster", "store", "state", "taken", "pods", "pods_ingress_isolated", "pods_egress_isolated"),
    *("critical", "high", "medium", "low", "reason"),
)
"""Columns that fit on a terminal; the other forms have all."""

_log = logging.getLogger(__name__)


def run(config: Config, options: Namespace) -> int:
    """Print a row a store, or write the report; stores that are not current are named on standard error."""
    if options.folder and options.format:
        raise UsageError("--out writes every form of the report; leave --format out, or --out")
    folder = Folder(options.folder) if options.folder else None
    house = look.read(config.settings)
    stores = list(dict.fromkeys(options.stores))
    found = newest(stores)
    as_of = config.as_of or config.now
    table = fleet(found, as_of, options.max_age)
    if folder:
        _write(folder, table, house, config, options)
    else:
        form = options.format or "text"
        schema = FLEET.part(_SHORT) if form == "text" else FLEET
        stdout.write(rows.encode([table], schema, form))
    for state, what in (("unreadable", "nothing is known of"), ("too_old", "the last run is too old of")):
        _warn(table[table["state"] == state], what)
    _warn(table[(table["state"] == "current") & (table["reason"] != "")], "to be noted of")
    if all(one.record is None for one in found):
        raise CollectError(f"no run could be read in {words.counted(len(found), 'store')}; name others")
    return 0


def _warn(shown: pd.DataFrame, what: str) -> None:
    told = zip(shown["store"].tolist(), shown["reason"].tolist(), strict=True)
    if names := [f"{store} ({reason})" for store, reason in told]:
        _log.warning("%s %s: %s", what, words.counted(len(names), "store"), listed(names))


def _write(folder: Folder, table: pd.DataFrame, house: Look, config: Config, options: Namespace) -> None:
    """Write the report, and say what it is; RenderError if a part of it could not be rendered."""
    as_of, oldest = config.as_of or config.now, options.max_age
    kept = pipeline.made_with(config)
    with collector_paused():
        report = fleet_report(table, as_of=as_of, oldest=oldest, generator=f"segaudit {version('segaudit')}")
        made_of = {name: Digest.of(data) for name, data in kept.items()}
        files, failed = outputs.render(look.dressed(report, house, made_of), DEFAULT_FORMATS)
    files |= kept
    digests = {path: Digest.of(data) for path, data in files.items()}
    record = Manifest(
        version=version("segaudit"),
        cluster="",
        cluster_uid="",
        source=report.subject,
        taken=rfc3339(as_of),
        as_of=rfc3339(as_of),
        started=rfc3339(config.now),
        durations={},
        complete=bool((table["state"] != "unreadable").all()),
        configuration=digests[manifest.CONFIGURATION],
        waivers=None,
        catalogue=digests[manifest.CATALOGUE],
        not_rendered=failed,
        files=digests,
    )
    folder.write(files, record)
    if not config.quiet:
        stdout.say(summary.of_fleet(report, options.folder, sorted(files)))
    if failed:
        raise outputs.not_rendered(failed, options.folder)
