"""Sets of labels and of ports, each kept once."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.frames import NO_SET, Schema

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation that holds the whole object as applied, environment variables included; never kept."""
ANNOTATION_MAX: Final = 1024
"""Characters that are kept of an annotation's value."""


class Sets:
    """Sets, numbered as they come, and by their content in the end. Set 0 is the empty one."""

    def __init__(self, schema: Schema) -> None:
        """`schema` has the column `set` and then those of an element."""
        self._schema = schema
        self._width = len(schema.columns) - 1
        self._numbers: dict[tuple[str | int, ...], int] = {(): 0}
        self._contents: list[tuple[str | int, ...]] = [()]
        self._texts: dict[str, str] = {}

    def text(self, text: str) -> str:
        """`text`, one object for equal ones."""
        return self._texts.setdefault(text, text)

    def number(self, elements: Iterable[tuple[str | int, ...]]) -> int:
        """The number of the set of these elements."""
        # One flat tuple a set: pairs would cost the most of all where every pod has labels of its own
        flat = tuple(
            self.text(value) if isinstance(value, str) else value
            for element in sorted(elements)
            for value in element
        )
        number = self._numbers.setdefault(flat, len(self._contents))
        if number == len(self._contents):
            self._contents.append(flat)
        return number

    def pairs(self, number: int) -> dict[str, str]:
        """The set of that number, where its elements are pairs of texts."""
        flat = cast("tuple[str, ...]", self._contents[number])
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def finish(self, used: Iterable[NDArray[np.integer]]) -> tuple[pa.Table, NDArray[np.int32]]:
        """The table of the sets whose numbers are `used`, and the final number of each number."""
        wanted = np.zeros(len(self._numbers), np.bool_)
        for numbers in used:
            wanted[numbers[numbers != NO_SET]] = True
        wanted[0] = False
        contents = self._contents
        order = sorted(np.flatnonzero(wanted).tolist(), key=contents.__getitem__)
        final = np.zeros(len(contents) + 1, np.int32)
        final[NO_SET] = NO_SET
        final[order] = np.arange(1, len(order) + 1, dtype=np.int32)
        flat = [value for number in order for value in contents[number]]
        sizes = [len(contents[number]) // self._width for number in order]
        columns: dict[str, object] = {"set": np.repeat(np.arange(1, len(order) + 1), sizes)}
        for place, name in enumerate(self._schema.names[1:]):
            columns[name] = flat[place :: self._width]
        return self._schema.table(columns), final


def labels(texts: Mapping[str, str | None] | None) -> Iterable[tuple[str, str]]:
    """The elements of a set of labels; null is the empty text."""
    return ((key, value or "") for key, value in (texts or {}).items())


def annotations(texts: Mapping[str, str | None] | None) -> Iterable[tuple[str, str]]:
    """The elements of a set of annotations, less what is never kept."""
    return ((k, (v or "")[:ANNOTATION_MAX]) for k, v in (texts or {}).items() if k != LAST_APPLIED)
