"""What a selector that picks no pod was meant to pick: labels of other objects, or nearly those of pods."""

import re
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.facts import Facts
from audit.frames.labels import label_texts
from audit.policy.identities import Ints
from audit.policy.model import NOTHING, Operator, Requirement, Selector
from audit.policy.words import selector_words
from audit.settings import SYSTEM_NAMESPACE

Where: TypeAlias = int | Selector
"""The number of a namespace, or a selector of namespaces."""

_ASKING: Final = (Operator.IN, Operator.EXISTS)
OF_CONTROLLERS: Final = (
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "job-name",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
)
"""Labels that controllers put on pods; a policy that names one holds until the next roll-out."""


_OPT_IN: Final = ("true", "yes", "enabled", "allow", "allowed")
"""Values of labels that pods put on to be let in."""


class Likeness(NamedTuple):
    """What a selector looks like."""

    what: str
    """`carries the labels of Service x/web`, or some of them by name, to stand behind the selector."""
    labels: dict[str, str]
    """Those of the pods that were meant; empty where they are not known."""


_WORDS: Final = re.compile(r"[^-_./]+")
_SHORTEST: Final = 3
"""Letters of a word below which one that is another is no slip: team-a and team-b."""


class Objects:
    """Services, workloads and pods of one cluster, looked through for what a selector was meant to pick."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is worked out before it is asked for, and nothing twice."""
        self._facts = facts
        self._labels = facts.snapshot["labels"]
        self._index = facts.cluster.engine.ends.pod_labels
        self._number = {name: i for i, name in enumerate(facts.cluster.namespaces)}
        self._known: dict[tuple[Selector, Where], Likeness | None] = {}
        self._picked: dict[tuple[Selector, Where], bool] = {}

    def like(self, selector: Selector, where: Where) -> Likeness | None:
        """What a selector that picks no pod looks like, if it is of a Service or a workload."""
        key = (selector, where)
        if key not in self._known:
            asks = any(r.operator in _ASKING for r in selector.requirements)
            wrong = asks and selector != NOTHING and not self.picks(selector, where)
            # right as it is, if pods are to come that have just these labels
            wrong = wrong and not self._idle_workload(selector, where)
            found = self._service(selector, where) if wrong else None
            self._known[key] = self._workload(selector, where) if wrong and found is None else found
        return self._known[key]

    def picks(self, selector: Selector, where: Where) -> bool:
        """Whether any pod that counts carries the labels, one in its node's network too."""
        key = (selector, where)
        if key not in self._picked:
            sets = self._pods.sets(self._namespaces(where))
            self._picked[key] = bool(self._index.matches(selector, sets).any())
        return self._picked[key]

    def mend(self, likeness: Likeness, where: Where) -> dict[str, object] | None:
        """The selector of the pods that were meant, where it picks some."""
        meant = Selector(tuple(Requirement(k, Operator.IN, (v,)) for k, v in likeness.labels.items()))
        return {"matchLabels": likeness.labels} if likeness.labels and self.picks(meant, where) else None

    @cached_property
    def whole(self) -> bool:
        """Whether all of the cluster is in the input, not some manifests that are part of it.

        A cluster has kube-system, and pods in it, whether it is read by us or by kubectl; manifests hardly
        ever have. What is said hangs on the objects alone, not on how they were read.
        """
        number = self._number.get(SYSTEM_NAMESPACE)
        return number is not None and SYSTEM_NAMESPACE in self.labelled_namespaces and self.populated(number)

    @property
    def here(self) -> str:
        """What sentences call all that was read."""
        return "the cluster" if self.whole else "this input"

    @cached_property
    def labelled_namespaces(self) -> frozenset[str]:
        """Names of namespaces of which there is the object, with its labels."""
        return frozenset(self._facts.snapshot["namespaces"]["name"].tolist())

    def populated(self, where: Where) -> bool:
        """Whether there is a pod that counts there."""
        return bool(len(self._pods.rows(self._namespaces(where))))

    def templates_only(self, where: Where) -> bool:
        """Whether all pods there stand for templates: controllers' own pods cannot be among them."""
        return bool(self._is_template[self._pods.rows(self._namespaces(where))].all())

    def waiting(self, selector: Selector, where: Where) -> str:
        """What pods a selector may be waiting for, as a sentence; empty if none are in sight."""
        if workload := self._idle_workload(selector, where):
            return f"The pods of {workload} would have these labels, but it has none now."
        if self._index.matches(selector, self._finished.sets(self._namespaces(where))).any():
            return "Only pods that have finished have these labels."
        if custom := self._custom_resource(selector, where):
            return f"{custom} has these labels: a controller may be yet to make its pods, with the same ones."
        if service := self._same_service(selector, where):
            return (
                f"Service {service} looks for the same pods and finds none either: a controller may be yet "
                "to make them, from a custom resource for instance."
            )
        return ""

    def _same_service(self, selector: Selector, where: Where) -> str | None:
        """A Service that looks for the same pods, and finds none either."""
        rows = self._services.rows(self._namespaces(where))
        own = self._services.column("selector")[rows]
        same = rows[(own > 0) & self._index.matches(selector, own)]
        return self._services.called(int(same[0])) if len(same) else None

    def _custom_resource(self, selector: Selector, where: Where) -> str | None:
        """A custom resource that has the labels, and of which pods may be made."""
        rows = self._custom.rows(self._namespaces(where))
        alike = rows[self._index.matches(selector, self._custom.column("labels")[rows])]
        return self._custom.called(int(alike[0])) if len(alike) else None

    def _idle_workload(self, selector: Selector, where: Where) -> str | None:
        """A workload whose pods would carry the labels, and that has none."""
        rows = self._workloads.rows(self._namespaces(where))
        idle = rows[self._index.matches(selector, self._workloads.column("pod_labels")[rows])]
        return self._workloads.called(int(idle[0])) if len(idle) else None

    def misspelt(self, selector: Selector, where: Where) -> tuple[Requirement, str, str] | None:
        """A requirement one letter off a label with which the selector picks pods; its key and value."""
        sets = self._pods.sets(self._namespaces(where))
        for wrong in selector.single:
            others = tuple(r for r in selector.requirements if r != wrong)
            for key, value in self._nearly(wrong.key, wrong.values[0], sets):
                right = Requirement(key, Operator.IN, (value,))
                if self._index.matches(Selector((*others, right)), sets).any():
                    return wrong, key, value
        return None

    def _nearly(self, key: str, value: str, sets: Ints) -> list[tuple[str, str]]:
        """Labels with the same key and another value one letter off, or the other way round."""
        codes = np.unique(self._index.values(key, sets))
        values = [self._texts[code] for code in codes[codes >= 0].tolist()]
        if key not in self._near_keys:
            self._near_keys[key] = [k for k in self._labels["key"].cat.categories if one_letter_off(key, k)]
        nearly = [(key, other) for other in values if is_slip(value, other)]
        return nearly + [(other, value) for other in self._near_keys[key]]

    def _service(self, selector: Selector, where: Where) -> Likeness | None:
        """The Service whose labels, name or annotations the selector has, and not its selector."""
        rows = self._services.rows(self._namespaces(where))
        own = self._services.column("selector")[rows]
        rows = rows[~((own > 0) & self._index.matches(selector, own))]
        for column in ("labels", "annotations"):
            alike = rows[self._index.matches(selector, self._services.column(column)[rows])]
            if len(alike):
                return self._like(f"carries the {column} of", int(alike[0]))
        # a label that pods have is no Service's name, whatever the Service is called
        sets = self._pods.sets(self._namespaces(where))
        strange = [r for r in selector.single if not self._index.matches(Selector((r,)), sets).any()]
        values = {requirement.values[0] for requirement in strange}
        named = next((row for row in rows.tolist() if self._services.names[row] in values), None)
        if named is not None:
            return self._like("carries the name of", named)
        if not strange or len(strange) == len(selector.requirements):
            return None
        shared = Selector(tuple(strange))
        alike = rows[self._index.matches(shared, self._services.column("labels")[rows])]
        return self._like(f"carries {selector_words(shared)} of", int(alike[0])) if len(alike) else None

    def _like(self, how: str, row: int) -> Likeness:
        labels = self._of_services.get(int(self._services.column("selector")[row]), {})
        return Likeness(f"{how} Service {self._services.called(row)}", labels)

    def _workload(self, selector: Selector, where: Where) -> Likeness | None:
        """The workload whose own labels the selector has, and not its pods'."""
        rows = self._workloads.rows(self._namespaces(where))
        rows = rows[~self._index.matches(selector, self._workloads.column("pod_labels")[rows])]
        alike = rows[self._index.matches(selector, self._workloads.column("labels")[rows])]
        if not len(alike):
            return None
        row = int(alike[0])
        found = self._of_templates.get(int(self._workloads.column("pod_labels")[row]), {})
        labels = {key: value for key, value in found.items() if key not in OF_CONTROLLERS}
        return Likeness(f"carries the labels of {self._workloads.called(row)} itself", labels)

    def _namespaces(self, where: Where) -> Ints:
        if isinstance(where, int):
            return np.array([where])
        return np.flatnonzero(self._facts.cluster.engine.ends.namespaces(where))

    @cached_property
    def _of_services(self) -> dict[int, dict[str, str]]:
        return label_texts(self._labels, np.unique(self._services.column("selector")).tolist())

    @cached_property
    def _of_templates(self) -> dict[int, dict[str, str]]:
        return label_texts(self._labels, np.unique(self._workloads.column("pod_labels")).tolist())

    @cached_property
    def _texts(self) -> list[str]:
        """The value that each code of the labels stands for."""
        found: list[str] = self._labels["value"].cat.categories.tolist()
        return found

    @cached_property
    def _near_keys(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _is_template(self) -> NDArray[np.bool_]:
        return self._facts.cluster.pods["template"].to_numpy()

    @cached_property
    def _services(self) -> "_ByNamespace":
        return _ByNamespace(self._facts.snapshot["services"], self._number)

    @cached_property
    def _workloads(self) -> "_ByNamespace":
        return _ByNamespace(self._facts.snapshot["workloads"], self._number)

    @cached_property
    def _custom(self) -> "_ByNamespace":
        return _ByNamespace(self._facts.snapshot["custom_resources"], self._number)

    @cached_property
    def _pods(self) -> "_ByNamespace":
        return _ByNamespace(self._facts.cluster.pods, self._number)

    @cached_property
    def _finished(self) -> "_ByNamespace":
        return _ByNamespace(self._facts.cluster.finished, self._number)


class _ByNamespace:
    """Rows of a frame by namespace, and their sets of labels."""

    def __init__(self, frame: pd.DataFrame, number: dict[str, int]) -> None:
        self._frame = frame
        self._columns: dict[str, Ints] = {}
        codes = frame["namespace"].cat
        numbers = np.array([*(number.get(name, -1) for name in codes.categories), -1], np.int64)
        self._namespace = numbers[codes.codes.to_numpy()]
        self._order = np.argsort(self._namespace, kind="stable")
        self._sorted = self._namespace[self._order]
        self._sets: dict[bytes, Ints] = {}

    @cached_property
    def names(self) -> list[str]:
        """The name of each row."""
        return self._frame["name"].tolist()

    def called(self, row: int) -> str:
        """The object of a row: `Deployment x/web`, or `x/web` in a frame of one kind."""
        kind = f"{self._frame['kind'].iloc[row]} " if "kind" in self._frame else ""
        return f"{kind}{self._frame['namespace'].iloc[row]}/{self.names[row]}"

    def column(self, name: str) -> Ints:
        """A column of sets of labels."""
        if name not in self._columns:
            self._columns[name] = self._frame[name].to_numpy(np.int64)
        return self._columns[name]

    def rows(self, namespaces: Ints) -> Ints:
        """Rows of these namespaces."""
        if len(namespaces) == 1:
            first, last = np.searchsorted(self._sorted, [namespaces[0], namespaces[0] + 1])
            return self._order[first:last]
        return np.flatnonzero(np.isin(self._namespace, namespaces))

    def sets(self, namespaces: Ints) -> Ints:
        """The distinct sets of labels there."""
        key = namespaces.tobytes()
        if key not in self._sets:
            self._sets[key] = np.unique(self.column("labels")[self.rows(namespaces)])
        return self._sets[key]


def opts_in(selector: Selector) -> bool:
    """Whether it asks for a label that pods put on to be let in: that none has it yet is no mistake."""
    return any(set(r.values) <= set(_OPT_IN) for r in selector.requirements if r.operator in _ASKING)


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


def is_slip(a: str, b: str) -> bool:
    """Whether one is likely a slip for the other: one letter off, in a word that is no number or letter."""
    if not one_letter_off(a, b):
        return False
    differ = [pair for pair in zip(_WORDS.findall(a), _WORDS.findall(b), strict=False) if len(set(pair)) > 1]
    return all(min(map(len, pair)) >= _SHORTEST and "".join(pair).isalpha() for pair in differ)
