"""Objects with a part that the API server would refuse."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from audit.checks import check
from audit.checks._controls import EFFECTIVE
from audit.checks._corrections import policy_objects
from audit.checks._manifests import applicable, document
from audit.checks._model import Status
from audit.checks._rules import Row, with_passed
from audit.collect.fit import NOT_A_STRING
from audit.exposure.cluster import EVALUATED_APIS
from audit.exposure.policies import NOT_SERVED
from audit.facts import Facts
from audit.listing import listed
from audit.policy.model import Policy
from audit.policy.parse import parse
from audit.severity import Severity

_MOST: Final = 3
_KEYS: Final = ["api_version", "kind", "namespace", "name", "source"]


class _Policy(NamedTuple):
    """A policy with defects: its number, and the reasons of all that is wrong with it."""

    number: int
    reasons: frozenset[str]


def _repaired(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each policy that can be repaired without guessing, what it then is."""
    found: list[_Policy] = [mend for mend in failed["mend"].tolist() if mend is not None]
    objects = policy_objects(facts, [policy.number for policy in found])
    texts = {
        policy: _text(obj, facts.cluster.policies[policy.number], policy.reasons)
        for policy, obj in zip(found, objects, strict=True)
    }
    return ["" if mend is None else texts[mend] for mend in failed["mend"].tolist()]


@check(
    title="Policies are well-formed",
    severity=Severity.MEDIUM,
    subject="policy, or any object that counts",
    needs=("networkpolicies",),
    local=True,
    remediation=_repaired,
    controls=EFFECTIVE,
)
def policies_are_well_formed(facts: Facts) -> pd.DataFrame:
    """What the API server would refuse, or drop, does not do what its author thinks.

    A misspelt field is dropped without a word by older servers, and what is left may allow everything or
    nothing. A part that is not valid is read here as one that matches nothing; the rest of the object counts.
    """
    by_object: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    columns = (facts.defects[c].astype("str").tolist() for c in (*_KEYS, "path", "reason"))
    for *found, path, reason in zip(*columns, strict=True):
        by_object.setdefault(tuple(found), []).append((path, reason))
    numbers = {(policy.namespace, policy.name): i for i, policy in enumerate(facts.cluster.policies)}
    wrong, told = [], []
    for key, defects in by_object.items():
        version, kind, namespace, name, _ = key
        own = kind == "NetworkPolicy" and version in EVALUATED_APIS
        number = numbers.pop((namespace, name), None) if own else None
        wrong.append(_row(dict(zip(_KEYS, key, strict=True)), defects, number))
        told += [] if number is None else [number]
    return with_passed(facts, wrong, told, "Nothing is wrong with it.")


def _row(key: Mapping[str, str], defects: Sequence[tuple[str, str]], number: int | None) -> Row:
    """An object with all that is wrong with it; `number` is that of a NetworkPolicy."""
    kind, namespace, name = (key[column] for column in ("kind", "namespace", "name"))
    called = f"{kind} {namespace}{'/' if namespace else ''}{name}"
    told = [f"{path} {reason}" for path, reason in defects]
    mend = None if number is None else _Policy(number, frozenset(reason for _, reason in defects))
    return {
        "kind": kind,
        "namespace": name if kind == "Namespace" else namespace,
        "name": name,
        "source": key["source"],
        "status": Status.FAILED.value,
        "message": f"{called}: {listed(told, _MOST)}.",
        "mend": mend,
    }


def _text(obj: dict[str, object], policy: Policy, reasons: frozenset[str]) -> str:
    """The policy with what can be meant one way alone written that way; empty if something remains wrong."""
    # a label that is no string is one as soon as it is written down again, in quotes
    known = {NOT_A_STRING, NOT_SERVED, *(defect.reason for defect in policy.defects)}
    if parse(obj).defects or not reasons <= known:
        return ""
    remark = (
        f"NetworkPolicy {policy.namespace}/{policy.name} with what is not valid written as it can be meant."
    )
    return applicable(remark, [document(obj)])
