"""Policies as they were read but for the part that a check found wrong."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
import pandas as pd

from audit.checks._manifests import corrected, yaml_text
from audit.facts import Facts

Path: TypeAlias = tuple[str | int, ...]


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
    texts = {number: correction(facts, number, found, _mended(found)) for number, found in edits.items()}
    return ["" if mend is None else texts[mend.number] for mend in mends]


def correction(facts: Facts, number: int, edits: Sequence[Edit], what: str) -> str:
    """The policy of that number with these parts changed; `what` says it behind the policy's name."""
    obj = corrected(policy_object(facts, number))
    # from the back, so that what is put in a list's place does not move what comes before
    for edit in sorted(set_of(edits), key=lambda edit: _order(edit.path), reverse=True):
        apply(obj, edit)
    policy = facts.cluster.policies[number]
    remark = f"NetworkPolicy {policy.namespace}/{policy.name} {what}"
    return yaml_text(remark, [obj])


def _mended(edits: Sequence[Edit]) -> str:
    paths = ", ".join(sorted({dotted(edit.path) for edit in edits}))
    return f"with {paths} mended; all else is as it was read."


def policy_object(facts: Facts, number: int) -> dict[str, object]:
    """The policy of that number as it was read; what a list's items leave out is there."""
    row = facts.cluster.policy_rows.iloc[number]
    found: dict[str, object] = msgspec.json.decode(str(row["object"]))
    metadata = found.get("metadata")
    told = metadata if isinstance(metadata, dict) else {}
    return {
        "apiVersion": str(row["api_version"]),
        "kind": str(row["kind"]),
        **found,
        "metadata": {**told, "namespace": str(row["namespace"])},
    }


def set_of(edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits, one a path."""
    yield from {edit.path: edit for edit in edits}.values()


def apply(obj: object, edit: Edit) -> None:
    """Change `obj` where the edit says."""
    *way, last = edit.path
    node = obj
    for step in way:
        node = node[step]  # type: ignore[index]  # the path was read off this very object
    if isinstance(node, list) and isinstance(last, int):
        node[last : last + 1] = edit.values
    elif isinstance(node, dict):
        node[last] = edit.values[0]


def dotted(path: Path) -> str:
    """`spec.ingress[0].ports[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _order(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]
