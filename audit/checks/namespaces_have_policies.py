"""Namespaces without a single NetworkPolicy."""

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import HAS_POLICIES
from audit.checks._model import Status
from audit.checks._remediation import deny_ingress
from audit.checks._subjects import counted, subjects
from audit.facts import Facts
from audit.policy.kinds import GOVERNING
from audit.severity import Severity


@check(
    title="Namespaces have policies",
    severity=Severity.MEDIUM,
    subject="namespace",
    needs=("namespaces", "networkpolicies"),
    local=True,
    unless=GOVERNING,
    remediation=deny_ingress,
    controls=HAS_POLICIES,
)
def namespaces_have_policies(facts: Facts) -> pd.DataFrame:
    """A namespace without any NetworkPolicy has no segmentation at all.

    All that is there or will be there is open to everyone, and may connect to everything. Benchmarks ask for
    one policy in each namespace; whether what is there is enough is for the checks of default deny to say.
    """
    rows = facts.namespaces
    none = rows["policies"].to_numpy() == 0
    others = (rows["unevaluated_policies"] != "").to_numpy()
    status = np.select([~none, others], [Status.PASSED.value, Status.NOT_ASSESSED.value], Status.FAILED.value)
    columns = ("namespace", "pods", "policies", "unevaluated_policies")
    message = [
        f"{counted(policies, 'NetworkPolicy')}."
        if policies
        else f"No NetworkPolicy, but policies that this version does not evaluate: {unevaluated}."
        if unevaluated
        else _sentence(namespace, pods)
        for namespace, pods, policies, unevaluated in zip(*(rows[c].tolist() for c in columns), strict=True)
    ]
    names = {"namespace": rows["namespace"], "name": rows["namespace"]}
    return subjects({"kind": "Namespace", **names, "status": status, "message": message}, len(rows))


def _sentence(namespace: str, pods: int) -> str:
    if not pods:
        return f"Namespace {namespace} has no NetworkPolicy: a pod that is created here is open to every pod."
    return (
        f"Namespace {namespace} ({counted(pods, 'pod')}) has no NetworkPolicy, so nothing limits who "
        "connects to its pods, nor where they connect to."
    )
