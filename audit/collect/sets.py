"""Sets of labels and of ports, each kept once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.collect.storage import storage
from audit.frames import NO_SET, Schema

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation that holds the whole object as applied, environment variables included; never kept."""
ANNOTATION_MAX: Final = 1024
"""Characters that are kept of an annotation's value."""

Element = tuple[str | int, ...]
_EMPTY: Final = b"[]"


class Sets:
    """Sets, numbered as they come, and by their content in the end. Set 0 is the empty one.

    Each is kept as JSON, the form in which most of them arrive: that is small, and told apart by its bytes.
    Equal sets may be written in two ways and have two numbers; in the end they have one.
    """

    def __init__(self, schema: Schema) -> None:
        """`schema` has the column `set` and then those of an element."""
        self._schema = schema
        self._numbers: dict[bytes, int] = {b"{}": 0, b"[]": 0, b"null": 0, b"": 0}
        self._contents: list[bytes] = [_EMPTY]

    def number(self, elements: Iterable[Element]) -> int:
        """The number of the set of these elements."""
        return self.number_of(msgspec.json.encode(sorted(elements)))

    def number_of_texts(self, texts: Mapping[str, str | None] | None) -> int:
        """The number of the set of pairs; null is the empty text."""
        return self.number_of(msgspec.json.encode(texts, order="sorted")) if texts else 0

    def number_of(self, raw: bytes) -> int:
        """The number of the set that this JSON is: an object of pairs, or an array of elements."""
        number = self._numbers.get(raw)
        if number is None:
            number = self._numbers[raw] = len(self._contents)
            self._contents.append(raw)
        return number

    def number_of_pairs(self, raw: bytes) -> int:
        """The number of the set of pairs that this JSON is; MsgspecError if it is anything else."""
        if raw and (raw not in self._numbers or raw == _EMPTY):
            msgspec.json.decode(raw, type=dict[str, str | None])
        return self.number_of(raw)

    def numbers_of_pairs(self, raws: Sequence[bytes]) -> list[int]:
        """The same of many, most of which were there before."""
        found = list(map(self._numbers.get, raws))
        if None in found or _EMPTY in raws:
            return list(map(self.number_of_pairs, raws))
        return cast("list[int]", found)

    def pairs(self, number: int) -> dict[str, str]:
        """The set of that number, where its elements are pairs of texts."""
        return dict(_elements(_canonical(self._contents[number])))  # type: ignore[arg-type]  # pairs of texts

    def finish(self, used: Iterable[NDArray[np.integer]]) -> tuple[pa.Table, NDArray[np.int32]]:
        """The table of the sets whose numbers are `used`, and the final number of each number.

        What was collected is given up on the way.
        """
        contents = self._contents
        self._numbers.clear()  # it holds the bytes of every set, also of those that are made canonical below
        wanted = np.zeros(len(contents), np.bool_)
        for numbers in used:
            wanted[numbers[numbers != NO_SET]] = True
        in_use = np.flatnonzero(wanted).tolist()
        for number in in_use:
            contents[number] = _canonical(contents[number])
        distinct = sorted({contents[number] for number in in_use} - {_EMPTY})
        place = {content: row for row, content in enumerate(distinct, 1)} | {_EMPTY: 0}
        final = np.zeros(len(contents) + 1, np.int32)
        final[NO_SET] = NO_SET
        final[in_use] = [place[contents[number]] for number in in_use]
        contents.clear()
        # Set by set, as all of them in pieces would take many times the memory
        columns = {column.name: storage(column.dtype) for column in self._schema.columns}
        stores = [store.append for store in columns.values()]
        for row, content in enumerate(distinct, 1):
            for element in _elements(content):
                for append, value in zip(stores, (row, *element), strict=True):
                    append(value)
        return self._schema.table({name: store.arrow() for name, store in columns.items()}), final


def _canonical(raw: bytes) -> bytes:
    """The set in the form of `Sets.number` and `number_of_texts`; from a server it comes in that form."""
    decoded = msgspec.json.decode(raw)
    if not isinstance(decoded, dict):
        return raw
    if b" " not in raw and None not in decoded.values() and list(decoded) == sorted(decoded):
        return raw
    told = {key: value or "" for key, value in decoded.items()}
    return msgspec.json.encode(told, order="sorted") if told else _EMPTY


def _elements(canonical: bytes) -> Iterable[Sequence[str | int]]:
    decoded = msgspec.json.decode(canonical)
    return decoded.items() if isinstance(decoded, dict) else decoded


def annotations(texts: Mapping[str, str | None] | None) -> dict[str, str]:
    """The annotations, less what is never kept."""
    return {k: (v or "")[:ANNOTATION_MAX] for k, v in (texts or {}).items() if k != LAST_APPLIED}
