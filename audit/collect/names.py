"""Names and labels that the API server refuses; the objects count all the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from audit.collect.fit import Misfit
from audit.policy.parse import is_label_key, is_label_value

LABEL_MAX: Final = 63
_SUBDOMAIN_MAX: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")
_LABELS_ALONE: Final = frozenset((("v1", "Namespace"), ("v1", "Service")))
"""API version and kind of objects whose names may have no dots."""


def name_misfits(api_version: str, kind: str, name: str) -> Sequence[Misfit]:
    """What is wrong with the name of an object of that kind: RFC 1123, a subdomain or a label of it."""
    if (api_version, kind) in _LABELS_ALONE:
        return _label_misfits("metadata.name", name)
    if len(name) <= _SUBDOMAIN_MAX and _SUBDOMAIN.fullmatch(name):
        return ()
    wanted = _wanted("lower-case letters, digits, hyphens and dots", _SUBDOMAIN_MAX)
    return (Misfit("metadata.name", wanted),)


@lru_cache(maxsize=1 << 14)
def namespace_misfits(namespace: str) -> Sequence[Misfit]:
    """What is wrong with the name of the namespace that an object says it is in."""
    return _label_misfits("metadata.namespace", namespace)


def label_misfits(labels: Mapping[str, str | None] | None, path: str) -> Iterator[Misfit]:
    """What is wrong with the labels that stand at `path`."""
    for key, value in (labels or {}).items():
        if not is_label_key(key):
            yield Misfit(path, f"has a key that is no label name, {key[:LABEL_MAX]!r}")
        elif not is_label_value(value or ""):
            yield Misfit(path, f"has a value that no label can have, at {key[-LABEL_MAX:]!r}")


def _label_misfits(path: str, name: str) -> Sequence[Misfit]:
    if len(name) <= LABEL_MAX and _LABEL.fullmatch(name):
        return ()
    return (Misfit(path, _wanted("lower-case letters, digits and hyphens", LABEL_MAX)),)


def _wanted(letters: str, most: int) -> str:
    return (
        f"must be {letters}, {most} characters at most, and begin and end with a letter or digit: "
        "the API server would refuse it"
    )
