"""Label selectors, matched on all label sets at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.policy.model import Operator, Requirement, Selector

NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label that every namespace has, with its name as value."""
ABSENT: Final = -1
"""Code of the value of a label that a set does not have."""
_CONTRARY: Final = {
    Operator.IN: Operator.NOT_IN,
    Operator.NOT_IN: Operator.IN,
    Operator.EXISTS: Operator.DOES_NOT_EXIST,
    Operator.DOES_NOT_EXIST: Operator.EXISTS,
}


class LabelIndex:
    """Sets of labels, by key: for each key the sets that have it, in order, and their values."""

    def __init__(self, labels: pd.DataFrame) -> None:
        """`labels` has the columns of `frames.LABELS`, a key at most once a set."""
        keys, sets = labels["key"].cat, labels["set"].to_numpy(np.int64)
        key, value = (labels[column].cat.codes.to_numpy(np.int64) for column in ("key", "value"))
        order = np.lexsort((sets, key))
        self._sets, self._values = sets[order], value[order]
        starts = np.searchsorted(key[order], np.arange(len(keys.categories) + 1))
        self._spans = {
            key: (int(a), int(b)) for key, a, b in zip(keys.categories, starts[:-1], starts[1:], strict=True)
        }
        self._codes = {value: code for code, value in enumerate(labels["value"].cat.categories)}
        by_value = np.lexsort((sets, value, key))
        self._sets_by_value, self._values_in_order = sets[by_value], value[by_value]

    def values(self, key: str, sets: NDArray[np.integer]) -> NDArray[np.int64]:
        """The code of the value that each of `sets` has for `key`, or ABSENT."""
        found = np.full(len(sets), ABSENT, np.int64)
        first, last = self._spans.get(key, (0, 0))
        if first == last:
            return found
        having = self._sets[first:last]
        at = np.minimum(np.searchsorted(having, sets), len(having) - 1)
        hit = having[at] == sets
        found[hit] = self._values[first:last][at[hit]]
        return found

    def matches(self, selector: Selector, sets: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which of `sets` the selector selects."""
        selected = np.ones(len(sets), np.bool_)
        for requirement in selector.requirements:
            selected &= self._meets(requirement, self.values(requirement.key, sets))
        return selected

    def candidates(self, selector: Selector) -> NDArray[np.int64] | None:
        """Sets in order, all that the selector selects among them: those that its narrowest In lets through.

        None if no requirement wants values: then any set may be selected.
        """
        wanting = (r for r in selector.requirements if r.operator is Operator.IN)
        return min((self._having(r) for r in wanting), key=len, default=None)

    def _having(self, requirement: Requirement) -> NDArray[np.int64]:
        """The sets in order that have one of the values that the requirement names."""
        first, last = self._spans.get(requirement.key, (0, 0))
        wanted = np.array(sorted(self._codes[v] for v in requirement.values if v in self._codes), np.int64)
        begin, end = (
            first + np.searchsorted(self._values_in_order[first:last], wanted, side)
            for side in ("left", "right")
        )
        found = [self._sets_by_value[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
        return np.sort(np.concatenate([np.empty(0, np.int64), *found]))

    def _meets(self, requirement: Requirement, values: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which values (codes) meet the requirement; a text that no set has is no value."""
        wanted = [self._codes[text] for text in requirement.values if text in self._codes]
        if requirement.operator in (Operator.EXISTS, Operator.DOES_NOT_EXIST):
            met: NDArray[np.bool_] = values != ABSENT
        else:
            met = values == wanted[0] if len(wanted) == 1 else np.isin(values, wanted)
        # A set without the key is selected by NotIn: labels.Requirement returns true where the key is absent
        negative = requirement.operator in (Operator.NOT_IN, Operator.DOES_NOT_EXIST)
        return ~met if negative else met


def covers(selectors: Sequence[Selector], always: str | None = None) -> bool:
    """Whether every possible set of labels is selected by at least one of `selectors`.

    `always` is a key that every set has (with any value). Exact; the work may
    double with each selector, so callers bound their number.
    """
    # Looks for a set of labels that each selector misses: each must fail in one of its requirements.
    # For each key it keeps which of its values are still possible: those that selectors mention,
    # None for any other text, ABSENT.
    mentioned: dict[str, set[str | int | None]] = {}
    for selector in selectors:
        for requirement in selector.requirements:
            domain = mentioned.setdefault(requirement.key, {None, ABSENT})
            domain.update(requirement.values)
    if always in mentioned:
        mentioned[always].discard(ABSENT)
    possible = {key: frozenset(domain) for key, domain in mentioned.items()}
    return not _escapes(sorted(selectors, key=lambda s: len(s.requirements)), possible)


@lru_cache(maxsize=1 << 16)
def implies(narrow: Selector, wide: Selector, always: str | None = None) -> bool:
    """Whether every possible set of labels that `narrow` selects is selected by `wide` too; exact.

    `always` is as for `covers`.
    """
    if wide.empty or narrow == wide:
        return True
    # what `narrow` does not select fails in one of its requirements
    others = (msgspec.structs.replace(r, operator=_CONTRARY[r.operator]) for r in narrow.requirements)
    return covers([wide, *(Selector((other,)) for other in others)], always)


def of_both(namespaces: Selector, pods: Selector) -> Selector:
    """One selector on the labels of a pod and of its namespace together."""
    both = [msgspec.structs.replace(r, key=of_namespace(r.key)) for r in namespaces.requirements]
    return Selector((*both, *pods.requirements))


def of_namespace(key: str) -> str:
    """The key of a namespace's label, where those of pods stand too: no label has a blank in its key."""
    return f"namespace {key}"


def _escapes(selectors: Sequence[Selector], possible: dict[str, frozenset[str | int | None]]) -> bool:
    if not selectors:
        return True
    for requirement in selectors[0].requirements:
        failing = frozenset(value for value in possible[requirement.key] if not _meets(requirement, value))
        if failing and _escapes(selectors[1:], possible | {requirement.key: failing}):
            return True
    return False


def _meets(requirement: Requirement, value: str | int | None) -> bool:
    """Whether a label of that value (a text, None for one that nothing mentions, ABSENT) meets it."""
    if value is None:
        # any text that no selector mentions stands for all of them
        return requirement.operator in (Operator.NOT_IN, Operator.EXISTS)
    return requirement.matches(None if value == ABSENT else str(value))
