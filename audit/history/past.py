"""What the store of a run tells its report: the runs before it, with the run itself as the last."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.history.record import Record, same_cluster


@dataclass(frozen=True)
class Past:
    """The runs of a store that a report can be compared with, and why there may be fewer than there are."""

    own: Record
    """The run itself."""
    last: Record | None = None
    """The newest run before it; None if there is none, or `problem` says why it is not known."""
    problem: str = ""
    """Why the newest run, or the whole store, could not be read."""
    records: tuple[Record, ...] = ()
    """The newest runs that could be read, the oldest first, and last the run itself."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Runs that could not be read, by folder, each with the reason."""
    older: int = 0
    """Runs that are older than those, and were not looked at."""
    removed: int = 0
    """Runs of which retention left the hashes alone."""

    @property
    def before(self) -> Record | None:
        """`last`, if this run continues it: it is of the same cluster, and not on a later snapshot."""
        if self.last is None or self.other_cluster or self.last.taken > self.own.taken:
            return None
        return self.last

    @property
    def other_cluster(self) -> bool:
        """Whether `last` is of another cluster."""
        if self.last is None:
            return False
        one, other = self.last.head, self.own.head
        return not same_cluster((one.cluster, one.cluster_uid), (other.cluster, other.cluster_uid))
