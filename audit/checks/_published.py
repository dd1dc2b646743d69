"""What is published of pods, kept open where a policy closes all else of them."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audit.checks._corrections import port_object
from audit.checks._exposed import Exposed, Served
from audit.checks._likeness import OF_CONTROLLERS
from audit.checks._manifests import Manifest, document, free_name, head
from audit.collect.names import label_misfits
from audit.facts import Facts
from audit.frames.labels import label_texts
from audit.listing import listed
from audit.policy.identities import Ints
from audit.policy.model import Direction, Operator, PortSpan, Requirement, Selector

_NAMING: Final = ("app", "app.kubernetes.io/name", "k8s-app", "name", "component")
_LONGEST: Final = 253
_MOST_NAMED: Final = 3


class Selected(NamedTuple):
    """The pods of a namespace that have the labels of a workload, all of them open for ingress now."""

    namespace: str
    labels: dict[str, str]
    pods: Ints

    @property
    def selector(self) -> Manifest:
        """What selects them."""
        return {"matchLabels": self.labels}


class Published:
    """What is published of the pods of one cluster."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out yet."""
        self._facts = facts
        self.exposed = Exposed(facts)
        self._taken: dict[str, set[str]] = {}
        for policy in facts.cluster.policies:
            self._taken.setdefault(policy.namespace, set()).add(policy.name)
        self._sets = facts.cluster.pods["labels"].to_numpy(np.int64)
        self._governed = ~facts.cluster.pods["host_network"].to_numpy()
        self._number = {name: number for number, name in enumerate(facts.cluster.namespaces)}

    @cached_property
    def open_now(self) -> NDArray[np.bool_]:
        """The pods that no policy selects for ingress."""
        cluster = self._facts.cluster
        found: NDArray[np.bool_] = ~cluster.engine.isolated(Direction.INGRESS)[cluster.identity_of_pod]
        return found

    def selected(self, namespace: str, workload: int, is_open: NDArray[np.bool_]) -> Selected | None:
        """Those that have what the workload's own have in common, by one label if that does.

        None where there is nothing of the kind, or pods have it too that are not open now: to open what is
        published would open those.
        """
        ends = self._facts.cluster.engine.ends
        home = self._facts.cluster.namespace_of_pod == self._number[namespace]
        there = np.flatnonzero(home & self._governed)
        own = np.intersect1d(self.exposed.pods(workload), there)
        labels = _in_common(self._facts, np.unique(self._sets[own]).tolist()) if len(own) else {}
        for few in (*({key: labels[key]} for key in sorted(labels, key=_preferred)), labels):
            wanted = (Requirement(key, Operator.IN, (value,)) for key, value in few.items())
            pods = there[ends.pod_labels.matches(Selector(tuple(wanted)), self._sets[there])]
            if few and (few is labels or np.array_equal(pods, own)):
                return Selected(namespace, few, pods) if is_open[pods].all() else None
        return None

    def ports(self, selected: Selected) -> list[Served]:
        """The ports that are published of some of them."""
        workloads = np.unique(self._facts.workload_of_pod[selected.pods]).tolist()
        return sorted({port for workload in workloads for port in self.exposed.published.get(workload, ())})

    def policy(self, name: str, selected: Selected, rules: Sequence[Manifest] = ()) -> str:
        """A policy that selects them and opens what is published of them to everyone; with further rules."""
        ports = [port_object(PortSpan(*port, port[1])) for port in self.ports(selected)]
        spec: Manifest = {
            "podSelector": selected.selector,
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": ports}, *rules],
        }
        return head(name, selected.namespace) + document({"spec": spec})

    def name(self, namespace: str, workload: str) -> str:
        """A name for such a policy that no other has; `workload` is the workload's own."""
        taken = self._taken.setdefault(namespace, set())
        found = free_name(taken, f"published-{workload}"[:_LONGEST].rstrip("-."))
        taken.add(found)
        return found

    def kept_open(self, namespace: str, is_open: NDArray[np.bool_]) -> list[tuple[str, str]]:
        """The workloads of a namespace that publish something, each with a policy that keeps that open.

        The policy is empty where it would open more than that; of workloads with the same labels one has it.
        """
        return list(self._kept_open(namespace, is_open))

    def _kept_open(self, namespace: str, is_open: NDArray[np.bool_]) -> Iterator[tuple[str, str]]:
        told: set[tuple[tuple[str, str], ...]] = set()
        for workload in self._by_namespace.get(namespace, ()):
            if not (is_open & self._governed)[self.exposed.pods(workload)].any():
                continue
            kind, _, name = str(self._facts.workloads["workload"].iloc[workload]).partition("/")
            called = f"{kind} {name}"
            selected = self.selected(namespace, workload, is_open)
            if selected is None:
                yield called, ""
                continue
            labels = tuple(selected.labels.items())
            if labels not in told:
                told.add(labels)
                yield called, self.policy(self.name(namespace, name), selected)

    @cached_property
    def _by_namespace(self) -> dict[str, list[int]]:
        """The workloads of each namespace that something leads to."""
        names = self._facts.workloads["namespace"].astype("str").tolist()
        found: dict[str, list[int]] = {}
        for workload in sorted(self.exposed.led_to):
            found.setdefault(names[workload], []).append(workload)
        return found


def _in_common(facts: Facts, sets: Sequence[int]) -> dict[str, str]:
    """The labels that all of these sets have, but for those that controllers set, and that are no labels."""
    texts = label_texts(facts.snapshot["labels"], sets)
    common = set.intersection(*(set(texts.get(each, {}).items()) for each in sets))
    return {
        key: value
        for key, value in sorted(common)
        if key not in OF_CONTROLLERS and not list(label_misfits({key: value}, ""))
    }


def _preferred(key: str) -> tuple[int, str]:
    """The order in which one label is tried: what is mostly meant to tell workloads apart first."""
    return (_NAMING.index(key) if key in _NAMING else len(_NAMING)), key


def kept_words(kept: Sequence[tuple[str, str]]) -> str:
    """What is said of workloads that are kept open, and of those that are not, behind a blank."""
    told = ""
    for words, names in (
        ("What is published of {} stays open to everyone.", [called for called, text in kept if text]),
        ("What is published of {} is closed, too.", [called for called, text in kept if not text]),
    ):
        told += f" {words.format(listed(names, _MOST_NAMED))}" if names else ""
    return told
