"""One of the two snapshots, evaluated and checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pandas as pd

from audit import checks, facts, waivers
from audit.checks import CheckResult
from audit.config import Settings
from audit.facts import Facts
from audit.history import tables
from audit.snapshot import Snapshot
from audit.waivers import Waivers


@dataclass(frozen=True)
class Side:
    """What the comparison reads of a snapshot."""

    name: str
    """As it was asked for: a path, or a run's."""
    facts: Facts
    results: Sequence[CheckResult]
    as_of: datetime

    @cached_property
    def workloads(self) -> pd.DataFrame:
        """STORED_WORKLOADS."""
        return tables.workloads(self.facts, self.results)

    @property
    def snapshot(self) -> Snapshot:
        """The evidence."""
        return self.facts.snapshot


def side(name: str, snapshot: Snapshot, settings: Settings, accepted: Waivers, as_of: datetime) -> Side:
    """Evaluate and check a snapshot."""
    known = facts.evaluate(snapshot, settings)
    return Side(name, known, waivers.apply(checks.run(known), accepted, known, as_of).results, as_of)
