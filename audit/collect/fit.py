"""One decoder with two doors: bytes of JSON that fit are decoded at once, all else is fitted part by part.

What does not fit is named and left out, and the rest of the object counts. A
number or boolean where the API wants a string counts as it is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import inspect

from audit.documents import Plain, read_json_tree, repeated_keys

NOT_A_STRING: Final = "is a number or a boolean where the API wants a string: the API server would refuse it"

NOT_JSON: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, or not of the type that is asked for."""
GIVEN_TWICE: Final = "is given twice: the last one counts"


class Misfit(NamedTuple):
    """A part of an object that the API server would refuse."""

    path: str
    reason: str


Trail: TypeAlias = tuple[Any, str | int] | None
"""Where a value stands: the trail of what it stands in, and its key or index there."""
Reader: TypeAlias = Callable[[object, Trail, list[Misfit]], Any]
S = TypeVar("S", bound=msgspec.Struct)


def steps_of(trail: Trail) -> list[str | int]:
    """The keys and indices that lead there, from the root."""
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return steps[::-1]


def path_of(trail: Trail) -> str:
    """The trail as people write it: `spec.ports[0].name`."""
    return _path(steps_of(trail))


def _path(steps: Iterable[str | int]) -> str:
    written = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(written).removeprefix(".")


def repeats(tree: object) -> Iterator[Misfit]:
    """The keys that are given more than once, anywhere in a tree of `audit.documents`."""
    return (Misfit(_path(path), GIVEN_TWICE) for path in repeated_keys(tree))


def decode(raw: bytes | memoryview, wanted: type[S]) -> tuple[S, list[Misfit]]:
    """What a JSON object says; DocumentError if it cannot be read at all."""
    try:
        return msgspec.json.decode(raw, type=wanted), []
    except NOT_JSON:
        return fit(read_json_tree(bytes(raw)), wanted)


def fit(tree: object, wanted: type[S]) -> tuple[S, list[Misfit]]:
    """What a tree of `audit.documents` says."""
    misfits = list(repeats(tree))
    found = _struct_reader(wanted)(tree, None, misfits)
    return (wanted() if found is None else found), misfits


# Every reader returns None for what it leaves out: in these structs null is as good as absent.


def _read_text(value: object, trail: Trail, misfits: list[Misfit]) -> str | None:
    if isinstance(value, Plain):
        misfits.append(Misfit(path_of(trail), NOT_A_STRING))
        return str(value)
    if isinstance(value, str):
        return value
    misfits.append(_left_out(trail, "a string"))
    return None


def _read_int(value: object, trail: Trail, misfits: list[Misfit]) -> int | None:
    number = value.value if isinstance(value, Plain) else None
    if isinstance(number, bool) or number is None or number != number // 1:
        misfits.append(_left_out(trail, "an integer"))
        return None
    return int(number)


def _read_bool(value: object, trail: Trail, misfits: list[Misfit]) -> bool | None:
    truth = value.value if isinstance(value, Plain) else None
    if isinstance(truth, bool):
        return truth
    misfits.append(_left_out(trail, "true or false"))
    return None


def _read_int_or_text(value: object, trail: Trail, misfits: list[Misfit]) -> int | str | None:
    if isinstance(value, str) and not isinstance(value, Plain):
        return value
    return _read_int(value, trail, misfits)


def _left_out(trail: Trail, wanted: str) -> Misfit:
    reason = f"is not {wanted}: the API server would refuse it, and it is left out"
    return Misfit(path_of(trail), reason)


@lru_cache
def _struct_reader(wanted: type[msgspec.Struct]) -> Reader:
    info = inspect.type_info(wanted)
    fields = [(f.encode_name, f.name, _reader(f.type)) for f in info.fields]  # type: ignore[attr-defined]

    def read(value: object, trail: Trail, misfits: list[Misfit]) -> msgspec.Struct | None:
        if not isinstance(value, Mapping):
            misfits.append(_left_out(trail, "a mapping"))
            return None
        found = {}
        for written, name, reader in fields:
            child = value.get(written)
            if child is not None:
                found[name] = reader(child, (trail, written), misfits)
        return wanted(**found)

    return read


def _list_reader(element: Reader) -> Reader:
    def read(value: object, trail: Trail, misfits: list[Misfit]) -> list[Any] | None:
        if not isinstance(value, list):
            misfits.append(_left_out(trail, "a list"))
            return None
        return [
            None if child is None else element(child, (trail, place), misfits)
            for place, child in enumerate(value)
        ]

    return read


def _read_texts(value: object, trail: Trail, misfits: list[Misfit]) -> dict[str, str | None] | None:
    if not isinstance(value, Mapping):
        misfits.append(_left_out(trail, "a mapping"))
        return None
    found: dict[str, str | None] = {}
    for key, child in value.items():
        text = None if child is None else _read_text(child, (trail, key), misfits)
        if child is None or text is not None:
            found[key] = text
    return found


_SCALARS: Final[Mapping[frozenset[type[inspect.Type]], Reader]] = {
    frozenset((inspect.StrType,)): _read_text,
    frozenset((inspect.IntType,)): _read_int,
    frozenset((inspect.BoolType,)): _read_bool,
    frozenset((inspect.IntType, inspect.StrType)): _read_int_or_text,
    frozenset((inspect.DictType,)): _read_texts,
}


def _reader(info: inspect.Type) -> Reader:
    """The reader of a field's type; None among the types is what every reader allows."""
    choices = info.types if isinstance(info, inspect.UnionType) else (info,)
    meant = [choice for choice in choices if not isinstance(choice, inspect.NoneType)]
    if isinstance(meant[0], inspect.StructType):
        return _struct_reader(meant[0].cls)
    if isinstance(meant[0], inspect.ListType):
        return _list_reader(_reader(meant[0].item_type))
    return _SCALARS[frozenset(map(type, meant))]
