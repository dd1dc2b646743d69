"""From an API server to a Snapshot, while what that takes is imported."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from audit.background import in_background
from audit.collect.cluster.messages import Connect
from audit.collect.cluster.reader import reader
from audit.memory import collector_paused, give_back, trim
from audit.progress import board

if TYPE_CHECKING:
    from audit.snapshot import Snapshot

SIDE_BY_SIDE: Final = 4
"""Lists that are read at once: more would only make the pages of each wait for one another."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def collect_cluster(
    wanted: Connect,
    *,
    namespaces: Sequence[str] = (),
    cluster_name: str = "",
    tool_version: str,
    clock: Clock = utc_now,
) -> "Snapshot":
    """Read the cluster. Kinds that may not be listed in all namespaces at once are listed in `namespaces`.

    UsageError if `wanted` names no cluster; CollectError if there is no server, or none that lets us in, if
    the pods of the whole scope cannot be read, or there are none.
    """
    with collector_paused():
        give_back()
        with reader(SIDE_BY_SIDE) as process, board() as bars:
            connecting = in_background(partial(process.connect, wanted))
            # The process begins meanwhile: neither needs what the other imports
            from audit.collect.cluster.cluster import Cluster
            from audit.frames import arrow

            arrow.use_system_memory()
            reading = Cluster(process, connecting.result(), namespaces, clock)
            reading.read(bars, SIDE_BY_SIDE)
        trim()
        return reading.snapshot(cluster_name, tool_version)
