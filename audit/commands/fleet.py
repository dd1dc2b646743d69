"""`segaudit fleet`: the newest run of each of many clusters, the worst first."""

import logging
from argparse import Namespace
from typing import Final

from audit.compose import words
from audit.config import Config
from audit.deliver import rows, stdout
from audit.errors import CollectError
from audit.frames import FLEET
from audit.history.fleet import fleet, newest
from audit.listing import listed

_SHORT: Final = (
    *("cluster", "store", "state", "taken", "pods", "pods_ingress_isolated", "pods_egress_isolated"),
    *("critical", "high", "medium", "low", "reason"),
)
"""Columns that fit on a terminal; the other forms have all."""

_log = logging.getLogger(__name__)


def run(config: Config, options: Namespace) -> int:
    """Print a row a store; those that are not current are named on standard error, too."""
    found = newest(list(dict.fromkeys(options.stores)))
    table = fleet(found, config.as_of or config.now, options.max_age)
    schema = FLEET.part(_SHORT) if options.format == "text" else FLEET
    stdout.write(rows.encode([table], schema, options.format))
    for state, what in (("unreadable", "nothing is known of"), ("too_old", "the last run is too old of")):
        shown = table[table["state"] == state]
        told = zip(shown["store"].tolist(), shown["reason"].tolist(), strict=True)
        if names := [f"{store} ({reason})" for store, reason in told]:
            _log.warning("%s %s: %s", what, words.counted(len(names), "store"), listed(names))
    if all(one.record is None for one in found):
        raise CollectError(f"no run could be read in {words.counted(len(found), 'store')}; name others")
    return 0
