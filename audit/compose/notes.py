"""What checks say of policies and rules that passed: why a rule may be open, and the like."""

from collections.abc import Sequence

import pandas as pd

from audit.checks import CheckResult

_KEYS = ["namespace", "name", "rule"]


def with_notes(
    policies: pd.DataFrame, rules: pd.DataFrame, results: Sequence[CheckResult]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames POLICY_FACTS and RULE_FACTS, with the `notes` of those that have some."""
    found = [result.notes for result in results if len(result.notes)]
    if not found:
        return policies, rules
    notes = pd.concat(found, ignore_index=True).astype("str").drop_duplicates()
    told = notes.groupby(_KEYS)["message"].agg(" ".join)
    evaluated = policies["name"].where(policies["evaluated"], "")
    place = rules["direction"].astype("str") + "[" + rules["rule"].astype("str") + "]"
    return (
        policies.assign(notes=_told(told, policies["namespace"], evaluated, "")),
        rules.assign(notes=_told(told, rules["namespace"], rules["policy"], place)),
    )


def _told(told: pd.Series, namespace: pd.Series, name: pd.Series, rule: pd.Series | str) -> pd.Series:
    keys = pd.DataFrame({"namespace": namespace.astype("str"), "name": name, "rule": rule})
    return keys.join(told, on=_KEYS)["message"].fillna("")
