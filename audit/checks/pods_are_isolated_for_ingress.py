"""Workloads with pods that no policy selects for ingress."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import CLOSED_TO_INGRESS, WITHIN_NAMESPACES
from audit.checks._isolation import judge
from audit.checks._remediation import deny_ingress
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="Pods are isolated for ingress",
    severity=Severity.HIGH,
    subject="workload",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    remediation=deny_ingress,
    controls=(*CLOSED_TO_INGRESS, *WITHIN_NAMESPACES),
)
def pods_are_isolated_for_ingress(facts: Facts) -> pd.DataFrame:
    """A pod that no policy selects for ingress accepts every connection.

    Whoever gets hold of one pod of the cluster reaches it on every port. Selection by any policy closes that;
    rules then open what is needed. Pods in their node's network, which no policy can govern, and finished
    pods do not count.
    """
    return judge(facts, Direction.INGRESS)
