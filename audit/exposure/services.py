"""Services and the pods that they select."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from audit.exposure.cluster import Cluster
from audit.exposure.isolation import spread
from audit.frames import SERVICE_FACTS
from audit.frames.labels import label_texts
from audit.policy.identities import Ints
from audit.policy.model import Operator, Requirement, Selector
from audit.snapshot import Snapshot


def services(snapshot: Snapshot, selected: Sequence[Ints]) -> pd.DataFrame:
    """The frame `SERVICE_FACTS`; `selected` has the pods that each Service selects."""
    rows, ports = snapshot["services"], snapshot["service_ports"]
    texts = ports["port"].astype("str") + "/" + ports["protocol"].astype("str") + " -> " + ports["target"]
    by_service = texts.groupby(ports["service"]).agg(", ".join)
    return SERVICE_FACTS.frame(
        {
            "namespace": rows["namespace"],
            "service": rows["name"],
            "type": rows["type"],
            "selects": [len(pods) for pods in selected],
            "ports": by_service.reindex(range(len(rows)), fill_value=""),
            "source": rows["source"],
        }
    )


def selected(snapshot: Snapshot, cluster: Cluster) -> list[Ints]:
    """For each Service the rows of the pods (`Cluster.pods`) that its selector selects.

    A Service without a selector, or with an empty one, selects none, unlike an empty podSelector.
    """
    index = cluster.engine.ends.pod_labels
    by_namespace = np.argsort(cluster.namespace_of_pod, kind="stable")
    bounds = np.searchsorted(cluster.namespace_of_pod[by_namespace], np.arange(len(cluster.namespaces) + 1))
    number = {name: i for i, name in enumerate(cluster.namespaces)}
    labels = cluster.pods["labels"].to_numpy()
    rows = snapshot["services"]
    selectors = selectors_of(snapshot["labels"], rows["selector"].tolist())
    found = []
    for namespace, selector in zip(rows["namespace"].tolist(), selectors, strict=True):
        pods = by_namespace[bounds[number[namespace]] : bounds[number[namespace] + 1]]
        found.append(pods[:0] if selector is None else pods[index.matches(selector, labels[pods])])
    return found


def of_pods(snapshot: Snapshot, selected: Sequence[Ints], pods: int) -> pd.Categorical:
    """For each of so many pods the names of the Services that select it, sorted, as one text."""
    texts = snapshot["services"]["name"].tolist()
    order = sorted(range(len(texts)), key=texts.__getitem__)
    pod = np.concatenate([np.empty(0, np.int64), *(selected[service] for service in order)])
    service = np.repeat(np.array(order, np.int64), [len(selected[number]) for number in order])
    by_pod = np.argsort(pod, kind="stable")
    service, bounds = service[by_pod], np.searchsorted(pod[by_pod], np.arange(pods + 1))
    count = np.diff(bounds)
    places = np.full(pods, -1)
    places[count == 1] = service[bounds[:-1][count == 1]]
    known: dict[bytes, int] = {}
    for row in np.flatnonzero(count > 1).tolist():  # few have several, and most of these the same
        its = service[bounds[row] : bounds[row + 1]]
        place = known.setdefault(its.tobytes(), len(texts))
        if place == len(texts):
            texts.append(",".join(texts[number] for number in its.tolist()))
        places[row] = place
    return spread(texts, places)


def selectors_of(labels: pd.DataFrame, sets: Sequence[int]) -> list[Selector | None]:
    """Each of `sets` as the selector that wants all its labels; None for no set and for the empty one."""
    texts = label_texts(labels, sets)
    return [
        Selector(tuple(Requirement(key, Operator.IN, (value,)) for key, value in texts[s].items()))
        if texts.get(s)
        else None
        for s in sets
    ]
