"""All that differs between two snapshots."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.diff import findings, isolation
from audit.diff.connections import Change, Changes, Comparison
from audit.diff.groups import Grouped, grouped
from audit.diff.side import Side
from audit.diff.universe import universe
from audit.frames import CONNECTION_CHANGES
from audit.policy.ports import NONE, difference
from audit.policy.sets import NONE_NUMBER
from audit.progress import progress

OPENED, CLOSED, CHANGED = "opened", "closed", "changed"


@dataclass(frozen=True)
class Difference:
    """What differs; each frame has a row a difference."""

    old: Side
    new: Side
    workloads: pd.DataFrame
    """ISOLATION_CHANGES."""
    namespaces: pd.DataFrame
    """DENY_CHANGES."""
    policies: pd.DataFrame
    """POLICY_DIFFERENCES."""
    findings: pd.DataFrame
    """FINDING_CHANGES."""
    comparison: Comparison
    connections: Grouped

    @property
    def any(self) -> bool:
        """Whether there is one."""
        frames = (self.workloads, self.namespaces, self.policies, self.findings)
        return any(map(len, frames)) or self.connections.pairs > 0


def compare(old: Side, new: Side) -> Difference:
    """Compare all; the connections of each source are a step of the progress."""
    comparison = Comparison(universe(old, new))
    return Difference(
        old=old,
        new=new,
        workloads=isolation.workloads(old, new),
        namespaces=isolation.namespaces(old, new),
        policies=findings.policies(old, new),
        findings=findings.findings(old, new),
        comparison=comparison,
        connections=grouped(comparison, _told(comparison)),
    )


def pairs(old: Side, new: Side) -> Iterator[pd.DataFrame]:
    """The rows of CONNECTION_CHANGES, by source and destination, in a chunk for each source."""
    comparison = Comparison(universe(old, new))
    for changes in _told(comparison):
        yield _rows(comparison, changes)


def others_differ(old: Side, new: Side) -> bool:
    """Whether anything but connections differs."""
    frames = (isolation.workloads, isolation.namespaces, findings.policies, findings.findings)
    return any(len(frame(old, new)) for frame in frames)


def word(change: Change) -> str:
    """What became of a pair: OPENED, CLOSED or CHANGED."""
    if change.before == NONE_NUMBER:
        return OPENED
    return CLOSED if change.after == NONE_NUMBER else CHANGED


def _told(comparison: Comparison) -> Iterator[Changes]:
    with progress("comparing", total=comparison.steps) as tick:
        yield from comparison.rows(tick)


def _rows(comparison: Comparison, changes: Changes) -> pd.DataFrame:
    both = comparison.both
    used, where = np.unique(changes.kinds, return_inverse=True)
    told = [_texts(comparison, comparison.kinds[kind]) for kind in used.tolist()]
    size = len(changes.destinations)
    return CONNECTION_CHANGES.frame(
        {
            "source": np.full(size, both.names[changes.source], dtype=object),
            "destination": both.names[changes.destinations],
            **{name: np.array([text[name] for text in told], dtype=object)[where] for name in told[0]},
            "source_in": np.full(size, both.sides[changes.source]),
            "destination_in": both.sides[changes.destinations],
        }
    )


def _texts(comparison: Comparison, change: Change) -> dict[str, str]:
    before, after = comparison.connections(change.before), comparison.connections(change.after)
    return {
        "change": word(change),
        "before": str(before),
        "before_scope": scope(change.before_all) if before != NONE else "",
        "after": str(after),
        "after_scope": scope(change.after_all) if after != NONE else "",
        "opened": str(difference(after, before)),
        "closed": str(difference(before, after)),
    }


def scope(whole: bool) -> str:  # noqa: FBT001  # a flag in, a word out
    """The word of the column `scope`."""
    return "all" if whole else "some"
