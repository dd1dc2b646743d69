"""Sets of labels and of ports, each kept once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.collect.storage import Texts
from audit.frames import NO_SET, Schema
from audit.frames.schema import PIECE
from audit.shortening import shortened

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation that holds the whole object as applied, environment variables included; never kept."""
ANNOTATION_MAX: Final = 1024
"""Characters that are kept of an annotation's value, with those that say that there are more."""

Element = tuple[str | int, ...]
_EMPTY: Final = "[]"
_NOTHING: Final[Mapping[bytes, int]] = {b"{}": 0, b"null": 0, b"": 0}
_MEMO_MAX: Final = 1 << 13
"""Sets whose numbers are remembered: objects that share one mostly follow one another."""
_AT_ONCE: Final = 1024
"""Sets whose elements stand as objects before they are packed."""
_PAIRS: Final = msgspec.json.Decoder(dict[str, str | None])


class Sets:
    """Sets, numbered as they come, and by their content in the end. Set 0 is the empty one.

    Each is kept as JSON, the form in which most of them arrive. Equal sets may have two numbers, where they
    are written in two ways or many others came in between; in the end they have one.
    """

    def __init__(self, schema: Schema) -> None:
        """`schema` has the column `set` and then those of an element."""
        self._schema = schema
        self._numbers = dict(_NOTHING)
        self._contents = Texts()
        self._contents.extend([_EMPTY])

    def number(self, elements: Iterable[Element]) -> int:
        """The number of the set of these elements."""
        found = sorted(elements)
        if not found:
            return 0
        raw = msgspec.json.encode(found)
        number = self._numbers.get(raw)
        return self._added(raw, raw.decode()) if number is None else number

    def number_of_texts(self, texts: Mapping[str, str | None] | None) -> int:
        """The number of the set of pairs; null is the empty text."""
        return self.number_of_pairs(msgspec.json.encode(texts, order="sorted")) if texts else 0

    def number_of_pairs(self, raw: bytes) -> int:
        """The number of the set of pairs that this JSON is; MsgspecError if it is anything else."""
        number = self._numbers.get(raw)
        return self._added(raw, _canonical(raw.decode(), _PAIRS.decode(raw))) if number is None else number

    def numbers_of_pairs(self, raws: Sequence[bytes]) -> list[int]:
        """The same of many, most of which were there before."""
        return [
            self.number_of_pairs(raw) if number is None else number
            for raw, number in zip(raws, map(self._numbers.get, raws), strict=True)
        ]

    def _added(self, raw: bytes, content: str) -> int:
        """The number of a further set."""
        if len(self._numbers) >= _MEMO_MAX:
            self._numbers = dict(_NOTHING)
        number = self._numbers[raw] = len(self._contents)
        self._contents.extend([content])
        return number

    def pairs(self, number: int) -> dict[str, str]:
        """The set of that number, where its elements are pairs of texts."""
        decoded = msgspec.json.decode(self._contents[number])
        return {key: value or "" for key, value in decoded.items()} if decoded else {}

    def finish(self, used: Iterable[NDArray[np.integer]]) -> tuple[Iterator[pa.Table], NDArray[np.int32]]:
        """The table of the sets whose numbers are `used`, in pieces, and the final number of each number.

        What was collected is given up on the way.
        """
        self._numbers.clear()
        wanted = np.zeros(len(self._contents), np.bool_)
        for numbers in used:
            wanted[numbers[numbers != NO_SET]] = True
        in_use = np.flatnonzero(wanted)
        contents = [
            text
            for start in range(0, len(in_use), _AT_ONCE)
            for text in self._contents.taken(in_use[start : start + _AT_ONCE]).to_pylist()
        ]
        self._contents = Texts()
        distinct: list[str] = []
        final = np.zeros(len(wanted) + 1, np.int32)
        final[NO_SET] = NO_SET
        for place in sorted(range(len(contents)), key=contents.__getitem__):
            content = contents[place]
            if content != _EMPTY and (not distinct or distinct[-1] != content):
                distinct.append(content)
            final[in_use[place]] = 0 if content == _EMPTY else len(distinct)
        del contents
        return self._pieces(distinct), final

    def _pieces(self, distinct: list[str]) -> Iterator[pa.Table]:
        """The elements of these sets, from number 1 on; the sets are given up on the way."""
        columns: dict[str, list[str | int]] = {name: [] for name in self._schema.names}
        numbers, *others = columns.values()
        first = 1
        while distinct:
            decoded = list(map(msgspec.json.decode, distinct[:_AT_ONCE]))
            del distinct[:_AT_ONCE]
            sizes = list(map(len, decoded))
            numbers.extend(np.arange(first, first + len(sizes)).repeat(sizes).tolist())
            first += len(sizes)
            parts: Iterable[Iterable[str | int]] = zip(*chain.from_iterable(decoded), strict=True)
            if isinstance(decoded[0], dict):
                parts = chain.from_iterable(decoded), chain.from_iterable(map(dict.values, decoded))
            for column, part in zip(others, parts, strict=True):
                column.extend(part)
            while len(numbers) > PIECE:
                yield self._schema.table({name: column[:PIECE] for name, column in columns.items()})
                for column in columns.values():
                    del column[:PIECE]
        yield self._schema.table(columns)


def _canonical(text: str, pairs: dict[str, str | None]) -> str:
    """The set in the form that equal sets have in common; from a server it comes in that form."""
    if " " not in text and None not in pairs.values() and list(pairs) == sorted(pairs):
        return text
    told = {key: value or "" for key, value in pairs.items()}
    return msgspec.json.encode(told, order="sorted").decode() if told else _EMPTY


def annotations(texts: Mapping[str, str | None] | None) -> dict[str, str]:
    """The annotations, less what is never kept."""
    return {k: shortened(v or "", ANNOTATION_MAX) for k, v in (texts or {}).items() if k != LAST_APPLIED}
