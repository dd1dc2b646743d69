"""The findings of a part of the cluster: those of the scopes for which alone a framework holds."""

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit import checks
from audit.exposure.cluster import Subject
from audit.exposure.scopes import Members, chosen, subjects
from audit.facts import Facts
from audit.settings import BoundaryEnd

_BOUNDARY: Final = "Boundary"


class Scoped:
    """Scopes of the configuration taken together."""

    def __init__(self, facts: Facts, scopes: Sequence[Members]) -> None:
        """`scopes` are some of `facts.scopes`, at least one."""
        self._facts = facts
        self._scopes = scopes
        self.pods: NDArray[np.bool_] = np.logical_or.reduce([one.pods for one in scopes])
        """By row of `Facts.pods`."""
        self._namespaces: NDArray[np.bool_] = np.logical_or.reduce([one.namespaces for one in scopes])

    @property
    def name(self) -> str:
        """The names of the scopes."""
        return ", ".join(one.scope.name for one in self._scopes)

    def within(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of RESULTS whose subjects are in it; what concerns the cluster as a whole is."""
        place = checks.places(rows)
        inside = place.isin(self._names).to_numpy() | (place == "").to_numpy()
        kind = rows["kind"].astype("str").to_numpy(object)
        if any(one.scope.pod_selector is not None for one in self._scopes):
            # of the namespaces some pods only: so workloads and policies are looked up one by one
            at = np.flatnonzero(inside & np.isin(kind, self._kinds))
            found = rows.iloc[at]
            keys = zip(kind[at].tolist(), place.iloc[at].tolist(), found["name"].tolist(), strict=True)
            inside[at] = [key in self._subjects for key in keys]
        at = np.flatnonzero(kind == _BOUNDARY)
        inside[at] = rows["name"].iloc[at].isin(self._boundaries).to_numpy()
        return rows[inside]

    @cached_property
    def _names(self) -> list[str]:
        return [self._facts.cluster.namespaces[number] for number in np.flatnonzero(self._namespaces)]

    @cached_property
    def _subjects(self) -> set[Subject]:
        return set(chain.from_iterable(subjects(one, self._facts.cluster) for one in self._scopes))

    @cached_property
    def _kinds(self) -> list[str]:
        """Kinds of which it is known one by one whether they are in it."""
        pods = self._facts.cluster.pods["workload_kind"]
        return ["NetworkPolicy", *pods.astype("str").unique().tolist()]

    @cached_property
    def _boundaries(self) -> list[str]:
        """The boundaries of which one side has pods of it."""
        declared = self._facts.settings.boundaries
        return [one.name for one in declared if self._touches(one.source) or self._touches(one.destination)]

    def _touches(self, end: BoundaryEnd) -> bool:
        return end.has_pods and bool((chosen(end, self._facts.cluster)[1] & self.pods).any())
