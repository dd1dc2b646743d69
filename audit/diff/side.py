"""One of the two snapshots, evaluated and checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import pandas as pd

from audit import checks, facts, waivers
from audit.checks import CheckResult, Status
from audit.facts import Facts
from audit.frames import RESULTS
from audit.history import tables
from audit.settings import Settings
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
    """Evaluate and check a snapshot; the manifests that would mend it are not compared, and not made."""
    known = facts.evaluate(snapshot, settings)

    def compared(result: CheckResult) -> CheckResult:
        """Without the policies and rules that are fine: there are many, and mostly nothing is asked of them.

        Where some could not be seen it is: what is there and fine is not among those.
        """
        if result.check.verdict:
            return result
        rows = result.subjects
        fine = rows["status"].isin([Status.PASSED.value, Status.NOT_APPLICABLE.value])
        unseen = checks.unseen(result, checks.places(rows), snapshot)
        return replace(result, subjects=RESULTS.conform(rows[~fine | unseen]))

    applied = waivers.apply(checks.verdicts(known), accepted, known, as_of, kept=compared)
    return Side(name, known, applied.results, as_of)
