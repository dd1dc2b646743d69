"""Policies of every API, verbatim."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from audit.collect import fit, objects
from audit.collect.columns import Subject
from audit.collect.fit import NOT_A_STRING, Trail, path_of, steps_of
from audit.collect.items import Item, ListedItem
from audit.collect.names import label_misfits
from audit.collect.sets import LAST_APPLIED
from audit.documents import DocumentError, Plain
from audit.policy.kinds import PolicyKind

NESTING_MAX: Final = 100
"""Containers within containers of an object that is kept verbatim; no policy API has nearly as many."""
_INTEGERS: Final = (-(2**63), 2**64)
"""From the first, below the second: integers that are written as such; one beyond keeps its text."""
_GENERATIONS: Final = 2**63

_METADATA_TEXTS: Final = frozenset(
    ("name", "namespace", "uid", "labels", "annotations", "creationTimestamp", "resourceVersion")
)
_SPEC_TEXTS: Final = frozenset(
    ("matchLabels", "key", "operator", "values", "cidr", "except", "protocol", "policyTypes")
)
"""Fields of a NetworkPolicy spec that are known to be strings, with what is in them."""


class _Entry(msgspec.Struct):
    manager: objects.Text = None


class _Metadata(objects.Metadata, rename="camel"):
    uid: objects.Text = None
    generation: int | None = None
    creation_timestamp: objects.Text = None
    resource_version: objects.Text = None
    managed_fields: list[_Entry | None] | None = None


class _Policy(msgspec.Struct, rename="camel"):
    """What all policies have; an object that fits has strings where Kubernetes wants them."""

    api_version: objects.Text = None
    kind: objects.Text = None
    metadata: _Metadata | None = None


class _Block(msgspec.Struct, rename="camel"):
    cidr: objects.Text = None
    excepts: list[objects.Text] | None = msgspec.field(name="except", default=None)


class _Peer(msgspec.Struct, rename="camel"):
    pod_selector: objects.LabelSelector | None = None
    namespace_selector: objects.LabelSelector | None = None
    ip_block: _Block | None = None


class _Port(msgspec.Struct, rename="camel"):
    protocol: objects.Text = None
    port: int | str | None = None
    end_port: int | None = None


class _Rule(msgspec.Struct, rename="camel"):
    sources: list[_Peer | None] | None = msgspec.field(name="from", default=None)
    to: list[_Peer | None] | None = None
    ports: list[_Port | None] | None = None


class _Spec(msgspec.Struct, rename="camel"):
    pod_selector: objects.LabelSelector | None = None
    policy_types: list[objects.Text] | None = None
    ingress: list[_Rule | None] | None = None
    egress: list[_Rule | None] | None = None


class _NetworkPolicy(_Policy, rename="camel"):
    spec: _Spec | None = None


def read_policy(subject: Subject, kind: PolicyKind, item: Item) -> tuple[object, ...]:
    """The columns of `frames.POLICIES` from `uid` on; DocumentError if the object is nested too deep."""
    policy, text = _quick(item, kind)
    if policy is None or text is None:
        tree = item.tree()
        policy, _ = fit.fit(tree, _Policy)  # what does not fit is found below
        subject.misfits.extend(fit.repeats(tree))
        text = verbatim(tree, subject, texts=kind.evaluated)
    told = policy.metadata or _Metadata()
    subject.named(told, namespaced=kind.scope == "namespaced")
    subject.misfits.extend(label_misfits(told.labels, "metadata.labels"))
    managers = dict.fromkeys(entry.manager for entry in told.managed_fields or [] if entry and entry.manager)
    number = told.generation or 0
    return (
        told.uid or "",
        number if 0 <= number < _GENERATIONS else 0,
        told.creation_timestamp or "",
        ",".join(managers),
        text,
    )


def _quick(item: Item, kind: PolicyKind) -> tuple[_Policy | None, str | None]:
    """The policy and its text, if nothing in it is odd. A server has looked at what it lists itself."""
    listed = isinstance(item, ListedItem)
    quick = item.quick(_Policy if listed or not kind.evaluated else _NetworkPolicy)
    # Keys in the order in which kubectl prints them: what is made of it is the same, live or from there
    return (quick[0], _quick_text(quick[1], "sorted" if listed else None)) if quick else (None, None)


def _is_shallow(text: str) -> bool:
    """With so few brackets in all, nothing is nested too deep; most objects need not be walked."""
    return text.count("{") + text.count("[") <= NESTING_MAX


def _quick_text(whole: dict[str, Any], order: Literal["sorted"] | None) -> str | None:
    """The JSON of an object without odd scalars; None where it needs the long way."""
    annotations = (whole.get("metadata") or {}).get("annotations") or {}
    annotations.pop(LAST_APPLIED, None)
    try:
        text = msgspec.json.encode(whole, order=order).decode()
    except (OverflowError, RecursionError):  # the first: an integer of over 64 bits
        return None
    return text if _is_shallow(text) or _depth(whole) <= NESTING_MAX else None


def _depth(whole: dict[str, Any]) -> int:
    """How deep containers lie in one another, as far as that is not beyond NESTING_MAX."""
    level: list[Any] = [whole]
    for depth in range(NESTING_MAX + 1):
        if not level:
            return depth
        level = [c for v in level for c in (v.values() if type(v) is dict else v) if type(c) in (dict, list)]
    return NESTING_MAX + 1


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
        steps = steps_of(trail)
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


def _is_port(steps: list[str | int]) -> bool:
    """Whether this is `spec.ingress[0].ports[0].port` or `endPort`."""
    return len(steps) == 6 and steps[3] == "ports" and steps[5] in ("port", "endPort")
