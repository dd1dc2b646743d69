"""Workloads with pods in their node's network."""

import numpy as np
import pandas as pd

from audit.checks import check
from audit.checks._controls import HOST_NETWORK
from audit.checks._isolation import told, who, workloads
from audit.checks._model import Status
from audit.facts import Facts
from audit.language import number
from audit.severity import Severity


@check(
    title="Pods in their node's network are accepted",
    severity=Severity.MEDIUM,
    subject="workload",
    needs=("pods",),
    local=True,
    controls=HOST_NETWORK,
)
def host_network_pods_are_accepted(facts: Facts) -> pd.DataFrame:
    """No policy holds for a pod in its node's network, and no policy's selector matches it.

    It has its node's address, listens on the node, and reaches what the node reaches. Some pods of the
    platform need that. Each one should be known, and accepted by somebody who signs for it.
    """
    rows = workloads(facts)
    hosts = rows["host_network_pods"].to_numpy()
    failed = hosts > 0
    message = np.full(len(rows), "None of its pods runs in its node's network.", dtype=object)
    found = rows[failed]
    message[failed] = [
        _sentence(*row)
        for row in zip(who(facts, found), found["pods"].tolist(), hosts[failed].tolist(), strict=True)
    ]
    return told(rows, np.where(failed, Status.FAILED.value, Status.PASSED.value), message)


def _sentence(who: str, pods: int, hosts: int) -> str:
    which = "runs" if hosts == pods else f"has {number(hosts)}"
    return (
        f"{who} {which} in the node's network, where no policy holds: take hostNetwork away, or accept it "
        "with a waiver."
    )
