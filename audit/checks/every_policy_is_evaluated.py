"""Policies of APIs that this version does not evaluate."""

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import EFFECTIVE
from audit.checks._model import Status
from audit.checks._subjects import subjects
from audit.facts import Facts
from audit.policy.kinds import GOVERNING
from audit.severity import Severity


@check(
    title="Every policy is evaluated",
    severity=Severity.HIGH,
    subject="policy",
    needs=("networkpolicies",),
    local=True,
    among=GOVERNING,
    controls=EFFECTIVE,
)
def every_policy_is_evaluated(facts: Facts) -> pd.DataFrame:
    """A policy that is seen and not understood may open what looks closed, or close what looks open.

    This version evaluates networking.k8s.io NetworkPolicies. Policies of other APIs that decide about
    addresses and ports make the verdicts on the pods that they could govern not assessed. Policies about
    requests, as service meshes have them, change nothing about who may connect.
    """
    rows = facts.policies
    others = ~rows["evaluated"].to_numpy()
    governs = rows["governs"].to_numpy() & others
    status = np.select(
        [governs, others], [Status.NOT_ASSESSED.value, Status.NOT_APPLICABLE.value], Status.PASSED.value
    )
    message = np.select(
        [governs, others], ["", "It decides nothing about addresses and ports."], "Evaluated."
    )
    message = message.astype(object)
    found = rows[governs]
    message[governs] = [
        f"{kind} {namespace}{'/' if namespace else ''}{name} ({version}) was seen, and this version does not "
        "evaluate it."
        for kind, namespace, name, version in zip(
            *(found[c].tolist() for c in ("kind", "namespace", "name", "api_version")), strict=True
        )
    ]
    keys = {c: rows[c] for c in ("kind", "namespace", "name", "source")}
    return subjects({**keys, "status": status, "message": message}, len(rows))
