"""`segaudit connections`: every allowed connection, streamed to standard output."""

from argparse import Namespace
from collections.abc import Iterator

import pandas as pd

from audit import pipeline
from audit.config import Config
from audit.deliver import rows, stdout
from audit.frames import CONNECTIONS
from audit.queries import connections, scope


def run(config: Config, options: Namespace) -> int:
    """Print the connections; those of chosen namespaces are the ones with an end in them."""
    facts = pipeline.evaluated(config)
    only = scope.chosen(facts, config.namespaces, config.namespace_selector)
    chunks = connections.connections(facts, options.level)
    if only is not None:
        chunks = _touching(chunks, only)
    stdout.write(rows.encode(chunks, CONNECTIONS, options.format))
    pipeline.require_complete(config, facts.snapshot)
    return 0


def _touching(chunks: Iterator[pd.DataFrame], namespaces: list[str]) -> Iterator[pd.DataFrame]:
    """The rows with an end in one of `namespaces`; a range of addresses is never called as a namespace is."""
    for chunk in chunks:
        ends = (chunk[end].str.partition("/")[0].isin(namespaces) for end in ("source", "destination"))
        yield chunk[next(ends) | next(ends)]
