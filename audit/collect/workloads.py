"""Who owns a pod, and pod templates that stand for pods.

A pod template counts where the input has no pods of its workload and does not
say that there are none; along a chain of owners only the outermost counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from audit.collect import objects
from audit.collect.columns import OBJECT, Columns, Ints, Subject
from audit.collect.sets import Sets
from audit.policy.model import NOTHING, Operator, Requirement, Selector

NO_TEMPLATE: Final = False
IS_TEMPLATE: Final = True
"""Values of the column `template` of pods."""
OWNER: Final = {"owner_kind": "category", "owner": "str", "maker": "category"}
"""Further columns of pods: those of `Owner`."""
TEMPLATE: Final = {
    "selector": OBJECT,
    "ports": "int32",
    "host_network": "bool",
    "none": "bool",
    "owner_kind": "category",
    "owner": "str",
}
"""Further columns of workloads: which pods are theirs, what is in the template, whether there are no pods."""
_HASHED: Final[Mapping[str, str]] = {
    "pod-template-hash": "Deployment",
    "rollouts-pod-template-hash": "Rollout",
}
"""Labels by which a controller tells its ReplicaSets apart: `NAME-HASH` belongs to that kind's NAME."""
_BETWEEN: Final[Mapping[str, frozenset[str]]] = {
    "ReplicaSet": frozenset(("Deployment", "Rollout")),
    "ReplicationController": frozenset(("DeploymentConfig",)),
    "Job": frozenset(("CronJob",)),
}
"""Kinds that others make, and which: there the chain of owners goes on."""

_SOME: Final = 4096
"""Pods whose owners stand as objects at once."""

_Key = tuple[str, str, str]


class Owner(NamedTuple):
    """The controller of an object, empty if it has none.

    `maker` is the kind that the ReplicaSet's name and a label of the pod say is behind it, or empty.
    """

    kind: str
    name: str
    maker: str


_NOBODY: Final = Owner("", "", "")


def owner_of(references: Sequence[objects.OwnerReference | None] | None, labels: objects.Texts) -> Owner:
    """The owner that is the controller, else the first."""
    owners = [reference for reference in references or [] if reference and reference.kind and reference.name]
    if not owners:
        return _NOBODY
    owner = next((reference for reference in owners if reference.controller), owners[0])
    name = owner.name or ""
    maker = ""
    if owner.kind == "ReplicaSet":
        stem, _, suffix = name.rpartition("-")
        hashes = (kind for label, kind in _HASHED.items() if suffix and (labels or {}).get(label) == suffix)
        maker = next(hashes, "") if stem else ""
    return Owner(owner.kind or "", name, maker)


def says_none(
    kind: str,
    spec: objects.AnyWorkloadSpec | None,
    status: objects.WorkloadStatus | objects.DaemonSetStatus | None,
) -> bool:
    """Whether the workload says itself that it has no pods: none wanted, finished, or seen to have none."""
    if kind != "Job" and not isinstance(spec, objects.DaemonSetSpec) and spec and spec.replicas == 0:
        return True
    if status is None:
        return False
    if kind == "Job" and isinstance(status, objects.WorkloadStatus):
        ended = (
            c.status == "True" and c.type in ("Complete", "Failed") for c in status.conditions or [] if c
        )
        return bool(status.completion_time) or any(ended)
    daemons = isinstance(status, objects.DaemonSetStatus)
    pods = status.desired_number_scheduled if daemons else status.replicas  # type: ignore[union-attr]
    return status.observed_generation is not None and not pods


def selector_of(
    selector: objects.LabelSelector | objects.Texts, template: objects.Described | None
) -> Selector:
    """Which pods a workload takes for its own; a workload without selector, those like its template."""
    if isinstance(selector, objects.LabelSelector):
        requirements = [
            Requirement(key, Operator.IN, (value or "",))
            for key, value in (selector.match_labels or {}).items()
        ]
        for part in selector.match_expressions or []:
            if part is None or part.key is None or part.operator not in set(Operator):
                return NOTHING
            values = tuple(value or "" for value in part.values or [])
            requirements.append(Requirement(part.key, Operator(part.operator), values))
    else:
        wanted = selector or (template and template.labels) or {}
        requirements = [Requirement(key, Operator.IN, (value or "",)) for key, value in wanted.items()]
    return Selector(tuple(requirements)) if requirements else NOTHING


class Workloads:
    """The workloads that count, by key, and what follows for pods."""

    def __init__(self, columns: Columns, rows: Ints) -> None:
        """`columns` has a row a workload; `rows` are those that count, in order."""
        self.rows = rows
        self._columns = columns
        self._owners: dict[_Key, tuple[str, str]] = {}
        self._idle: set[_Key] = set()
        for row in rows.tolist():
            owner = (columns["owner_kind"][row], columns["owner"][row])
            self._owners[self._key(row)] = owner
            if columns["none"][row]:
                self._idle.add(self._key(row))

    def _key(self, row: int) -> _Key:
        columns = self._columns
        return columns["namespace"][row], columns["kind"][row], columns["name"][row]

    def _outer(self, key: _Key) -> _Key | None:
        """Who made the workload of that key, if it is known and the chain goes on there."""
        kind, name = self._owners.get(key, ("", ""))
        return (key[0], kind, name) if kind in _BETWEEN.get(key[1], ()) else None

    def _chain(self, namespace: str, owner: Owner) -> Iterator[_Key]:
        """The owners of a pod, from the nearest to the outermost."""
        if not owner.kind or owner.kind == "Node":  # a static pod's mirror belongs to its node
            return
        key = (namespace, owner.kind, owner.name)
        yield key
        if owner.maker and key not in self._owners:
            yield namespace, owner.maker, owner.name.rpartition("-")[0]
        elif outer := self._outer(key):
            yield outer

    def owners(self, pods: Columns, rows: Ints) -> dict[str, list[str]]:
        """The columns `workload_kind` and `workload` of those pods: the outermost owner, or the pod."""
        kinds, names = [], []
        last, kind, name = None, "", ""
        for row, owned in zip(rows.tolist(), _owned(pods, rows), strict=True):
            if owned != last:  # pods of one owner mostly follow one another
                last = owned
                *_, (_, kind, name) = (("", "Pod", ""), *self._chain(*owned))
            kinds.append(kind)
            names.append(name or pods["name"][row])
        return {"workload_kind": kinds, "workload": names}

    def stand_in(self, pods: Columns, rows: Ints, sets: Sets) -> None:
        """Add to `pods` the templates that stand for pods which the input (those `rows`) does not have.

        `sets` are the sets of labels.
        """
        have: set[_Key] = set()
        bare = _Bare(sets)
        labels = pods["labels"]
        for row, (namespace, owner) in zip(rows.tolist(), _owned(pods, rows), strict=True):
            have.update(self._chain(namespace, owner))
            if not owner.kind:
                bare.add(namespace, labels[row])
        columns = self._columns
        for row in self.rows.tolist():
            key = self._key(row)
            outer = self._outer(key)
            if key in self._idle or key in have or (outer and self._stands_for_all(outer)):
                continue
            if not bare.matches(key[0], columns["selector"][row]):
                self._add(pods, row, key, outer)

    def _stands_for_all(self, outer: _Key) -> bool:
        """Whether nothing that this owner made stands for its own pods.

        A suspended CronJob says only that it makes no new Jobs: those it has made run on.
        """
        return outer in self._owners and not (outer[1] == "CronJob" and outer in self._idle)

    def _add(self, pods: Columns, row: int, key: _Key, outer: _Key | None) -> None:
        columns = self._columns
        namespace, kind, name = key
        subject = Subject("v1", "Pod", columns.place(row))
        subject.namespace, subject.name = namespace, f"{name}[{kind}]"
        _, owner_kind, owner = outer or key
        pods.add(
            subject,
            "",
            "",
            columns["pod_labels"][row],
            columns["ports"][row],
            columns["host_network"][row],
            "",
            "",
            "",
            IS_TEMPLATE,
            owner_kind,
            owner,
            "",
        )


def _owned(pods: Columns, rows: Ints) -> Iterator[tuple[str, Owner]]:
    """Namespace and owner of each of those pods."""
    for some in np.array_split(rows, len(rows) // _SOME + 1):
        columns = (pods.values(name, some) for name in ("namespace", "owner_kind", "owner", "maker"))
        for namespace, kind, name, maker in zip(*columns, strict=True):
            yield namespace, Owner(kind, name, maker)


class _Bare:
    """Labels of pods that nobody owns, such as a dump without ownerReferences has them."""

    def __init__(self, sets: Sets) -> None:
        self._sets = sets
        self._seen: dict[str, set[int]] = {}
        self._having: dict[tuple[str, str, str], set[int]] = {}

    def add(self, namespace: str, number: int) -> None:
        """A pod of that namespace with that set of labels."""
        seen = self._seen.setdefault(namespace, set())
        if number not in seen:
            seen.add(number)
            for key, value in self._sets.pairs(number).items():
                self._having.setdefault((namespace, key, value), set()).add(number)

    def matches(self, namespace: str, selector: Selector) -> bool:
        """Whether the selector selects one of them."""
        candidates = [self._seen.get(namespace, set())]
        candidates.extend(
            self._having.get((namespace, part.key, part.values[0]), set())
            for part in selector.requirements
            if part.operator == Operator.IN and len(part.values) == 1
        )
        for number in min(candidates, key=len):
            pairs = self._sets.pairs(number)
            if all(part.matches(pairs.get(part.key)) for part in selector.requirements):
                return True
        return False
