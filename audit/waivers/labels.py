"""Which subjects of a check label selectors select.

Of a workload it is the labels of its pods that count, and all of its pods must be selected; of a policy, and
of its rules, its own; of a namespace those of the Namespace object. No other subject has labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import msgspec
import numpy as np
import pandas as pd

from audit import checks
from audit.facts import Facts
from audit.frames import LABELS
from audit.policy.identities import Ints, stretches
from audit.policy.model import Selector
from audit.policy.selectors import LabelIndex

_KEY: Final = ("kind", "namespace", "name")


class _Object(msgspec.Struct):
    metadata: dict[str, Any] | None = None


def metadata_of(text: str, field: Literal["labels", "annotations"]) -> dict[str, str]:
    """Labels or annotations of an object that is kept verbatim; what is no text there is left out."""
    try:
        found = (msgspec.json.decode(text, type=_Object).metadata or {}).get(field)
    except (msgspec.MsgspecError, RecursionError):  # whoever wrote it, the run goes on
        return {}
    texts = found if isinstance(found, Mapping) else {}
    return {key: value for key, value in texts.items() if isinstance(value, str)}


class Labels:
    """The labels of a snapshot's objects, worked out when somebody asks for them."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is read yet."""
        self._facts = facts

    def of(self, subjects: pd.DataFrame) -> "Labelled":
        """The labels of a check's subjects, as RESULTS has them."""
        rows = pd.DataFrame(
            {column: subjects[column].astype("str") for column in (*_KEY, "workload")}
        ).assign(row=np.arange(len(subjects)))
        place = checks.places(subjects)
        workloads = rows[rows["workload"] != ""].merge(self._workloads, on=["namespace", "workload"])
        numbers = pd.Index(self._facts.cluster.namespaces).get_indexer(pd.Index(place))
        namespaces = rows.assign(set=numbers)[(rows["kind"] == "Namespace").to_numpy() & (numbers >= 0)]
        policies = rows[rows["workload"] == ""].merge(self._policies, on=list(_KEY))
        ends = self._facts.cluster.engine.ends
        groups = [Group.of(ends.pod_labels, workloads), Group.of(ends.namespace_labels, namespaces)]
        if len(policies):
            groups.append(Group.of(self._policy_labels, policies))
        return Labelled(place.to_numpy(object), groups)

    @cached_property
    def _workloads(self) -> pd.DataFrame:
        """Namespace and workload of the pods that count, with each of their sets of labels once."""
        pods = self._facts.pods[["namespace", "workload"]]
        found = pods.assign(set=self._facts.cluster.pods["labels"].to_numpy()).drop_duplicates()
        return found.astype({"namespace": "str", "workload": "str"})

    @cached_property
    def _policies(self) -> pd.DataFrame:
        """Kind, namespace and name of each policy; its place is the number of its labels."""
        rows = self._facts.snapshot["policies"]
        return rows[list(_KEY)].astype("str").assign(set=np.arange(len(rows)))

    @cached_property
    def _policy_labels(self) -> LabelIndex:
        texts = self._facts.snapshot["policies"]["object"].tolist()
        rows = [
            (number, key, value)
            for number, text in enumerate(texts)
            for key, value in metadata_of(text, "labels").items()
        ]
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        return LabelIndex(LABELS.frame(dict(zip(LABELS.names, map(list, columns), strict=True))))


@dataclass(frozen=True)
class Group:
    """Subjects whose labels are in one index: a pair for each set of labels that a subject has."""

    index: LabelIndex
    rows: Ints
    """The subject's row of each pair."""
    sets: Ints

    @classmethod
    def of(cls, index: LabelIndex, pairs: pd.DataFrame) -> "Group":
        """Of the columns `row` and `set`."""
        return cls(index, pairs["row"].to_numpy(np.int64), pairs["set"].to_numpy(np.int64))

    def selected(self, selector: Selector, among: Ints | None) -> Ints:
        """The rows of the subjects all of whose sets the selector selects, of those pairs or of all."""
        pairs = self._candidates(selector) if among is None else among
        hits = self.rows[pairs][self.index.matches(selector, self.sets[pairs])]
        rows, sets = np.unique(hits, return_counts=True)
        found: Ints = rows[sets == self._sizes[rows]]
        return found

    def by_place(self, place: np.typing.NDArray[np.object_]) -> dict[str, Ints]:
        """The pairs of each namespace."""
        return grouped(place[self.rows])

    @cached_property
    def _sizes(self) -> Ints:
        """How many sets the subject of each row has."""
        return np.bincount(self.rows)

    @cached_property
    def _by_set(self) -> Ints:
        return np.argsort(self.sets, kind="stable")

    @cached_property
    def _ordered(self) -> Ints:
        ordered: Ints = self.sets[self._by_set]
        return ordered

    def _candidates(self, selector: Selector) -> Ints:
        """The pairs among which are all that the selector selects."""
        wanted = self.index.candidates(selector)
        if wanted is None:
            return np.arange(len(self.rows))
        first, last = (np.searchsorted(self._ordered, wanted, side) for side in ("left", "right"))
        pairs: Ints = self._by_set[stretches(first, last)]
        return pairs


class Labelled:
    """The subjects of one check by namespace and by labels."""

    def __init__(self, place: np.typing.NDArray[np.object_], groups: Sequence[Group]) -> None:
        """`place` is the namespace of each subject."""
        self._groups = [(group, group.by_place(place)) for group in groups if len(group.rows)]

    def selected(self, selector: Selector, namespace: str) -> Ints:
        """The rows of the subjects that it selects, in a namespace or, where that is empty, in all."""
        return np.concatenate([np.empty(0, np.int64), *self._selected(selector, namespace)])

    def _selected(self, selector: Selector, namespace: str) -> Iterator[Ints]:
        for group, by_place in self._groups:
            if not namespace:
                yield group.selected(selector, None)
            elif namespace in by_place:
                yield group.selected(selector, by_place[namespace])


def grouped(keys: np.typing.NDArray[np.object_]) -> dict[str, Ints]:
    """The places of each key."""
    codes, texts = pd.factorize(keys)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(texts)))
    starts = np.concatenate([[0], ends])
    return {text: order[a:b] for text, a, b in zip(texts.tolist(), starts, ends, strict=False)}
