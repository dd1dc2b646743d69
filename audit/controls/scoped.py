"""The findings of a part of the cluster: those of the scopes for which alone a framework holds."""

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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

    def within(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        """Of which rows of RESULTS the subject is in it; what concerns the cluster as a whole is."""
        inside = _among(rows["namespace"], self._names | {""})
        at = np.flatnonzero(_among(rows["kind"], {"Namespace"}))
        # a Namespace is its own, whichever of the columns names it
        inside[at] = [name in self._names for name in rows["name"].iloc[at].tolist()]
        if any(one.scope.pod_selector is not None for one in self._scopes):
            # of the namespaces some pods only: so workloads and policies are looked up one by one
            at = np.flatnonzero(inside & _among(rows["kind"], self._kinds))
            found = (rows[column].iloc[at].astype("str").tolist() for column in ("kind", "namespace", "name"))
            inside[at] = [key in self._subjects for key in zip(*found, strict=True)]
        at = np.flatnonzero(_among(rows["kind"], {_BOUNDARY}))
        inside[at] = [name in self._boundaries for name in rows["name"].iloc[at].tolist()]
        return inside

    @cached_property
    def _names(self) -> frozenset[str]:
        names = self._facts.cluster.namespaces
        return frozenset(names[number] for number in np.flatnonzero(self._namespaces).tolist())

    @cached_property
    def _subjects(self) -> set[Subject]:
        return set(chain.from_iterable(subjects(one, self._facts.cluster) for one in self._scopes))

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """Kinds of which it is known one by one whether they are in it."""
        pods = self._facts.cluster.pods["workload_kind"]
        return frozenset(("NetworkPolicy", *pods.astype("str").unique().tolist()))

    @cached_property
    def _boundaries(self) -> frozenset[str]:
        """The boundaries of which one side has pods of it."""
        declared = self._facts.settings.boundaries
        return frozenset(
            one.name for one in declared if self._touches(one.source) or self._touches(one.destination)
        )

    def _touches(self, end: BoundaryEnd) -> bool:
        return end.has_pods and bool((chosen(end, self._facts.cluster)[1] & self.pods).any())


def _among(column: pd.Series, values: Collection[str]) -> NDArray[np.bool_]:
    """Which of a column of categories are one of the values."""
    known = np.array([category in values for category in column.cat.categories.tolist()], np.bool_)
    return known[column.cat.codes.to_numpy()]
