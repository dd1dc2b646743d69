"""Why a peer stands for no pod, and how grave that is."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from audit.checks._likeness import Objects, Where, is_slip, opts_in
from audit.facts import Facts
from audit.frames.labels import label_texts
from audit.listing import listed
from audit.policy.identities import NOT_IN_A_NAMESPACE
from audit.policy.model import NOTHING, Operator, PodPeer, Requirement, Selector
from audit.policy.selectors import NAME_LABEL
from audit.policy.words import selector_words
from audit.severity import Severity

Key: TypeAlias = tuple[str, Selector | None, Where | None]

_EVERYWHERE: Final = ("default", "kube-system", "kube-public", "kube-node-lease")
"""Namespaces that every cluster has, in the input or not; none of them has labels but that of its name."""
_MOST: Final = 3


class Nobody(NamedTuple):
    """Why a peer stands for nobody."""

    text: str
    """As a sentence or two."""
    severity: Severity | None
    """How grave it is; None if it is no mistake, or another check's."""
    key: Key
    """Equal where it is the same cause, in whatever rule."""
    meant: PodPeer | None = None
    """What is likely meant, where that is somebody."""


class Nobodies:
    """The peers of one cluster that stand for nobody."""

    def __init__(self, facts: Facts, objects: Objects) -> None:
        """Nothing is worked out before it is asked for, and nothing twice."""
        self._facts = facts
        self._objects = objects
        self._ends = facts.cluster.engine.ends
        self._names = facts.cluster.namespaces
        self._number = {name: i for i, name in enumerate(self._names)}
        self._known: dict[tuple[PodPeer, int], Nobody] = {}

    def why(self, peer: PodPeer, home: int) -> Nobody:
        """Why it is nobody, in a policy of the namespace number `home`."""
        key = (peer, home if peer.namespaces is None else NOT_IN_A_NAMESPACE)
        if key not in self._known:
            self._known[key] = self._work_out(peer, home)
        return self._known[key]

    def _work_out(self, peer: PodPeer, home: int) -> Nobody:
        if NOTHING in (peer.pods, peer.namespaces):
            return Nobody("It is not valid: see policies-are-well-formed.", None, ("defect", None, None))
        if peer.namespaces is None:
            return self._no_pod(peer, home)
        if not self._ends.namespaces(peer.namespaces).any():
            return self._no_namespace(peer, peer.namespaces)
        return self._no_pod(peer, peer.namespaces)

    # -- no namespace ----------------------------------------------------------------------------

    def _no_namespace(self, peer: PodPeer, spaces: Selector) -> Nobody:
        key: Key = ("namespaces", spaces, None)
        words = selector_words(spaces)
        for wrong, near, value in self._near(spaces):
            meant = PodPeer(peer.pods, _replaced(spaces, wrong, near, value))
            slip = f"{wrong.key}={wrong.values[0]} is one letter off {near}={value}, which a namespace has."
            return self._instead(meant, Nobody(f"No namespace has {words}. {slip}", Severity.MEDIUM, key))
        for wrong, name in self._called(spaces):
            meant = PodPeer(peer.pods, _replaced(spaces, wrong, NAME_LABEL, name))
            severity, exists = self._of_that_name(name)
            lacks = f"{exists} {wrong.key}={name}: write {NAME_LABEL}={name}, which every namespace has."
            return self._instead(meant, Nobody(f"No namespace has {words}. {lacks}", severity, key))
        if not self._objects.whole:
            text = f"No namespace with {words} is in this input: nobody can tell whether it is elsewhere."
            return Nobody(text, None, key)
        text = f"No namespace of the cluster has {words}: make it, correct the labels, or delete the peer."
        return Nobody(text, Severity.MEDIUM, key)

    def _instead(self, meant: PodPeer, nobody: Nobody) -> Nobody:
        """With what is likely meant; or, where that is nobody by mistake too, with why."""
        # a peer with a namespaceSelector is the same in the policies of every namespace
        if len(self._ends.members(meant, NOT_IN_A_NAMESPACE).ends):
            return nobody._replace(meant=meant)
        other = self.why(meant, NOT_IN_A_NAMESPACE)
        if other.severity is None:
            return nobody._replace(meant=meant)
        return nobody._replace(text=f"{nobody.text} That is nobody either. {other.text}")

    def _called(self, spaces: Selector) -> Iterator[tuple[Requirement, str]]:
        """Requirements that name a namespace as the value of a label which it does not have, or may not."""
        for wrong in spaces.single:
            name = wrong.values[0]
            known = name in self._number or name in _EVERYWHERE
            # of a namespace without its object no more is known than that it has a name
            told = name in self._objects.labelled_namespaces or _is_of_names(wrong.key)
            if known and told and wrong.key != NAME_LABEL and self._others_hold(spaces, wrong, name):
                yield wrong, name

    def _others_hold(self, spaces: Selector, wrong: Requirement, name: str) -> bool:
        others = Selector(tuple(r for r in spaces.requirements if r != wrong))
        number = self._number.get(name)
        return others.empty or (number is not None and bool(self._ends.namespaces(others)[number]))

    def _of_that_name(self, name: str) -> tuple[Severity, str]:
        """How sure it is that the namespace lacks a label, and the beginning of a sentence that says so."""
        if name in self._objects.labelled_namespaces:
            return Severity.MEDIUM, f"Namespace {name} is there, without the label"
        if name in _EVERYWHERE:
            return Severity.LOW, f"Every cluster has a namespace {name}, and nothing gives it the label"
        return Severity.LOW, f"Namespace {name} is in this input without its labels, and may not have"

    def _near(self, spaces: Selector) -> Iterator[tuple[Requirement, str, str]]:
        """Requirements one letter off what some namespace has; the key and the value that it has."""
        for wrong in spaces.single:
            others = Selector(tuple(r for r in spaces.requirements if r != wrong))
            has = self._ends.namespaces(others)
            for label in self._neighbours(wrong.key, wrong.values[0]):
                if has[self._labels[label]].any():
                    yield wrong, *label

    def _neighbours(self, key: str, value: str) -> list[tuple[str, str]]:
        """Labels of namespaces with that key or that value, and the other a slip away."""
        found = {(key, v) for text in _shorter(value) for v in self._values.get((key, text), ())}
        keys = {k for k, _ in self._labels}
        near = [(k, value) for k in keys if (k, value) in self._labels and is_slip(key, k)]
        return sorted([*(label for label in found if is_slip(value, label[1])), *near])

    @cached_property
    def _labels(self) -> dict[tuple[str, str], list[int]]:
        """Every label that some namespace has, and the numbers of those."""
        found = {(NAME_LABEL, name): [number] for name, number in self._number.items()}
        rows = self._facts.snapshot["namespaces"]
        sets = rows["labels"].tolist()
        texts = label_texts(self._facts.snapshot["labels"], sets)
        for name, number_of_set in zip(rows["name"].tolist(), sets, strict=True):
            for key, value in texts.get(number_of_set, {}).items():
                if key != NAME_LABEL:
                    found.setdefault((key, value), []).append(self._number[name])
        return found

    @cached_property
    def _values(self) -> dict[tuple[str, str], list[str]]:
        """For each key, and each text that is a value of it or one letter shorter, those values."""
        found: dict[tuple[str, str], list[str]] = {}
        for key, value in self._labels:
            for text in _shorter(value):
                found.setdefault((key, text), []).append(value)
        return found

    # -- no pod ----------------------------------------------------------------------------------

    def _no_pod(self, peer: PodPeer, where: Where) -> Nobody:
        key: Key = ("pods", peer.pods, where)
        words = selector_words(peer.pods)
        if self._objects.like(peer.pods, where) is not None:
            return Nobody("See policies-select-pods-not-services.", None, key)
        if self._objects.picks(peer.pods, where):
            text = f"Only pods in their node's network are {f'those with {words}' if words else 'there'}, "
            return Nobody(f"{text}and selectors are not for them: an ipBlock is.", Severity.MEDIUM, key)
        if not self._objects.populated(where):
            text = f"No workload of {self._place(where)} is in {self._objects.here}."
            return Nobody(text, Severity.LOW if self._objects.whole else None, key)
        return self._no_such_label(peer, where, key)

    def _no_such_label(self, peer: PodPeer, where: Where, key: Key) -> Nobody:
        words, here = selector_words(peer.pods), self._place(where)
        told = Nobody("See policies-select-something: a policy is for the same pods.", None, key)
        is_told = (where, peer.pods) in self._idle
        if waiting := self._objects.waiting(peer.pods, where):
            return told if is_told else Nobody(waiting, Severity.LOW, key)
        if slip := self._objects.misspelt(peer.pods, where):
            wrong, near, value = slip
            meant = PodPeer(_replaced(peer.pods, wrong, near, value), peer.namespaces)
            text = f"{wrong.key}={wrong.values[0]} is one letter off {near}={value}, which pods there have."
            return Nobody(text, Severity.MEDIUM, key, meant)
        if is_told:
            return told
        if opts_in(peer.pods):
            return Nobody(f"{words} is a label to be let in by, and no pod of {here} has it now.", None, key)
        if not self._objects.whole:
            text = f"No pod of {here} in this input has {words}: correct it, unless such pods are elsewhere."
            return Nobody(text, None if _may_be_elsewhere(where) else Severity.LOW, key)
        return Nobody(f"No pod of {here} has {words}: correct the labels.", Severity.MEDIUM, key)

    @cached_property
    def _idle(self) -> frozenset[tuple[Where, Selector]]:
        """The selectors of policies that select no pod, with their namespaces."""
        idle = np.flatnonzero(
            self._facts.policies["pods"].to_numpy()[: len(self._facts.cluster.policies)] == 0
        )
        homes = self._facts.cluster.namespace_of_policy
        return frozenset((int(homes[n]), self._facts.cluster.policies[n].selector) for n in idle.tolist())

    def _place(self, where: Where) -> str:
        if isinstance(where, int):
            return f"namespace {self._names[where]}"
        chosen = [self._names[n] for n in np.flatnonzero(self._ends.namespaces(where)).tolist()]
        if len(chosen) == len(self._names):
            return "any namespace"
        return f"namespace{'s' if len(chosen) > 1 else ''} {listed(chosen, _MOST)}"


def _may_be_elsewhere(where: Where) -> bool:
    """Whether a peer may be of namespaces of which the input has nothing: none that is meant is named."""
    return not isinstance(where, int) and not any(
        r.key == NAME_LABEL and r.operator is Operator.IN for r in where.requirements
    )


def _is_of_names(key: str) -> bool:
    """Whether a label of that key is likely to hold the name of a namespace."""
    return key.rpartition("/")[2] in ("name", "namespace", "ns")


def _replaced(selector: Selector, wrong: Requirement, key: str, value: str) -> Selector:
    right = Requirement(key, Operator.IN, (value,))
    return Selector(tuple(right if r == wrong else r for r in selector.requirements))


def _shorter(text: str) -> set[str]:
    """The text, and without each of its letters: texts that are one letter off share one of these."""
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}
