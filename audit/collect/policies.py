"""Policies of every API, verbatim."""

from collections.abc import Mapping
from typing import Final

import msgspec

from audit.collect import kinds
from audit.collect.columns import Subject
from audit.collect.fit import NOT_A_STRING, Trail, path_of
from audit.collect.sets import LAST_APPLIED
from audit.documents import DocumentError, Plain
from audit.policy.kinds import PolicyKind

NESTING_MAX: Final = 100
"""Containers within containers of an object that is kept verbatim; no policy API has nearly as many."""
_INTEGERS: Final = (-(2**63), 2**63)
"""What JSON readers of other languages can hold; a number beyond keeps its text."""

_METADATA_TEXTS: Final = frozenset(
    ("name", "namespace", "uid", "labels", "annotations", "creationTimestamp", "resourceVersion")
)
_SPEC_TEXTS: Final = frozenset(
    ("matchLabels", "key", "operator", "values", "cidr", "except", "protocol", "policyTypes")
)
"""Fields of a NetworkPolicy spec that are known to be strings, with what is in them."""


def read_policy(subject: Subject, kind: PolicyKind, tree: Mapping[str, object]) -> tuple[object, ...]:
    """The columns of `frames.POLICIES` from `uid` on; DocumentError if the object is nested too deep."""
    metadata = tree.get("metadata")
    told = metadata if isinstance(metadata, Mapping) else {}
    name, namespace, stem = (_text(told.get(part)) for part in ("name", "namespace", "generateName"))
    described = kinds.Described(name=name, namespace=namespace, generate_name=stem)
    subject.named(described, namespaced=kind.scope == "namespaced")
    generation = told.get("generation")
    number = generation.value if isinstance(generation, Plain) else 0
    return (
        _text(told.get("uid")),
        number if isinstance(number, int) and _INTEGERS[0] <= number < _INTEGERS[1] else 0,
        _text(told.get("creationTimestamp")),
        ",".join(_managers(told.get("managedFields"))),
        verbatim(tree, subject, texts=kind.evaluated),
    )


def verbatim(tree: Mapping[str, object], subject: Subject, *, texts: bool) -> str:
    """The object as JSON, without last-applied-configuration.

    Where Kubernetes wants strings, numbers and booleans keep their source text; that is everywhere in
    `texts` objects but for ports and the like. DocumentError if it is nested too deep.
    """
    plain = _plain(tree, None, _Verbatim(subject, texts=texts), 0)
    return msgspec.json.encode(plain).decode()


class _Verbatim:
    """What decides how scalars of an object are kept."""

    def __init__(self, subject: Subject, *, texts: bool) -> None:
        self.subject = subject
        self.texts = texts

    def scalar(self, value: Plain, trail: Trail) -> object:
        steps = _steps(trail)
        head = steps[0]
        if head == "metadata" and len(steps) > 1 and steps[1] in _METADATA_TEXTS:
            self.subject.refuse(path_of(trail), NOT_A_STRING)
            return str(value)
        if self.texts and (head in ("apiVersion", "kind") or (head == "spec" and not _is_port(steps))):
            if not _SPEC_TEXTS.isdisjoint(steps):
                self.subject.refuse(path_of(trail), NOT_A_STRING)
            return str(value)
        number = value.value
        if isinstance(number, float):
            return number if -float("inf") < number < float("inf") else str(value)
        return number if _INTEGERS[0] <= number < _INTEGERS[1] else str(value)


def _plain(value: object, trail: Trail, how: _Verbatim, depth: int) -> object:
    if depth > NESTING_MAX:
        raise DocumentError(1, f"nested over {NESTING_MAX} deep")
    if isinstance(value, Plain):
        return how.scalar(value, trail)
    if isinstance(value, Mapping):
        return {
            key: _plain(child, (trail, key), how, depth + 1)
            for key, child in value.items()
            if key != LAST_APPLIED
        }
    if isinstance(value, list):
        return [_plain(child, (trail, place), how, depth + 1) for place, child in enumerate(value)]
    return value


def _steps(trail: Trail) -> list[str | int]:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return steps[::-1]


def _is_port(steps: list[str | int]) -> bool:
    """Whether this is `spec.ingress[0].ports[0].port` or `endPort`."""
    return len(steps) == 6 and steps[3] == "ports" and steps[5] in ("port", "endPort")


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) else ""


def _managers(value: object) -> list[str]:
    entries = value if isinstance(value, list) else []
    names = [_text(entry.get("manager")) for entry in entries if isinstance(entry, Mapping)]
    return list(dict.fromkeys(filter(None, names)))
