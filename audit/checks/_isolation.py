"""Workloads whose pods no policy selects: the check of each direction is this with its own words."""

from typing import Final

import numpy as np
import pandas as pd

from audit.checks._model import Status
from audit.checks._subjects import Values, counted, subjects
from audit.checks._words import OPEN, OPEN_PART
from audit.facts import Facts
from audit.language import number
from audit.policy.model import Direction

_HOST_ONLY: Final = "All its pods run in their node's network: see host-network-pods-are-accepted."
_NO_POLICY: Final = "There is no NetworkPolicy in all that was read: see namespace-denies-{}-by-default."


def workloads(facts: Facts) -> pd.DataFrame:
    """The frame WORKLOAD_FACTS with `kind` and `name` apart."""
    rows = facts.workloads
    parts = rows["workload"].str.partition("/")
    return rows.assign(kind=parts[0], name=parts[2])


def who(facts: Facts, rows: pd.DataFrame) -> list[str]:
    """What sentences call each of these workloads: `Deployment shop/web (6 pods)`."""
    templates = facts.pods.loc[facts.pods["template"], ["namespace", "workload"]].astype("str")
    pairs = set(templates.itertuples(index=False, name=None))
    columns = (rows[c].tolist() for c in ("namespace", "workload", "kind", "name", "pods"))
    return [
        f"{kind} {namespace}/{name} ({_pods((namespace, workload) in pairs, pods)})"
        for namespace, workload, kind, name, pods in zip(*columns, strict=True)
    ]


def judge(facts: Facts, direction: Direction) -> pd.DataFrame:
    """A row for each workload: fails if some pod that a policy could govern is selected by none."""
    rows = workloads(facts)
    isolated = rows[f"pods_{direction}_isolated"]
    governed = rows["pods"] - rows["host_network_pods"]
    lacking = (governed - isolated).to_numpy()
    conditions = [governed == 0, lacking == 0, np.full(len(rows), not facts.cluster.policies)]
    texts = [_HOST_ONLY, f"All its pods are isolated for {direction}.", _NO_POLICY.format(direction)]
    statuses = [Status.NOT_APPLICABLE, Status.PASSED, Status.NOT_APPLICABLE]
    status = np.select(conditions, [s.value for s in statuses], Status.FAILED.value)
    message = np.select(conditions, texts, "").astype(object)
    failed = status == Status.FAILED.value
    message[failed] = [
        _sentence(direction, *row)
        for row in zip(
            who(facts, rows[failed]), governed[failed].tolist(), lacking[failed].tolist(), strict=True
        )
    ]
    return told(rows, status, message)


def told(rows: pd.DataFrame, status: Values, message: Values, **columns: Values) -> pd.DataFrame:
    """A Judge's frame of workloads, as `workloads` has them."""
    names = {c: rows[c] for c in ("kind", "namespace", "name", "workload", "source")}
    return subjects({**names, "status": status, "message": message, **columns}, len(rows))


def _sentence(direction: Direction, who: str, governed: int, lacking: int) -> str:
    if lacking < governed:
        are = "is" if lacking == 1 else "are"
        open_to = OPEN_PART[direction]
        return f"{who}: {number(lacking)} of them {are} selected by no policy for {direction}, so {open_to}."
    return f"{who}: no policy selects it for {direction}, so {OPEN[direction]}."


def _pods(template: bool, pods: int) -> str:  # noqa: FBT001  # one word of a sentence
    return "its pod template" if template else counted(pods, "pod")
