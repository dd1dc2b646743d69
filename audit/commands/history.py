"""`segaudit history`: the runs of a store, and the times at which there should be one and is none."""

from argparse import Namespace

from audit.config import Config
from audit.deliver import rows, stdout
from audit.frames import RUNS
from audit.history import runs
from audit.history.read import opened


def run(config: Config, options: Namespace) -> int:
    """Print a row a run. Without `--missing` the store is listed, and no file of it read."""
    found = opened(config.store).listing()
    if options.missing:
        table = runs.looked_into(found, options.every, config.as_of or config.now)
    else:
        table = runs.listed(found)
    stdout.write(rows.encode([table], RUNS, options.format))
    return 0
