"""Pages of a list: what they say of themselves, and the same page with only what is read of its objects."""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from audit.collect import kinds, objects
from audit.collect.cluster.resources import Resource
from audit.collect.fit import NOT_JSON
from audit.collect.lean import LeanPod, ReducedPod

LARGE: Final = 64 << 20
"""Bytes from which on a page is not decoded as a whole: a list without pages may be of the whole cluster."""
_ENCODER: Final = msgspec.json.Encoder()


class ListMeta(msgspec.Struct, rename="camel"):
    """metadata of a list."""

    proceed: str | None = msgspec.field(name="continue", default=None)
    resource_version: str | None = None
    remaining_item_count: int | None = None


class RawPage(msgspec.Struct):
    """A page whose objects are not decoded."""

    kind: str | None = None
    metadata: ListMeta | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET


class Reduced(NamedTuple):
    """A page with only what is read of its objects."""

    meta: ListMeta
    body: bytes | bytearray


class NoListError(Exception):
    """A body that is not a list of what was asked for."""


def reduced(resource: Resource, body: bytearray) -> Reduced:
    """The page in that answer; NoListError if it is none. Where one object is odd, all is kept as it came."""
    of = LeanPod if resource.plural == "pods" else type_of(resource)
    if of and len(body) < LARGE:
        try:
            page = decoder(of).decode(body)
        except NOT_JSON:
            pass  # whoever makes rows of it reads each object for itself
        else:
            _require_list(page)
            return Reduced(page.metadata or ListMeta(), _ENCODER.encode(page))
    return Reduced(raw(body).metadata or ListMeta(), body)


def raw(body: bytes | bytearray) -> RawPage:
    """The page, its objects not decoded; NoListError if it is none."""
    try:
        page = msgspec.json.decode(body, type=RawPage)
    except NOT_JSON as error:
        raise NoListError("it is not valid JSON, or breaks off") from error
    _require_list(page)
    return page


def type_of(resource: Resource) -> type[objects.Readable] | None:
    """What objects of a resource are decoded to; None if they are kept otherwise."""
    known = kinds.KINDS.get((resource.group, resource.kind))
    return known.type if known else None


@lru_cache
def decoder(of: type[objects.Readable | LeanPod | ReducedPod]) -> "msgspec.json.Decoder[Any]":
    """Of pages of such objects."""
    page = msgspec.defstruct(
        f"{of.__name__}Page",
        [
            ("kind", str | None, None),
            ("metadata", ListMeta | None, None),
            ("items", list[of | None] | msgspec.UnsetType | None, msgspec.UNSET),  # type: ignore[valid-type]
        ],
        gc=False,
    )
    return msgspec.json.Decoder(page)


def _require_list(page: Any) -> None:  # noqa: ANN401  # one of the structs that are made for a kind
    if page.items is msgspec.UNSET:
        raise NoListError(f"it is a {page.kind}" if page.kind else "it has no items")
