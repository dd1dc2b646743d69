"""Workloads with pods that no policy selects for egress."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import CLOSED_TO_EGRESS, WITHIN_NAMESPACES
from audit.checks._isolation import judge
from audit.checks._remediation import deny_egress
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="Pods are isolated for egress",
    severity=Severity.MEDIUM,
    subject="workload",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    remediation=deny_egress,
    controls=(*CLOSED_TO_EGRESS, *WITHIN_NAMESPACES),
)
def pods_are_isolated_for_egress(facts: Facts) -> pd.DataFrame:
    """A pod that no policy selects for egress may connect to everything.

    Other namespaces, the API server, the internet: that is how an intruder fetches tools, takes data out and
    goes on from pod to pod. Selection by any policy closes that; rules then open what is needed.
    """
    return judge(facts, Direction.EGRESS)
