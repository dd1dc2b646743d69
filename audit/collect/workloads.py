"""Who owns a pod, and pod templates that stand for pods.

A pod template counts where the input has no pods of its workload and does not
say that there are none; along a chain of owners only the outermost counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.collect import objects
from audit.collect.columns import OBJECT, Columns, Ints, Subject, Values
from audit.collect.sets import Sets
from audit.collect.storage import Texts
from audit.frames import arrow
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

_AT_ONCE: Final = 1 << 12
"""Texts that are unpacked at once."""

_Key = tuple[str, str, str]


class Owner(NamedTuple):
    """The controller of an object, empty if it has none.

    `maker` is the kind that a ReplicaSet's name and a label of the pod say is behind it, or empty.
    """

    kind: str
    name: str
    maker: str


def owner_of(references: Sequence[objects.OwnerReference | None] | None, labels: objects.Texts) -> Owner:
    """The owner that is the controller, else the first."""
    kind, name = controller_of(references)
    return Owner(kind, name, maker_of(name, labels or {}) if kind == "ReplicaSet" else "")


def controller_of(references: Sequence[objects.OwnerReference | None] | None) -> tuple[str, str]:
    """Kind and name of the owner that is the controller, else of the first; empty if there is none."""
    first: tuple[str, str] | None = None
    for reference in references or ():
        if reference and reference.kind and reference.name:
            if reference.controller:
                return reference.kind, reference.name
            first = first or (reference.kind, reference.name)
    return first or ("", "")


def maker_of(replica_set: str, labels: Mapping[str, str | None]) -> str:
    """The kind that a ReplicaSet's name and a label of its pods say is behind it, or nothing."""
    stem, _, suffix = replica_set.rpartition("-")
    hashes = (kind for label, kind in _HASHED.items() if suffix and labels.get(label) == suffix)
    return next(hashes, "") if stem else ""


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
    pods = status.desired_number_scheduled if isinstance(status, objects.DaemonSetStatus) else status.replicas
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

    def owners(self, pods: Columns, rows: Ints) -> dict[str, Values]:
        """The columns `workload_kind` and `workload` of those pods: the outermost owner, or the pod."""
        # Pods of one owner are many: the chain is followed once for each owner
        distinct, which = _owned(pods, rows)
        outermost = [[("", "Pod", ""), *self._chain(*owned)][-1] for owned in distinct]
        kinds = arrow.coded([kind for _, kind, _ in outermost]).take(arrow.numbers(which))
        known = arrow.texts([name for _, _, name in outermost])
        bare = np.array([not name for _, _, name in outermost], np.bool_)
        own_names = pods["name"]

        def names(part: slice) -> pa.Array:
            there = which[part]
            own = own_names.taken(rows[part])
            return arrow.chosen(arrow.numbers(bare[there]), own, known.take(arrow.numbers(there)))

        return {"workload_kind": kinds, "workload": names}

    def stand_in(self, pods: Columns, rows: Ints, sets: Sets) -> None:
        """Add to `pods` the templates that stand for pods which the input (those `rows`) does not have.

        `sets` are the sets of labels.
        """
        have: set[_Key] = set()
        bare = _Bare(sets)
        labels = pods["labels"]
        distinct, which = _owned(pods, rows)
        for owned in distinct:
            have.update(self._chain(*owned))
        ownerless = np.array([not owner.kind for _, owner in distinct], np.bool_)[which]
        for row in rows[ownerless].tolist():
            bare.add(pods["namespace"][row], labels[row])
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
        subject.namespace, subject.name = namespace, template_name(kind, name)
        _, owner_kind, owner = outer or key
        pods.add(
            subject,
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


def _owned(pods: Columns, rows: Ints) -> tuple[list[tuple[str, Owner]], NDArray[np.int32]]:
    """The different pairs of namespace and owner of those pods, and for each pod which is its own."""
    key = np.zeros(len(rows), np.int64)
    coded: list[tuple[NDArray[np.int32], pa.Array]] = []
    for name in ("namespace", "owner_kind", "owner", "maker"):
        column = _coded(pods["owner"], rows) if name == "owner" else pods.array(name, rows)
        coded.append((arrow.values(column.indices), column.dictionary))
        key *= max(1, len(column.dictionary))
        key += coded[-1][0]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    found = [known.take(arrow.numbers(codes[first])).to_pylist() for codes, known in coded]
    distinct = [(namespace, Owner(*owner)) for namespace, *owner in zip(*found, strict=True)]
    return distinct, which.astype(np.int32)


def _coded(texts: Texts, rows: Ints) -> pa.DictionaryArray:
    """The texts of those rows, of which many recur; never all of them unpacked at once."""
    places: dict[str, int] = {}
    codes = np.zeros(len(rows), np.int32)
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        piece = texts.taken(rows[part]).dictionary_encode()
        known = [places.setdefault(text, len(places)) for text in piece.dictionary.to_pylist()]
        codes[part] = np.array(known, np.int32)[arrow.values(piece.indices)]
    return arrow.codes(codes, list(places))


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
            self._having.get((namespace, part.key, part.values[0]), set()) for part in selector.single
        )
        for number in min(candidates, key=len):
            pairs = self._sets.pairs(number)
            if all(part.matches(pairs.get(part.key)) for part in selector.requirements):
                return True
        return False


def template_name(kind: str, name: str) -> str:
    """The name of the pod that stands for a workload's template."""
    return f"{name}[{kind}]"
