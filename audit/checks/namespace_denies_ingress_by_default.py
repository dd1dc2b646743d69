"""Namespaces that do not deny ingress by default."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import BETWEEN_NAMESPACES, CLOSED_TO_INGRESS
from audit.checks._default_deny import judge
from audit.checks._remediation import deny_ingress
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="Namespaces deny ingress by default",
    severity=Severity.HIGH,
    subject="namespace with pods",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    remediation=deny_ingress,
    controls=(*CLOSED_TO_INGRESS, *BETWEEN_NAMESPACES),
)
def namespace_denies_ingress_by_default(facts: Facts) -> pd.DataFrame:
    """A namespace that denies ingress by default stays closed for pods that are yet to come.

    Somebody will deploy a pod that nobody wrote a policy for. Only a policy that selects every pod closes it,
    or policies whose selectors together cover all labels: that all pods of today happen to be selected says
    nothing of the next one.
    """
    return judge(facts, Direction.INGRESS, Severity.HIGH)
