"""Rules for egress whose ipBlocks allow too many addresses."""

import pandas as pd

from audit.checks import check
from audit.checks._cidrs import judge
from audit.checks._controls import OUTBOUND
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="CIDRs of egress rules are narrow",
    severity=Severity.MEDIUM,
    subject="policy rule",
    needs=("networkpolicies",),
    local=True,
    also=("nodes", "pods", "servicecidrs"),
    controls=OUTBOUND,
)
def egress_cidrs_are_narrow(facts: Facts) -> pd.DataFrame:
    """An ipBlock that is wider than need be lets pods connect to machines that nobody thought of.

    Whole private ranges hold other teams, other clusters and the nodes; any address is the internet, where
    data can be taken to. What the blocks of one rule allow together counts, less what they except.
    """
    return judge(facts, Direction.EGRESS)
