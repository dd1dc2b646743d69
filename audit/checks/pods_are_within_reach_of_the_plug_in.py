"""Workloads with pods that the network plug-in cannot govern."""

from collections import Counter, defaultdict
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit import language
from audit.checks import check
from audit.checks._controls import PLUG_IN
from audit.checks._isolation import told, who, workloads
from audit.checks._model import Status
from audit.checks._plug_in import enforcing, passed, untold
from audit.collect.workloads import template_name
from audit.enforcement import FARGATE, VIRTUAL, WINDOWS, Answer, Feature
from audit.facts import Facts
from audit.severity import Severity

_BARE: Final = "bare"
_ATTACHED: Final = "attached"
_WHERE: Final = {
    FARGATE: "on Fargate, where no plug-in enforces policies",
    VIRTUAL: "behind a virtual kubelet, where no plug-in enforces policies",
    WINDOWS: "on Windows nodes, where no plug-in enforces policies",
    _BARE: "without an owner, and the plug-in governs pods of controllers alone",
    _ATTACHED: "attached to further networks, where no policy of the cluster's own network holds",
}
_HOSTS: Final = "All its pods run in their node's network: see host-network-pods-are-accepted."


@check(
    title="Pods are within reach of the network plug-in",
    severity=Severity.MEDIUM,
    subject="workload",
    needs=("pods",),
    also=("nodes",),
    controls=PLUG_IN,
)
def pods_are_within_reach_of_the_plug_in(facts: Facts) -> pd.DataFrame:
    """Where no agent of the plug-in runs, or where it looks away, a policy has no effect on a pod.

    On Fargate, on Windows nodes and behind virtual kubelets most plug-ins enforce nothing, and AWS VPC CNI
    leaves out pods that no controller owns. Other interfaces than a pod's first are never governed: pods that
    ask for some are told.
    """
    nothing = untold(facts)
    if nothing is not None:
        return nothing
    rows = workloads(facts)
    out = _out(facts)
    hosts = (rows["host_network_pods"] == rows["pods"]).to_numpy()
    status, message = passed(facts, "The plug-in reaches all its pods.")
    statuses = np.where(hosts, Status.NOT_APPLICABLE.value, status.value).astype(object)
    messages = np.where(hosts, _HOSTS, message).astype(object)
    keys = zip(rows["namespace"].astype("str").tolist(), rows["workload"].tolist(), strict=True)
    found = [place for place, key in enumerate(keys) if key in out]
    for place, called in zip(found, who(facts, rows.iloc[found]), strict=True):
        row = rows.iloc[place]
        counts = out[str(row["namespace"]), str(row["workload"])]
        why = " and ".join(_WHERE[kind] for kind in counts)
        number = sum(counts.values())
        some = (
            "it is"
            if number == row["pods"]
            else f"{language.number(number)} of them {'is' if number == 1 else 'are'}"
        )
        statuses[place], messages[place] = Status.FAILED.value, f"{called}: {some} {why}."
    return told(rows, statuses, messages)


def _out(facts: Facts) -> dict[tuple[str, str], Counter[str]]:
    """For each workload how many of its pods are out of reach, by why."""
    beyond = {
        node: pool.beyond
        for pool in facts.pools
        if pool.beyond and pool.verdict.answer is Answer.NOT_ENFORCED
        for node in pool.nodes or ()
    }
    bare = [pool for pool in enforcing(facts) if Feature.BARE_PODS in pool.verdict.abilities.ignores]
    everywhere = any(pool.nodes is None for pool in bare)
    nodes = {node for pool in bare for node in pool.nodes or ()}
    pods = facts.cluster.pods
    kinds = np.array([*(beyond.get(str(node), "") for node in pods["node"].cat.categories), ""], dtype=object)
    why = kinds[pods["node"].cat.codes.to_numpy()]
    alone = (pods["workload_kind"] == "Pod") & (pods["node"].isin(nodes) | everywhere) & ~pods["template"]
    why[alone.to_numpy() & (why == "")] = _BARE
    why[_attached(facts) & (why == "")] = _ATTACHED
    why[pods["host_network"].to_numpy()] = ""
    found = facts.pods.loc[why != "", ["namespace", "workload"]].astype("str")
    out: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for key, kind in zip(found.itertuples(index=False, name=None), why[why != ""].tolist(), strict=True):
        out[key][kind] += 1
    return out


def _attached(facts: Facts) -> NDArray[np.bool_]:
    """Which pods ask for networks beside the cluster's own."""
    pods, attached = facts.cluster.pods, facts.snapshot["attached"]
    found = np.zeros(len(pods), np.bool_)
    columns = (attached[c].astype("str").tolist() for c in ("kind", "namespace", "name"))
    wanted = {
        (namespace, name if kind == "Pod" else template_name(kind, name))
        for kind, namespace, name in zip(*columns, strict=True)
    }
    if wanted:
        near = np.flatnonzero(pods["namespace"].isin({namespace for namespace, _ in wanted}))
        keys = pods.iloc[near][["namespace", "name"]].astype("str").itertuples(index=False, name=None)
        found[near] = [key in wanted for key in keys]
    return found
