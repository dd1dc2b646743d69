"""Policies as they were read but for the part that a check found wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec
import pandas as pd

from audit.checks._manifests import applicable, document
from audit.facts import Facts

Path: TypeAlias = tuple[str | int, ...]

_SERVER_SIDE: Final = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
    "selfLink",
)
"""Fields of metadata that the API server sets, and that kubectl must not send."""


class Edit(NamedTuple):
    """What to put at `path` of an object; at a place in a list, these in its place."""

    path: Path
    values: tuple[object, ...]


class Mend(NamedTuple):
    """How to mend one row: the number of its policy, and what to change there."""

    number: int
    edits: tuple[Edit, ...]


def corrections(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row its policy with all parts mended that this check found wrong in it."""
    mends = [mend if isinstance(mend, Mend) else None for mend in failed["mend"].tolist()]
    edits: dict[int, list[Edit]] = {}
    for mend in mends:
        if mend is not None:
            edits.setdefault(mend.number, []).extend(mend.edits)
    texts = dict(
        zip(edits, corrected_texts(facts, {n: (_mended(e), e) for n, e in edits.items()}), strict=True)
    )
    return ["" if mend is None else texts[mend.number] for mend in mends]


def corrected_texts(facts: Facts, edits: Mapping[int, tuple[str, Sequence[Edit]]]) -> Iterator[str]:
    """The policies of those numbers with parts changed, each under its name and the text beside."""
    for (number, (what, changes)), obj in zip(edits.items(), policy_objects(facts, list(edits)), strict=True):
        # from the back, so that what is put in a list's place does not move what comes before
        by_path = {edit.path: edit for edit in changes}
        for edit in sorted(by_path.values(), key=lambda edit: _order(edit.path), reverse=True):
            _apply(obj, edit)
        policy = facts.cluster.policies[number]
        yield applicable(f"NetworkPolicy {policy.namespace}/{policy.name} {what}", [document(obj)])


def policy_objects(facts: Facts, numbers: Sequence[int]) -> Iterator[dict[str, object]]:
    """The policies of those numbers as `kubectl apply` takes them; what a list's items leave out is there."""
    rows = facts.cluster.policy_rows.iloc[list(numbers)]
    columns = (rows[c].tolist() for c in ("api_version", "kind", "namespace", "object"))
    for version, kind, namespace, text in zip(*columns, strict=True):
        found: dict[str, object] = {"apiVersion": version, "kind": kind, **msgspec.json.decode(text)}
        metadata = found.get("metadata")
        told = metadata if isinstance(metadata, dict) else {}
        kept = {key: value for key, value in told.items() if key not in _SERVER_SIDE}
        found["metadata"] = {**kept, "namespace": namespace}
        found.pop("status", None)
        yield found


def _mended(edits: Sequence[Edit]) -> str:
    paths = ", ".join(sorted({dotted(edit.path) for edit in edits}))
    return f"with {paths} mended; all else is as it was read."


def _apply(obj: object, edit: Edit) -> None:
    """Change `obj` where the edit says."""
    *way, last = edit.path
    node = at_path(obj, way)
    if isinstance(node, list) and isinstance(last, int):
        node[last : last + 1] = edit.values
    elif isinstance(node, dict):
        node[last] = edit.values[0]


def at_path(obj: object, path: Sequence[str | int]) -> object:
    """What is at `path` of `obj`; None where there is nothing."""
    for step in path:
        if isinstance(obj, dict):
            obj = obj.get(step)
        elif isinstance(obj, list) and isinstance(step, int) and step < len(obj):
            obj = obj[step]
        else:
            return None
    return obj


def dotted(path: Path) -> str:
    """`spec.ingress[0].ports[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _order(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]
