"""Policies as they were read but for the part that a check found wrong."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import msgspec
import pandas as pd

from audit.checks._manifests import applicable, document
from audit.checks._repair import repaired
from audit.exposure.cluster import EVALUATED_APIS
from audit.facts import Facts
from audit.policy.model import Direction, NamedPort, Policy, Port, Selector
from audit.policy.parse import parse

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


def without(policy: Policy, direction: Direction, rule: int) -> list[Edit]:
    """What takes a rule from a policy. Its types are written, as it could have one for its rules alone."""
    types = [d.capitalize() for d in Direction if d in policy.types]
    return [Edit(("spec", "policyTypes"), (types,)), Edit(("spec", direction.value, rule), ())]


class Mend(NamedTuple):
    """How to mend one row: the number of its policy, and what to change there."""

    number: int
    edits: tuple[Edit, ...]
    closes: str = ""
    """What it closes that is open now, as a sentence."""


def what_selecting_closes(policy: Policy) -> str:
    """What a policy closes as soon as it selects pods, as a sentence."""
    types = " and ".join(d for d in Direction if d in policy.types)
    return f"This closes {types} for the pods that it then selects, but for what its rules and others allow."


def corrections(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row its policies with all parts mended that this check found wrong in them."""
    mends = [_each(mend) for mend in failed["mend"].tolist()]
    edits: dict[int, list[Edit]] = {}
    closes: dict[int, list[str]] = {}
    for mend in itertools.chain.from_iterable(mends):
        edits.setdefault(mend.number, []).extend(mend.edits)
        closes.setdefault(mend.number, []).append(mend.closes)
    whole = {number: (_mended(found, closes[number]), found) for number, found in edits.items()}
    return corrected_rows(facts, whole, [[mend.number for mend in mine] for mine in mends])


def _each(mend: object) -> Sequence["Mend"]:
    """The mends of one row: none, one, or those of all policies that a cause is found in."""
    if isinstance(mend, Mend):
        return (mend,)
    return mend if isinstance(mend, tuple) else ()


def corrected_rows(
    facts: Facts, edits: Mapping[int, tuple[str, Sequence[Edit]]], rows: Sequence[Iterable[int]]
) -> list[str]:
    """For each row its policies, by number, each once, as `_corrected_texts` has them; of no others any."""
    texts = dict(zip(edits, _corrected_texts(facts, edits), strict=True))
    return ["---\n".join(texts[n] for n in dict.fromkeys(mine) if texts.get(n)) for mine in rows]


def _corrected_texts(facts: Facts, edits: Mapping[int, tuple[str, Sequence[Edit]]]) -> Iterator[str]:
    """The policies of those numbers with parts changed, each under its name and the text beside."""
    for (number, (what, changes)), obj in zip(edits.items(), policy_objects(facts, list(edits)), strict=True):
        # from the back, so that what is put in a list's place does not move what comes before
        by_path = {edit.path: edit for edit in changes}
        for edit in sorted(by_path.values(), key=lambda edit: _order(edit.path), reverse=True):
            _apply(obj, edit)
        policy = facts.cluster.policies[number]
        if parse(obj).defects:
            yield ""  # a server would refuse it for what else is wrong: see policies-are-well-formed
            continue
        yield applicable(f"NetworkPolicy {policy.namespace}/{policy.name} {what}", [document(obj)])


def policy_objects(facts: Facts, numbers: Sequence[int]) -> Iterator[dict[str, object]]:
    """The policies of those numbers as `kubectl apply` takes them; what a list's items leave out is there.

    What is not valid and can be meant in one way alone is written that way, and the API is the one that every
    server has: no server has had extensions since Kubernetes 1.16.
    """
    rows = facts.cluster.policy_rows.iloc[list(numbers)]
    columns = (rows[c].tolist() for c in ("kind", "namespace", "object"))
    for kind, namespace, text in zip(*columns, strict=True):
        known: dict[str, object] = msgspec.json.decode(text)
        found = {"apiVersion": EVALUATED_APIS[0], "kind": kind}
        found |= {key: value for key, value in known.items() if key not in found}
        found["spec"] = repaired(known.get("spec"))
        metadata = found.get("metadata")
        told = metadata if isinstance(metadata, dict) else {}
        kept = {key: value for key, value in told.items() if key not in _SERVER_SIDE}
        found["metadata"] = {**kept, "namespace": namespace}
        found.pop("status", None)
        yield found


def _mended(edits: Sequence[Edit], closes: Sequence[str]) -> str:
    paths = ", ".join(sorted({dotted(edit.path) for edit in edits}))
    told = " ".join(dict.fromkeys(filter(None, closes)))
    return f"with {paths} mended; all else is as it was read.{' ' * bool(told)}{told}"


def selector_object(selector: Selector) -> dict[str, object]:
    """The selector as it is written in a manifest."""
    single = selector.single
    others = [r for r in selector.requirements if r not in single]
    labels = {r.key: r.values[0] for r in single}
    if len(labels) < len(single):
        labels, others = {}, list(selector.requirements)
    found: dict[str, object] = {"matchLabels": labels} if labels else {}
    if others:
        found["matchExpressions"] = [
            {"key": r.key, "operator": r.operator.value, **({"values": list(r.values)} if r.values else {})}
            for r in others
        ]
    return found


def port_object(port: Port) -> dict[str, object]:
    """An entry of a rule's ports as it is written in a manifest."""
    if isinstance(port, NamedPort):
        return {"protocol": port.protocol, "port": port.name}
    last = {"endPort": port.last} if port.last > port.first else {}
    return {"protocol": port.protocol, "port": port.first, **last}


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
