"""Policies of kinds that the network plug-in does not implement."""

import pandas as pd

from audit.checks import check
from audit.checks._controls import PLUG_IN
from audit.checks._model import Status
from audit.checks._plug_in import passed, plug_ins, untold
from audit.checks._subjects import of_rows
from audit.facts import Facts
from audit.policy.kinds import PolicyKind, find
from audit.severity import Severity


@check(
    title="The network plug-in knows the kind of each policy",
    severity=Severity.HIGH,
    subject="policy",
    needs=("networkpolicies",),
    controls=PLUG_IN,
)
def plug_in_knows_the_policy_kind(facts: Facts) -> pd.DataFrame:
    """A policy of a kind that the plug-in does not implement is an object in the API and nothing else.

    Definitions of such kinds are installed with other software, or stay behind when the plug-in is changed or
    upgraded: Calico knew AdminNetworkPolicy from 3.29 to 3.31 only. Nobody is told that nothing happens.
    """
    nothing = untold(facts)
    if nothing is not None:
        return nothing
    verdicts = {}
    rows = []
    columns = ("api_version", "kind", "namespace", "name", "source")
    objects = zip(*(facts.policies[c].tolist() for c in columns), strict=True)
    for api, kind, namespace, name, source in objects:
        known = find(api, kind)
        if known not in verdicts:
            verdicts[known] = _verdict(facts, known)
        status, message = verdicts[known]
        if status is Status.FAILED:
            message = f"{kind} {namespace}{'/' if namespace else ''}{name}: {message}"
        rows.append(
            {
                "kind": kind,
                "namespace": namespace,
                "name": name,
                "source": source,
                "status": status.value,
                "message": message,
            }
        )
    return of_rows(rows)


def _verdict(facts: Facts, kind: PolicyKind | None) -> tuple[Status, str]:
    if kind is None or not (kind.evaluated or kind.governs):
        return Status.NOT_APPLICABLE, "It decides nothing about addresses and ports."
    told = [(called, pool.verdict.abilities.implements(kind)) for called, pool in plug_ins(facts)]
    if lacking := [called for called, knows in told if knows is False]:
        called = " and ".join(lacking)
        return Status.FAILED, f"{called} does not implement {kind.kind} of {kind.group}: it has no effect."
    if open_to := [called for called, knows in told if knows is None]:
        called = " and ".join(open_to)
        message = f"Whether {called} implements {kind.kind} of {kind.group} cannot be told."
        return Status.NOT_ASSESSED, message
    return passed(facts, "The plug-in implements policies of this kind.")
