"""Node pools on which policies have no effect."""

from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._controls import PLUG_IN
from audit.checks._model import Status
from audit.checks._plug_in import enforcing
from audit.checks._subjects import cluster, counted, of_rows
from audit.enforcement import ALL, Answer, Pool
from audit.facts import Facts
from audit.severity import Severity

_ONCE: Final = "Once these manifests are applied, policies have"


@check(
    title="The network plug-in enforces policies",
    severity=Severity.CRITICAL,
    subject="node pool",
    needs=(),
    controls=PLUG_IN,
)
def plug_in_enforces_policies(facts: Facts) -> pd.DataFrame:
    """A policy is a wish: a network plug-in that does not implement it ignores it without a word.

    Then every pod is open, however good the policies are, and kubectl shows them all the same. The API has no
    status for it, so it is inferred from what runs on the nodes: the plug-in, its settings, and whether its
    agent is ready on each node. What enforces cannot always be told, and then it is not assessed.
    """
    some = bool(enforcing(facts))
    if not some and all(pool.verdict.answer is Answer.CANNOT_TELL for pool in facts.pools):
        reasons = dict.fromkeys(pool.verdict.reason for pool in facts.pools)
        return cluster(Status.NOT_ASSESSED, " ".join(reasons))
    return of_rows([_row(pool, some=some) for pool in facts.pools])


def _row(pool: Pool, *, some: bool) -> dict[str, object]:
    verdict = pool.verdict
    if pool.beyond and verdict.answer is Answer.NOT_ENFORCED and some:
        status = Status.NOT_APPLICABLE
        message = f"{verdict.reason} See pods-are-within-reach-of-the-plug-in."
    elif verdict.answer is Answer.NOT_ENFORCED:
        status = Status.FAILED
        start = f"{_called(pool)}: policies have" if verdict.applied else _ONCE
        message = f"{start} no effect. {verdict.reason}"
    elif verdict.answer is Answer.ENFORCED:
        status = Status.PASSED
        message = f"{verdict.plugin} enforces policies. {verdict.reason}"
    else:
        status, message = Status.NOT_ASSESSED, verdict.reason
    return {"kind": "NodePool", "name": pool.name, "status": status.value, "message": message}


def _called(pool: Pool) -> str:
    if pool.name == ALL:
        return "The cluster"
    nodes = f" ({counted(pool.count, 'node')})" if pool.count is not None else ""
    return f"Node pool {pool.name}{nodes}"
