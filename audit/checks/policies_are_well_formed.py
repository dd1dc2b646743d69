"""Objects with a part that the API server would refuse."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._corrections import policy_object
from audit.checks._manifests import corrected, yaml_text
from audit.checks._model import Status
from audit.checks._rules import Row, policies
from audit.checks._subjects import listed, of_rows
from audit.collect.fit import NOT_A_STRING
from audit.exposure.cluster import EVALUATED_APIS
from audit.facts import Facts
from audit.policy.addresses import Address, parse_cidr
from audit.policy.parse import parse
from audit.policy.ports import PROTOCOLS
from audit.severity import Severity

_MOST: Final = 3
_KEYS: Final = ["api_version", "kind", "namespace", "name", "source"]


def _repaired(_facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each policy that can be repaired without guessing, what it then is."""
    return ["" if obj is None else _text(obj) for obj in failed["mend"].tolist()]


@check(
    title="Policies are well-formed",
    severity=Severity.MEDIUM,
    subject="policy, or any object that counts",
    needs=("networkpolicies",),
    remediation=_repaired,
)
def policies_are_well_formed(facts: Facts) -> pd.DataFrame:
    """What the API server would refuse, or drop, does not do what its author thinks.

    A misspelt field is dropped without a word by older servers, and what is left may allow everything or
    nothing. A part that is not valid is read here as one that matches nothing; the rest of the object counts.
    """
    numbers = {
        (at.policy.namespace, at.policy.name): at.number for at in policies(facts) if at.policy.defects
    }
    wrong = [
        _row(facts, dict(zip(_KEYS, map(str, key), strict=True)), group, numbers)
        for key, group in facts.defects.groupby(_KEYS, observed=True, sort=True)
    ]
    right = [
        at.row(Status.PASSED, "Nothing is wrong with it.") for at in policies(facts) if not at.policy.defects
    ]
    return of_rows([*wrong, *right])


def _row(
    facts: Facts, key: dict[str, str], defects: pd.DataFrame, numbers: Mapping[tuple[str, str], int]
) -> Row:
    kind, namespace, name = (key[column] for column in ("kind", "namespace", "name"))
    called = f"{kind} {namespace}{'/' if namespace else ''}{name}"
    told = [f"{path} {reason}" for path, reason in zip(defects["path"], defects["reason"], strict=True)]
    number = numbers.get((namespace, name)) if key["api_version"] in EVALUATED_APIS else None
    mend = None if number is None else _repair(facts, number, set(defects["reason"]))
    return {
        "kind": kind,
        "namespace": name if kind == "Namespace" else namespace,
        "name": name,
        "source": key["source"],
        "status": Status.FAILED.value,
        "message": f"{called}: {listed(told, _MOST)}.",
        "mend": mend,
    }


def _repair(facts: Facts, number: int, reasons: set[str]) -> dict[str, object] | None:
    """The policy with what can only be meant one way written that way; None if something remains wrong."""
    found = corrected(policy_object(facts, number))
    found["spec"] = _repaired_part(found.get("spec"))
    parsed = {defect.reason for defect in facts.cluster.policies[number].defects}
    # a label that is no string is one as soon as it is written down again, in quotes
    return found if not parse(found).defects and reasons <= {*parsed, NOT_A_STRING} else None


def _repaired_part(node: object) -> object:
    if isinstance(node, list):
        return [_repaired_part(child) for child in node]
    if not isinstance(node, dict):
        return node
    return {key: _repaired_field(key, _repaired_part(child)) for key, child in node.items()}


def _repaired_field(key: str, value: object) -> object:
    if key == "except" and isinstance(value, list):
        return [_canonical(cidr) for cidr in value]
    if not isinstance(value, str):
        return value
    if key == "cidr":
        return _canonical(value)
    if key == "protocol" and value.upper() in PROTOCOLS:
        return value.upper()
    return int(value) if key in ("port", "endPort") and value.isdecimal() else value


def _canonical(cidr: object) -> object:
    parsed = parse_cidr(cidr) if isinstance(cidr, str) else None
    return cidr if parsed is None else f"{Address(parsed[0].family, parsed[0].first)}/{parsed[1]}"


def _text(obj: Mapping[str, object]) -> str:
    return yaml_text("The policy with what is not valid written the way that it can be meant.", [obj])
