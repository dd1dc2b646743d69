"""What policies say of themselves: why their rules exist, whose they are, and when they last changed."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
import pandas as pd

from audit.settings import Annotations
from audit.shortening import shortened

_MANAGED: Final = '"managedFields"'
_MOST: Final = 1000
"""Characters of an annotation that are kept for tables; the whole of it stays in the snapshot."""


class Statement(NamedTuple):
    """Of one policy; what it does not say is empty."""

    justification: str
    owner: str
    """Its own annotation's, else its namespace's."""
    changed: str
    """When a field manager last changed it, RFC 3339; the time of its creation where none is named."""


class _Entry(msgspec.Struct):
    time: str | None = None
    subresource: str | None = None


class _Metadata(msgspec.Struct, rename="camel"):
    annotations: dict[str, str | None] | None = None
    managed_fields: list[_Entry | None] | None = None


class _Object(msgspec.Struct):
    metadata: _Metadata | None = None


_DECODER: Final = msgspec.json.Decoder(_Object)


def statements(policies: pd.DataFrame, owners: Mapping[str, str], keys: Annotations) -> list[Statement]:
    """Of each of `policies`, rows of POLICIES; `owners` are those of namespaces."""
    columns = (policies[c].astype("str").tolist() for c in ("object", "created", "namespace"))
    return [
        _statement(text, created, owners.get(namespace, ""), keys)
        for text, created, namespace in zip(*columns, strict=True)
    ]


def _statement(text: str, created: str, owner: str, keys: Annotations) -> Statement:
    if not (keys.justification in text or keys.owner in text or _MANAGED in text):
        return Statement("", owner, created)
    try:
        metadata = _DECODER.decode(text).metadata or _Metadata()
    except msgspec.ValidationError:  # a server would refuse it: policies-are-well-formed says so
        return Statement("", owner, created)
    told = metadata.annotations or {}
    # what a controller writes to the status is no change of the policy
    times = [one.time for one in metadata.managed_fields or () if one and one.time and not one.subresource]
    return Statement(
        _kept(told.get(keys.justification)), _kept(told.get(keys.owner)) or owner, max(times, default=created)
    )


def _kept(text: str | None) -> str:
    return shortened((text or "").strip(), _MOST)
