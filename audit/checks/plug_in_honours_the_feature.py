"""Rules that ask for what the network plug-in passes over."""

from collections.abc import Iterator

import pandas as pd

from audit.checks import check
from audit.checks._addresses import PodCells
from audit.checks._controls import PLUG_IN
from audit.checks._model import Status
from audit.checks._plug_in import plug_ins, unknown, untold
from audit.checks._rules import Row, RuleAt, judged, rules
from audit.enforcement import Feature
from audit.exposure.default_deny import is_whole
from audit.facts import Facts
from audit.policy.addresses import Block
from audit.policy.model import PortSpan, Rule
from audit.severity import Severity


@check(
    title="The network plug-in honours what rules ask for",
    severity=Severity.HIGH,
    subject="policy rule",
    needs=("networkpolicies", "pods"),
    controls=PLUG_IN,
)
def plug_in_honours_the_feature(facts: Facts) -> pd.DataFrame:
    """Plug-ins implement most of NetworkPolicy, and drop the rest without a word.

    Ranges of ports (endPort), SCTP, and blocks of addresses that hold the cluster's own pods are what some of
    them drop. The rule then opens less than it says: connections fail that the policy allows, and somebody
    opens more than is needed to mend that.
    """
    nothing = untold(facts)
    if nothing is not None:
        return nothing
    reason = unknown(facts)
    dropped = {
        (called, feature): effect
        for called, pool in plug_ins(facts)
        for feature, effect in pool.verdict.abilities.ignores.items()
    }
    pods = PodCells(facts)

    def verdict(at: RuleAt) -> list[Row]:
        asked = set(_asked(at.rule, pods))
        rows = [
            at.row(Status.FAILED, f"{at.called}: {called} drops {feature.value}. {effect}", feature.value)
            for (called, feature), effect in dropped.items()
            if feature in asked
        ]
        return rows or ([at.row(Status.NOT_ASSESSED, reason)] if reason else [])

    found = rules(facts, lambda rule: any(True for _ in _asked(rule, pods)))
    return judged(facts, found, verdict, "The plug-in honours what it asks for.")


def _asked(rule: Rule, pods: PodCells) -> Iterator[Feature]:
    """The features that a rule hangs on, of those that some plug-in drops."""
    for port in rule.ports or ():
        if port.protocol == "SCTP":
            yield Feature.SCTP
        if isinstance(port, PortSpan) and port.first < port.last and not is_whole(port):
            yield Feature.END_PORT
    for peer in rule.peers or ():
        # 0.0.0.0/0 means the world outside
        if isinstance(peer, Block) and peer.prefix and pods.some_in(peer):
            yield Feature.POD_BLOCKS
