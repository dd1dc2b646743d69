"""`segaudit diff`: what differs between two snapshots, directories or stored runs."""

import logging
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pandas as pd

from audit import manifest, pipeline, snapshot, waivers
from audit.compose import difference as words
from audit.config import Config
from audit.deliver import difference, rows, stdout
from audit.diff.difference import compare, others_differ, pairs
from audit.diff.side import Side, side
from audit.errors import UsageError
from audit.frames import CONNECTION_CHANGES
from audit.memory import collector_paused
from audit.snapshot import Snapshot
from audit.store import Store, open_store
from audit.waivers import Waivers

_log = logging.getLogger(__name__)


def run(config: Config, options: Namespace) -> int:
    """Print the differences; with `--exit-code` return 1 if there are any."""
    if options.old == options.new == "-":
        raise UsageError("both OLD and NEW are standard input; name one of them")
    store = open_store(config.store) if config.store else None
    with collector_paused():
        accepted = waivers.read(config.waivers)
        old, new = (_side(config, store, accepted, word) for word in (options.old, options.new))
        if old.name == new.name:
            _log.warning("OLD and NEW are the same, %s: nothing can differ; name another", old.name)
        if options.format == "csv":
            different = _pairs(old, new) or (options.exit_code and others_differ(old, new))
        else:
            found = compare(old, new)
            different = found.any
            printed = {
                "text": lambda: difference.text(words.parts(found)),
                "md": lambda: difference.markdown(words.parts(found)),
                "json": lambda: difference.as_json(found),
            }
            stdout.write(printed[options.format]())
    for each in (old, new):
        pipeline.require_complete(config, each.snapshot)
    return int(options.exit_code and different)


def _pairs(old: Side, new: Side) -> bool:
    """Print the pairs one by one; return whether there is any."""
    any_ = False

    def seen() -> Iterator[pd.DataFrame]:
        nonlocal any_
        for chunk in pairs(old, new):
            any_ = True
            yield chunk

    stdout.write(rows.encode(seen(), CONNECTION_CHANGES, "csv"))
    return any_


def _side(config: Config, store: Store | None, accepted: Waivers, word: str) -> Side:
    name, taken = _read(config, store, word)
    return side(name, taken, config.settings, accepted, config.as_of or pipeline.taken(taken))


def _read(config: Config, store: Store | None, word: str) -> tuple[str, Snapshot]:
    """The snapshot that a word names: a run of the store if it is one, else a path."""
    if store is not None and "/" not in word and word != "-":
        try:
            run_ = store.find(word)
        except UsageError:
            if not Path(word).exists():
                raise
        else:
            return run_.name, snapshot.load(run_.proved(pipeline.SNAPSHOT_FILE), run_.name)
    path = Path(word)
    written = path / pipeline.SNAPSHOT_FILE
    if (path / manifest.NAME).is_file() and written.is_file():
        record = manifest.decode((path / manifest.NAME).read_bytes())
        if record is not None:
            data = manifest.proved(written.read_bytes(), record, pipeline.SNAPSHOT_FILE, word)
            return word, snapshot.load(data, word)
        path = written
    elif word != "-" and not path.exists():
        raise UsageError(f"{word}: there is no such path; a run of a store is named with --store URL")
    return word, pipeline.collect(msgspec.structs.replace(config, source=str(path)))
