"""Namespaces that do not deny egress by default."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import BETWEEN_NAMESPACES, CLOSED_TO_EGRESS
from audit.checks._default_deny import judge
from audit.checks._remediation import deny_egress
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="Namespaces deny egress by default",
    severity=Severity.MEDIUM,
    subject="namespace with pods",
    needs=("pods", "networkpolicies"),
    verdict=True,
    local=True,
    remediation=deny_egress,
    controls=(*CLOSED_TO_EGRESS, *BETWEEN_NAMESPACES),
)
def namespace_denies_egress_by_default(facts: Facts) -> pd.DataFrame:
    """A namespace that denies egress by default keeps pods that are yet to come from reaching out.

    Somebody will deploy a pod that nobody wrote a policy for. Only a policy that selects every pod closes it,
    or policies whose selectors together cover all labels. DNS has to stay open: a deny comes with that one
    rule.
    """
    return judge(facts, Direction.EGRESS, Severity.MEDIUM)
