"""When a cluster was looked at: what is told of a period rests on these moments, and on nothing between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from audit.history.record import Record, same_cluster

LATE: Final = 1.5
"""Of the expected spacing: a run that comes later leaves an expected time without one."""


@dataclass(frozen=True)
class Sampling:
    """The snapshots that a statement about a period rests on."""

    snapshots: int
    first: datetime | None
    last: datetime | None
    spacing: timedelta | None
    """The median of the times between two; None for fewer than two."""
    longest: timedelta | None
    """The longest time between two."""
    longest_after: datetime | None
    """The snapshot after which it began."""
    incomplete: int
    """Snapshots for which not everything could be read."""
    repeated: int
    """Runs on a snapshot that another run was on: they show nothing more."""
    others: int
    """Runs on another cluster than that of the newest: left out."""


def sampled(
    records: Sequence[Record], since: datetime | None = None, until: datetime | None = None
) -> tuple[list[Record], Sampling]:
    """The records of a period by the time of their snapshot, one a snapshot, all of one cluster.

    The period is what the records cover, or what of it lies between the two times, both inclusive.
    """
    within = [
        record
        for record in sorted(records, key=lambda each: (each.taken, each.name))
        if (since is None or record.taken >= since) and (until is None or record.taken <= until)
    ]
    own = [record for record in within if same_cluster(_names(record), _names(within[-1]))]
    kept = list({record.head.snapshot: record for record in own}.values())
    moments = [record.taken for record in kept]
    gaps = [(later - earlier, earlier) for earlier, later in pairwise(moments)]
    longest = max(gaps, key=lambda gap: gap[0], default=(None, None))
    return kept, Sampling(
        snapshots=len(kept),
        first=moments[0] if moments else None,
        last=moments[-1] if moments else None,
        spacing=spacing(moments),
        longest=longest[0],
        longest_after=longest[1],
        incomplete=sum(not record.head.complete for record in kept),
        repeated=len(own) - len(kept),
        others=len(within) - len(own),
    )


def spacing(moments: Sequence[datetime]) -> timedelta | None:
    """The median of the times between moments in their order; None for fewer than two."""
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    return timedelta(seconds=median(gaps)) if gaps else None


def missed(moments: Sequence[datetime], every: timedelta, until: datetime) -> Iterator[datetime]:
    """The times at which there should be one of `moments` (in their order) and is none, up to `until`.

    One is expected `every` so long after the one before, be that there or missed itself; one that is there
    is late only from LATE times as long on.
    """
    for earlier, later in pairwise([*moments, until]):
        expected = earlier + every
        while later - expected > every * (LATE - 1):
            yield expected
            expected += every


def _names(record: Record) -> tuple[str, str]:
    return record.head.cluster, record.head.cluster_uid
