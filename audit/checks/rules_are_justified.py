"""Policies that do not say why their rules exist."""

from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._controls import JUSTIFIED
from audit.checks._model import Status
from audit.checks._rules import of_policies
from audit.checks._subjects import cluster, counted
from audit.facts import Facts
from audit.severity import Severity

_NOWHERE: Final = "No policy has the annotation: that is one finding, of the cluster."


@check(
    title="Rules are justified",
    severity=Severity.LOW,
    subject="policy",
    needs=("networkpolicies",),
    controls=JUSTIFIED,
)
def rules_are_justified(facts: Facts) -> pd.DataFrame:
    """An auditor asks of each rule why it exists, and who says so: the policy itself is the place for it.

    An annotation of the policy, `segaudit.io/justification` unless another is configured, holds the reason in
    a sentence. Where no policy has it, that is one finding for the whole cluster. No YAML can mend it: the
    reason is for a person to write.
    """
    key = facts.settings.annotations.justification
    said = facts.policies.loc[facts.policies["evaluated"], "justification"].tolist()
    bare = [number for number, reason in enumerate(said) if not reason]
    if bare and len(bare) == len(said):
        count = counted(len(bare), "policy")
        message = f"No policy has the annotation {key} ({count}): no rule says why it exists."
        policies = of_policies(facts, bare, Status.NOT_APPLICABLE, _NOWHERE)
        return pd.concat([cluster(Status.FAILED, message), policies], ignore_index=True)
    whose = facts.policies.iloc[bare]
    names = zip(whose["namespace"].tolist(), whose["name"].tolist(), strict=True)
    told = [
        f"NetworkPolicy {n}/{name}: it has no annotation {key} that says why it exists." for n, name in names
    ]
    failed = of_policies(facts, bare, Status.FAILED, "").assign(message=pd.Series(told, dtype="str"))
    others = sorted(set(range(len(said))) - set(bare))
    passed = of_policies(facts, others, Status.PASSED, f"The annotation {key} says why.")
    return pd.concat([failed, passed], ignore_index=True)
