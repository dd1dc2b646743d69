"""Which subjects of a check a waiver names."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit import checks
from audit.policy.identities import Ints
from audit.waivers.labels import Labelled, Labels, grouped
from audit.waivers.model import Waiver

_NONE: Final[Ints] = np.empty(0, np.int64)


class Subjects:
    """The subjects of one check, found by what waivers name them by."""

    def __init__(self, rows: pd.DataFrame, waivers: Iterable[Waiver], labels: Labels) -> None:
        """`rows` as RESULTS has them; of names those that `waivers` have are found."""
        self._rows = rows
        self._labels = labels
        self._by_name = _by_name(rows, {waiver.name for waiver in waivers if waiver.name})

    def named(self, waiver: Waiver) -> Ints:
        """The rows that it names, in order."""
        found = self._named(waiver)
        if waiver.selector is None or waiver.selector.empty:
            return found
        selected = self._labelled.selected(waiver.selector, waiver.namespace)
        return np.intersect1d(found, selected) if waiver.name else np.sort(selected)

    def _named(self, waiver: Waiver) -> Ints:
        if not waiver.name:
            return self._by_place.get(waiver.namespace, _NONE)
        found = self._by_name.get((waiver.namespace, waiver.name), _NONE)
        return found[self._kinds[found] == waiver.kind] if waiver.kind else found

    @cached_property
    def _kinds(self) -> NDArray[np.object_]:
        return self._rows["kind"].astype("str").to_numpy(object)

    @cached_property
    def _by_place(self) -> dict[str, Ints]:
        return grouped(checks.places(self._rows).to_numpy(object))

    @cached_property
    def _labelled(self) -> Labelled:
        return self._labels.of(self._rows)


def _by_name(rows: pd.DataFrame, names: set[str]) -> dict[tuple[str, str], Ints]:
    """The rows of subjects of these names, by namespace and name; a Namespace may go without the first."""
    at = np.flatnonzero(rows["name"].isin(names))
    found = rows.iloc[at]
    told: dict[tuple[str, str], list[int]] = {}
    keys = zip(at.tolist(), checks.places(found).tolist(), found["name"].tolist(), strict=True)
    for row, place, name in keys:
        told.setdefault((place, name), []).append(row)
    own = at[(found["kind"] == "Namespace").to_numpy()]
    for row, name in zip(own.tolist(), rows["name"].iloc[own].tolist(), strict=True):
        told.setdefault(("", name), []).append(row)
    return {key: np.array(places) for key, places in told.items()}
