"""What a selector that picks no pod was meant to pick: labels of other objects, or nearly those of pods."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.exposure.services import label_texts
from audit.facts import Facts
from audit.frames import NO_SET
from audit.policy.identities import Ints
from audit.policy.model import NOTHING, Operator, PodPeer, Requirement, Selector

_ASKING: Final = (Operator.IN, Operator.EXISTS)
_CONTROLLERS: Final = (
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "job-name",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
)
"""Labels that controllers put on pods; a policy that names one holds until the next roll-out."""


class Likeness(NamedTuple):
    """What a selector looks like."""

    what: str
    """`carries the labels of Service x/web`, to stand behind the selector."""
    labels: dict[str, str]
    """Those of the pods that were meant; empty where they are not known."""


class Objects:
    """Services, workloads and pods of one cluster, looked through for what a selector was meant to pick."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out before it is asked for."""
        self.facts = facts
        self._index = facts.cluster.engine.ends.pod_labels
        self._number = {name: i for i, name in enumerate(facts.cluster.namespaces)}

    def own(self, policy: int) -> Ints:
        """The namespace of the policy of that number, as the one that its podSelector is about."""
        return self.facts.cluster.namespace_of_policy[policy : policy + 1]

    def populated(self, namespaces: Ints) -> bool:
        """Whether there is a pod that counts in these namespaces."""
        return bool(len(self._pods.rows(namespaces)))

    def templates_only(self, namespaces: Ints) -> bool:
        """Whether all pods there stand for templates: controllers' own pods cannot be among them."""
        return bool(self.facts.cluster.pods["template"].to_numpy()[self._pods.rows(namespaces)].all())

    def picks(self, selector: Selector, namespaces: Ints) -> bool:
        """Whether any pod that counts carries the labels, one in its node's network too."""
        return bool(self._index.matches(selector, self._pods.sets(namespaces)).any())

    def mend(self, likeness: Likeness, namespaces: Ints) -> dict[str, object] | None:
        """The selector of the pods that were meant, where it picks some."""
        meant = Selector(tuple(Requirement(k, Operator.IN, (v,)) for k, v in likeness.labels.items()))
        return {"matchLabels": likeness.labels} if likeness.labels and self.picks(meant, namespaces) else None

    def finished(self, selector: Selector, namespaces: Ints) -> bool:
        """Whether a pod that has finished carries them."""
        return bool(self._index.matches(selector, self._finished.sets(namespaces)).any())

    def spaces(self, peer: PodPeer, own: int) -> Ints:
        """The namespaces that a peer is about, in a policy of namespace `own`."""
        if peer.namespaces is None:
            return np.array([own])
        return np.flatnonzero(self.facts.cluster.engine.ends.namespaces(peer.namespaces))

    def like(self, selector: Selector, namespaces: Ints) -> Likeness | None:
        """What a selector that picks no pod looks like, if it is of a Service or a workload."""
        if selector.empty or selector == NOTHING or self.picks(selector, namespaces):
            return None
        return self.service(selector, namespaces) or self.workload(selector, namespaces)

    def service(self, selector: Selector, namespaces: Ints) -> Likeness | None:
        """The Service whose labels, name or annotations the selector has, and not its selector."""
        if not any(r.operator in _ASKING for r in selector.requirements):
            return None
        rows = self._services.rows(namespaces)
        if not len(rows):
            return None
        services = self.facts.snapshot["services"]
        own = services["selector"].to_numpy()[rows]
        rows = rows[~((own > 0) & self._index.matches(selector, own))]
        for column in ("labels", "annotations"):
            alike = rows[self._index.matches(selector, services[column].to_numpy()[rows])]
            if len(alike):
                return self._like(f"carries the {column} of", int(alike[0]))
        single = {
            r.values[0] for r in selector.requirements if r.operator is Operator.IN and len(r.values) == 1
        }
        named = rows[services["name"].isin(single).to_numpy()[rows]]
        return self._like("carries the name of", int(named[0])) if len(named) else None

    def same_service(self, selector: Selector, namespaces: Ints) -> str | None:
        """A Service that looks for the same pods, and finds none either."""
        services = self.facts.snapshot["services"]
        rows = self._services.rows(namespaces)
        own = services["selector"].to_numpy()[rows]
        same = rows[(own > 0) & self._index.matches(selector, own)]
        return (
            None
            if not len(same)
            else f"{services['namespace'].iloc[same[0]]}/{services['name'].iloc[same[0]]}"
        )

    def workload(self, selector: Selector, namespaces: Ints) -> Likeness | None:
        """The workload whose own labels the selector has, and not its pods'."""
        if not any(r.operator in _ASKING for r in selector.requirements):
            return None
        workloads = self.facts.snapshot["workloads"]
        rows = self._workloads.rows(namespaces)
        pods = workloads["pod_labels"].to_numpy()[rows]
        rows = rows[~self._index.matches(selector, pods)]
        alike = rows[self._index.matches(selector, workloads["labels"].to_numpy()[rows])]
        if not len(alike):
            return None
        row = workloads.iloc[int(alike[0])]
        called = f"{row['kind']} {row['namespace']}/{row['name']}"
        return Likeness(f"carries the labels of {called} itself", self._labels(int(row["pod_labels"])))

    def idle_workload(self, selector: Selector, namespaces: Ints) -> str | None:
        """A workload whose pods would carry the labels, and that has none."""
        workloads = self.facts.snapshot["workloads"]
        rows = self._workloads.rows(namespaces)
        idle = rows[self._index.matches(selector, workloads["pod_labels"].to_numpy()[rows])]
        if not len(idle):
            return None
        row = workloads.iloc[int(idle[0])]
        return f"{row['kind']} {row['namespace']}/{row['name']}"

    def misspelt(self, selector: Selector, namespaces: Ints) -> tuple[Requirement, str, str] | None:
        """A requirement one letter off a label with which the selector picks pods; its key and value."""
        sets = self._pods.sets(namespaces)
        texts = label_texts(self.facts.snapshot["labels"], sets[:_MOST_SETS].tolist())
        labels = sorted({pair for found in texts.values() for pair in found.items()})
        for wrong in selector.requirements:
            if wrong.operator is not Operator.IN or len(wrong.values) != 1:
                continue
            for key, value in labels:
                if not _one_off((wrong.key, wrong.values[0]), (key, value)):
                    continue
                right = Requirement(key, Operator.IN, (value,))
                others = tuple(r for r in selector.requirements if r != wrong)
                if self._index.matches(Selector((*others, right)), sets).any():
                    return wrong, key, value
        return None

    def _like(self, how: str, row: int) -> Likeness:
        services = self.facts.snapshot["services"]
        name = f"{services['namespace'].iloc[row]}/{services['name'].iloc[row]}"
        selects = len(self.facts.selected_by_service[row]) > 0
        return Likeness(
            f"{how} Service {name}", self._labels(int(services["selector"].iloc[row])) if selects else {}
        )

    def _labels(self, number: int) -> dict[str, str]:
        if number == NO_SET:
            return {}
        found = label_texts(self.facts.snapshot["labels"], [number])[number]
        return {key: value for key, value in found.items() if key not in _CONTROLLERS}

    def _grouped(self, frame: pd.DataFrame) -> "_ByNamespace":
        codes = frame["namespace"].cat
        numbers = np.array([self._number.get(name, -1) for name in codes.categories] + [-1], np.int64)
        return _ByNamespace(numbers[codes.codes.to_numpy()], frame["labels"].to_numpy())

    @cached_property
    def _services(self) -> "_ByNamespace":
        return self._grouped(self.facts.snapshot["services"])

    @cached_property
    def _workloads(self) -> "_ByNamespace":
        return self._grouped(self.facts.snapshot["workloads"])

    @cached_property
    def _pods(self) -> "_ByNamespace":
        return self._grouped(self.facts.cluster.pods)

    @cached_property
    def _finished(self) -> "_ByNamespace":
        return self._grouped(self.facts.cluster.finished)


class _ByNamespace:
    """Rows of a frame by namespace, and their sets of labels."""

    def __init__(self, namespace: Ints, labels: NDArray[np.integer]) -> None:
        self._order = np.argsort(namespace, kind="stable")
        self._sorted = namespace[self._order]
        self._labels = labels
        self._sets: dict[tuple[int, ...], Ints] = {}

    def rows(self, namespaces: Ints) -> Ints:
        """Rows of these namespaces, in the frame's order within each."""
        begin = np.searchsorted(self._sorted, namespaces)
        end = np.searchsorted(self._sorted, namespaces, side="right")
        parts = [self._order[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def sets(self, namespaces: Ints) -> Ints:
        """The distinct sets of labels there."""
        key = tuple(namespaces.tolist())
        if key not in self._sets:
            self._sets[key] = np.unique(self._labels[self.rows(namespaces)])
        return self._sets[key]


_MOST_SETS: Final = 2_000
"""Sets of labels that are looked through for one that is a letter off."""


def _one_off(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether of two pairs one half is equal and the other one letter off."""
    return (a[0] == b[0] and one_letter_off(a[1], b[1])) or (a[1] == b[1] and one_letter_off(a[0], b[0]))


def one_letter_off(a: str, b: str) -> bool:
    """Whether one letter more, less, other, or changed with its neighbour makes one of the other."""
    if a == b or abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 2:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    swapped = a[at + 1 : at + 2] + a[at : at + 1] + a[at + 2 :]
    return (
        a[at + 1 :] == b[at + 1 :]
        or a[at + 1 :] == b[at:]
        or a[at:] == b[at + 1 :]
        or (len(a) == len(b) and swapped == b[at:])
    )
