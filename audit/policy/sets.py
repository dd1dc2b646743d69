"""Connection sets by number, so that numpy can work on millions of them.

Each distinct set has a number; the result of an operation on a pair of numbers
is worked out once and looked up from then on.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audit.policy.ports import ALL, NONE, Connections, difference, intersection, union

Numbers = NDArray[np.int32]
Operation = Callable[[Connections, Connections], Connections]

NONE_NUMBER: Final = 0
ALL_NUMBER: Final = 1
_UNKNOWN: Final = -1
_MOST_IN_TABLE: Final = 4096
"""A table of results has the square of this many cells at most."""


class ConnectionSets:
    """Numbers for connection sets; NONE is 0 and ALL is 1."""

    def __init__(self) -> None:
        """Holds NONE and ALL."""
        self._sets: list[Connections] = [NONE, ALL]
        self._numbers = {NONE: NONE_NUMBER, ALL: ALL_NUMBER}
        self._tables: dict[Operation, NDArray[np.int32]] = {
            operation: np.full((16, 16), _UNKNOWN, np.int32)
            for operation in (union, intersection, difference)
        }

    def __getitem__(self, number: int) -> Connections:
        """The set of that number."""
        return self._sets[number]

    @property
    def count(self) -> int:
        """How many sets have a number."""
        return len(self._sets)

    def number(self, connections: Connections) -> int:
        """The number of a set, a new one for a set that was not seen before."""
        number = self._numbers.get(connections)
        if number is None:
            number = self._numbers[connections] = len(self._sets)
            self._sets.append(connections)
        return number

    def union(self, a: Numbers, b: Numbers | int) -> Numbers:
        """What is in either, pair by pair."""
        return self._apply(union, a, b)

    def intersection(self, a: Numbers, b: Numbers | int) -> Numbers:
        """What is in both, pair by pair."""
        return self._apply(intersection, a, b)

    def difference(self, a: Numbers, b: Numbers | int) -> Numbers:
        """What is in the first and not in the second, pair by pair."""
        return self._apply(difference, a, b)

    def _apply(self, operation: Operation, a: Numbers, b: Numbers | int) -> Numbers:
        table = self._table(operation)
        if table is None:
            return self._pair_by_pair(operation, *np.broadcast_arrays(a, b))
        result: Numbers = table[a, b]
        unknown = result == _UNKNOWN
        if unknown.any():
            first, second = np.broadcast_arrays(a, b)
            x, y = first[unknown], second[unknown]
            table[x, y] = self._pair_by_pair(operation, x, y)
            result = table[first, second]
        return result

    def _pair_by_pair(self, operation: Operation, a: Numbers, b: Numbers) -> Numbers:
        pairs, where = np.unique(a.astype(np.int64) * len(self._sets) + b, return_inverse=True)
        x, y = np.divmod(pairs, len(self._sets))
        made = [
            self.number(operation(self._sets[i], self._sets[j]))
            for i, j in zip(x.tolist(), y.tolist(), strict=True)
        ]
        return np.array(made, np.int32)[where].reshape(a.shape)

    def _table(self, operation: Operation) -> NDArray[np.int32] | None:
        """The results known so far, with room for every set that has a number; None if that is too much."""
        table = self._tables[operation]
        if len(self._sets) > _MOST_IN_TABLE:
            return None
        if len(table) < len(self._sets):
            size = min(2 * len(self._sets), _MOST_IN_TABLE)
            grown = np.full((size, size), _UNKNOWN, np.int32)
            grown[: len(table), : len(table)] = table
            self._tables[operation] = table = grown
        return table
