"""Rules for ingress whose ipBlocks allow too many addresses."""

import pandas as pd

from audit.checks import check
from audit.checks._cidrs import judge
from audit.checks._controls import INBOUND
from audit.checks._on_purpose import PUBLISHERS
from audit.facts import Facts
from audit.policy.model import Direction
from audit.severity import Severity


@check(
    title="CIDRs of ingress rules are narrow",
    severity=Severity.HIGH,
    subject="policy rule",
    needs=("networkpolicies",),
    local=True,
    also=("nodes", "pods", "servicecidrs"),
    unless=PUBLISHERS,
    controls=INBOUND,
)
def ingress_cidrs_are_narrow(facts: Facts) -> pd.DataFrame:
    """An ipBlock that is wider than need be lets in machines that nobody thought of.

    Whole private ranges hold other teams, other clusters and the nodes, from where any pod can send through
    address translation; any address is the internet. What the blocks of one rule allow together counts, less
    what they except. Ports that a Service, an Ingress or a Gateway publishes of the very pods
    that the policy selects may be open to all.
    """
    return judge(facts, Direction.INGRESS)
