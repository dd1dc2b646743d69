"""The labels behind the numbers of sets that frames have."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from audit.frames.evidence import NO_SET


def label_texts(labels: pd.DataFrame, sets: Iterable[int]) -> dict[int, dict[str, str]]:
    """The labels (frame LABELS) of each of `sets`, a few at a time: not for all pods of a cluster."""
    wanted = sorted(set(sets) - {NO_SET})
    numbers = labels["set"].to_numpy()  # in order: a snapshot has them so
    keys, values = labels["key"].cat, labels["value"].cat
    found: dict[int, dict[str, str]] = {}
    bounds = np.searchsorted(numbers, np.array([wanted, np.add(wanted, 1)], numbers.dtype)).T
    for number, (first, last) in zip(wanted, bounds.tolist(), strict=True):
        codes = zip(keys.codes.iloc[first:last], values.codes.iloc[first:last], strict=True)
        found[number] = {keys.categories[key]: values.categories[value] for key, value in codes}
    return found
