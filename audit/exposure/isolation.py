"""Pods, workloads and namespaces: isolated or not, how far they reach, and default deny."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from audit.exposure.cluster import Cluster
from audit.exposure.default_deny import default_deny
from audit.exposure.reach import ReachOf
from audit.frames import (
    FINISHED_POD_FACTS,
    NAMESPACE_FACTS,
    POD_FACTS,
    POD_ISOLATION,
    WORKLOAD_FACTS,
)
from audit.policy.identities import Ints
from audit.policy.model import Direction


def pods(cluster: Cluster, unevaluated: Sequence[str]) -> pd.DataFrame:
    """The frame `POD_ISOLATION`; `unevaluated` has a text for each namespace."""
    rows, of_pod = cluster.pods, cluster.identity_of_pod
    hosts = rows["host_network"].to_numpy()
    columns: dict[str, object] = {
        "namespace": rows["namespace"],
        "pod": rows["name"],
        "workload": _workloads(rows),
        "host_network": hosts,
        "policies": spread(_policies(cluster), of_pod),
        "unevaluated_policies": spread(unevaluated, cluster.namespace_of_pod),
        "template": rows["template"],
    }
    for direction in Direction:
        isolated = cluster.engine.isolated(direction)[of_pod]
        columns[f"{direction}_isolated"] = pd.arrays.BooleanArray(isolated, hosts)
    return POD_ISOLATION.frame(columns)  # type: ignore[arg-type]  # extension arrays are sequences to pandas


def with_reach(cluster: Cluster, pods: pd.DataFrame) -> pd.DataFrame:
    """The frame `POD_FACTS` of `POD_ISOLATION` and `services`."""
    of_pod = np.where(pods["host_network"].to_numpy(), -1, cluster.identity_of_pod)
    columns = {}
    for direction in Direction:
        levels, outside = _reach(cluster, direction)
        columns[f"{direction}_pods"] = spread(levels, of_pod)
        columns[f"{direction}_external"] = spread(outside, of_pod)
    return POD_FACTS.conform(pods.assign(**columns))


def finished_pods(cluster: Cluster) -> pd.DataFrame:
    """The frame `FINISHED_POD_FACTS`."""
    rows = cluster.finished
    return FINISHED_POD_FACTS.frame(
        {
            "namespace": rows["namespace"],
            "pod": rows["name"],
            "workload": _workloads(rows),
            "phase": rows["phase"],
        }
    )


def workloads(
    cluster: Cluster, pod_facts: pd.DataFrame, unevaluated: Sequence[str], systems: frozenset[str]
) -> pd.DataFrame:
    """The frame `WORKLOAD_FACTS`: a row for each owner of pods that count."""
    rows = pod_facts.assign(
        governed=~pod_facts["host_network"],
        **{f"{d}_on": pod_facts[f"{d}_isolated"].fillna(value=False).astype("bool") for d in Direction},
        source=cluster.pods["source"],
    )
    grouped = rows.groupby(["namespace", "workload"], observed=True, sort=True)
    counted = grouped.agg(
        pods=("pod", "size"),
        governed=("governed", "sum"),
        pods_ingress_isolated=("ingress_on", "sum"),
        pods_egress_isolated=("egress_on", "sum"),
        source=("source", "first"),
    ).reset_index()
    text = dict(zip(cluster.namespaces, unevaluated, strict=True))
    namespaces = counted["namespace"].astype("str")
    return WORKLOAD_FACTS.frame(
        {
            **{c: counted[c] for c in counted.columns},
            "host_network_pods": counted["pods"] - counted["governed"],
            "system": namespaces.isin(systems),
            "unevaluated_policies": namespaces.map(text),
        }
    )


def namespaces(
    cluster: Cluster, unevaluated: Sequence[str], systems: frozenset[str], owners: Sequence[str]
) -> pd.DataFrame:
    """The frame `NAMESPACE_FACTS`; `owners` are those of the namespaces, in their order."""
    size = len(cluster.namespaces)
    governed = ~cluster.pods["host_network"].to_numpy()
    of_pod = cluster.namespace_of_pod[governed]
    count = np.bincount(of_pod, minlength=size)
    columns: dict[str, object] = {
        "namespace": cluster.namespaces,
        "system": [name in systems for name in cluster.namespaces],
        "pods": count,
        "policies": np.bincount(cluster.namespace_of_policy, minlength=size),
        "unevaluated_policies": unevaluated,
        "owner": owners,
    }
    for direction in Direction:
        isolated = cluster.engine.isolated(direction)[cluster.identity_of_pod][governed]
        on = np.bincount(of_pod[isolated], minlength=size)
        columns[f"pods_{direction}_isolated"] = on
        found = default_deny(cluster, direction, count, on)
        columns[f"default_deny_{direction}"] = [d.kind for d in found]
        columns[f"nullified_{direction}"] = [d.nullified for d in found]
    return NAMESPACE_FACTS.frame(columns)  # type: ignore[arg-type]  # lists and arrays of one length


def spread(words: Sequence[str], places: Ints) -> pd.Categorical:
    """The word of each place as a category; the place -1 has none, which is written as nothing."""
    texts, codes = np.unique(np.array([*words, ""], dtype=object), return_inverse=True)
    return pd.Categorical.from_codes(codes[places], categories=pd.Index(texts, dtype="str"))


def _workloads(rows: pd.DataFrame) -> pd.Series:
    return (rows["workload_kind"].astype("str") + "/" + rows["workload"]).astype("category")


def _policies(cluster: Cluster) -> list[str]:
    """For each identity the names of the policies that select it."""
    ends = cluster.engine.ends
    chosen: list[list[str]] = [[] for _ in range(len(ends.identities))]
    for policy, selected in zip(cluster.policies, cluster.engine.selected, strict=True):
        for identity in selected.tolist():
            chosen[identity].append(policy.name)
    return [",".join(sorted(names)) for names in chosen]


def _reach(cluster: Cluster, direction: Direction) -> tuple[list[str], list[str]]:
    """For each identity its words of `reach.LEVELS` and `reach.OUTSIDE`."""
    profiles, of_end = cluster.engine.profiles(direction)
    families = cluster.engine.ends.identities.families
    reach = ReachOf(cluster.engine, direction)
    pairs = list(zip(of_end[: len(families)].tolist(), families.tolist(), strict=True))
    found = {pair: reach.of(profiles[pair[0]], pair[1]) for pair in set(pairs)}
    return [found[pair][0] for pair in pairs], [found[pair][1] for pair in pairs]
