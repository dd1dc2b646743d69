"""Policies that close what is exposed, but for what is published."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.checks import _dns
from audit.checks._corrections import Edit, Mend, corrections, policy_objects, port_object, without
from audit.checks._exposed import Exposed, Served
from audit.checks._manifests import Manifest, applicable, document
from audit.checks._remediation import MOST_KNOWN, deny_ingress, free_name, head, mirrored, told_whom
from audit.checks._subjects import counted
from audit.collect.names import label_misfits
from audit.exposure.services import label_texts
from audit.facts import Facts
from audit.listing import listed
from audit.policy.identities import Ints
from audit.policy.model import Direction, Operator, PortSpan, Requirement, Selector

_OF_CONTROLLERS: Final = (
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
)
"""Beginnings of labels that controllers set: the next pods have other values."""
_NAMING: Final = ("app", "app.kubernetes.io/name", "k8s-app", "name", "component")
_MOST_NAMED: Final = 6
_LONGEST: Final = 253
_NARROWED: Final = (
    "This closes, for the pods that it selects, every port that they neither publish nor declare."
)


def narrowed(facts: Facts, exposed: Exposed, workload: int) -> tuple[Mend, ...]:
    """How to take from rules the ports that none of the pods serves for which they are."""
    edits: dict[int, list[Edit]] = {}
    for number, place in dict.fromkeys(exposed.wide(workload)):
        policy = facts.cluster.policies[number]
        served = sorted(exposed.served(facts.cluster.pods_of(facts.cluster.engine.selected[number])))
        ports = [port_object(PortSpan(protocol, port, port)) for protocol, port in served]
        path = ("spec", Direction.INGRESS.value, place, "ports")
        found = [Edit(path, (ports,))] if ports else without(policy, Direction.INGRESS, place)
        edits.setdefault(number, []).extend(found)
    return tuple(Mend(number, tuple(found), _NARROWED) for number, found in sorted(edits.items()))


def close(facts: Facts, failed: pd.DataFrame) -> list[str]:
    """For each row a policy for its pods that opens what is published of them, or its policies narrowed."""
    texts = corrections(facts, failed)
    exposed, dns = Exposed(facts), _dns.find(facts)
    rows = facts.workloads
    number = {key: n for n, key in enumerate(zip(rows["namespace"].tolist(), rows["workload"], strict=True))}
    taken: dict[str, set[str]] = {}
    for policy in facts.cluster.policies:
        taken.setdefault(policy.namespace, set()).add(policy.name)
    keys = zip(failed["namespace"].astype("str").tolist(), failed["workload"].tolist(), strict=True)
    whole = [place for place, key in enumerate(keys) if failed["mend"].iloc[place] is None]
    denied: list[int] = []
    for place in whole:
        namespace, workload = str(failed["namespace"].iloc[place]), str(failed["workload"].iloc[place])
        found = _Selected.of(facts, exposed, namespace, number[namespace, workload])
        if found is None:
            denied.append(place)
            continue
        name = f"published-{workload.partition('/')[2]}"[:_LONGEST].rstrip("-.")
        name = free_name(taken.setdefault(namespace, set()), name)
        taken[namespace].add(name)
        texts[place] = found.policy(facts, exposed, name, dns)
    if denied:
        for place, text in zip(denied, deny_ingress(facts, failed.iloc[denied]), strict=True):
            texts[place] = text
    return texts


class _Selected:
    """The pods of a namespace that have the labels of a workload, all of them open for ingress."""

    def __init__(self, namespace: str, labels: dict[str, str], pods: Ints) -> None:
        self._namespace = namespace
        self._labels = labels
        self._pods = pods

    @staticmethod
    def of(facts: Facts, exposed: Exposed, namespace: str, workload: int) -> "_Selected | None":
        """Those that have what the workload's own have in common, by one label if that does.

        None where there is nothing of the kind, or isolated pods have it too: to open what is published would
        open those.
        """
        cluster = facts.cluster
        ends, sets = cluster.engine.ends, cluster.pods["labels"].to_numpy(np.int64)
        home = cluster.namespaces.index(namespace)
        there = np.flatnonzero((cluster.namespace_of_pod == home) & ~cluster.pods["host_network"].to_numpy())
        own = np.intersect1d(exposed.pods(workload), there)
        labels = _in_common(facts, np.unique(sets[own]).tolist())
        for few in (*({key: labels[key]} for key in sorted(labels, key=_preferred)), labels):
            wanted = (Requirement(key, Operator.IN, (value,)) for key, value in few.items())
            pods = there[ends.pod_labels.matches(Selector(tuple(wanted)), sets[there])]
            if few and (few is labels or np.array_equal(pods, own)):
                isolated = exposed.isolated[cluster.identity_of_pod[pods]].any()
                return None if isolated else _Selected(namespace, few, pods)
        return None

    def policy(self, facts: Facts, exposed: Exposed, name: str, dns: _dns.Dns) -> str:
        """What selects them and opens what is published of them, under a remark on what it closes."""
        workloads = np.unique(facts.workload_of_pod[self._pods]).tolist()
        ports = sorted({port for workload in workloads for port in exposed.published.get(workload, ())})
        home = facts.cluster.namespaces.index(self._namespace)
        possible = facts.possible[Direction.INGRESS]
        known = possible.known(home, MOST_KNOWN)
        objects = policy_objects(facts, [rule.policy for rule in known])
        rules: list[Manifest] = [{"ports": [_port(port) for port in ports]}]
        rules += [mirrored(facts, Direction.INGRESS, *each) for each in zip(known, objects, strict=True)]
        serves = self._namespace == dns.namespace and np.isin(self._pods, dns.pods).any()
        rules += [dns.rule_from()] if serves else []
        whose = listed([f"{key}={value}" for key, value in self._labels.items()], _MOST_NAMED)
        opened = listed([f"{protocol} {port}" for protocol, port in ports], _MOST_NAMED)
        kept = " What the policies of these pods allow stays open, too." if known else ""
        kept += " So does DNS for all pods." if serves else ""
        remark = (
            f"Closes ingress for {counted(len(self._pods), 'pod')} of namespace {self._namespace} with "
            f"{whose}, to which {told_whom(possible.with_whom(home))} may connect now; what is published, "
            f"{opened}, stays open to everyone.{kept}"
        )
        spec = {"podSelector": {"matchLabels": self._labels}, "policyTypes": ["Ingress"], "ingress": rules}
        return applicable(remark, [head(name, self._namespace) + document({"spec": spec})])


def _in_common(facts: Facts, sets: Sequence[int]) -> dict[str, str]:
    """The labels that all of these sets have, but for those that controllers set, and that are no labels."""
    texts = label_texts(facts.snapshot["labels"], sets)
    common = set.intersection(*(set(texts.get(each, {}).items()) for each in sets))
    return {
        key: value
        for key, value in sorted(common)
        if not key.startswith(_OF_CONTROLLERS) and not list(label_misfits({key: value}, ""))
    }


def _preferred(key: str) -> tuple[int, str]:
    """The order in which one label is tried: what is mostly meant to tell workloads apart first."""
    return (_NAMING.index(key) if key in _NAMING else len(_NAMING)), key


def _port(port: Served) -> Manifest:
    protocol, number = port
    return port_object(PortSpan(protocol, number, number))
