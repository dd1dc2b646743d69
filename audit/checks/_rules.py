"""Policies and their rules as subjects of checks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
import pandas as pd

from audit.checks._model import Status
from audit.checks._subjects import Values, of_rows, subjects
from audit.facts import Facts
from audit.policy.addresses import Block
from audit.policy.identities import Ints
from audit.policy.model import Direction, Peer, PodPeer, Policy, Rule, Selector
from audit.policy.selectors import NAME_LABEL, covers

Row = dict[str, object]

DIRECTIONS: Final = tuple(Direction)
_known: Final[WeakKeyDictionary[Facts, list["RuleAt"]]] = WeakKeyDictionary()
NOT_IN_EFFECT: Final = "Not in effect: the direction of this section is not among the policy's types."


class PolicyAt(msgspec.Struct, frozen=True):
    """A NetworkPolicy, its number in `facts.cluster.policies`, and where it was read."""

    number: int
    policy: Policy
    source: str

    @property
    def called(self) -> str:
        """What sentences call it."""
        return f"NetworkPolicy {self.policy.namespace}/{self.policy.name}"

    def row(self, status: Status, message: str, **columns: object) -> Row:
        """A row of a Judge's frame about this policy. That it passes is worth a note."""
        return {
            "kind": "NetworkPolicy",
            "namespace": self.policy.namespace,
            "name": self.policy.name,
            "status": status.value,
            "message": message,
            "source": self.source,
            "note": status is Status.PASSED,
            **columns,
        }


class RuleAt(msgspec.Struct, frozen=True):
    """A rule and where it stands."""

    at: PolicyAt
    direction: Direction
    index: int
    rule: Rule

    @property
    def in_effect(self) -> bool:
        """Whether the policy applies to the direction of the section."""
        return self.direction in self.at.policy.types

    @property
    def refused(self) -> bool:
        """Whether the API server would refuse it: what is wrong is for policies-are-well-formed to say."""
        return any(defect.path.startswith(f"spec.{self.place}") for defect in self.at.policy.defects)

    @property
    def key(self) -> tuple[int, Direction, int]:
        """What tells it from all other rules of the cluster."""
        return self.at.number, self.direction, self.index

    @property
    def place(self) -> str:
        """As `ingress[0]`."""
        return f"{self.direction}[{self.index}]"

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where it is in the policy's object."""
        return ("spec", self.direction.value, self.index)

    @property
    def called(self) -> str:
        """What sentences call it."""
        return f"{self.at.called}, {self.place}"

    def peer(self, index: int) -> str:
        """The place of one of its peers, as `ingress[0].from[1]`."""
        return f"{self.place}.{self.direction.peers}[{index}]"

    def row(self, status: Status, message: str, part: object = None, **columns: object) -> Row:
        """A row of a Judge's frame about this rule; `part` is what of it is meant, if not all."""
        row = self.at.row(status, message, rule=self.place)
        if status is Status.FAILED:
            row["content"] = msgspec.json.encode((self.direction, self.rule, part)).decode()
        return row | columns if columns else row


def policies(facts: Facts) -> Iterator[PolicyAt]:
    """All NetworkPolicies."""
    numbered = zip(facts.cluster.policies, facts.policies["source"].tolist(), strict=False)
    for number, (policy, source) in enumerate(numbered):
        yield PolicyAt(number, policy, source)


def rules(
    facts: Facts, wanted: Callable[[Rule], object], directions: Sequence[Direction] = DIRECTIONS
) -> Iterator[RuleAt]:
    """All rules of NetworkPolicies that are `wanted`, of sections without effect too."""
    return (at for at in _every(facts) if at.direction in directions and wanted(at.rule))


def _every(facts: Facts) -> list[RuleAt]:
    """All rules: many checks go through them, of the same cluster."""
    if facts not in _known:
        _known[facts] = [
            RuleAt(at, direction, index, rule)
            for at in policies(facts)
            for direction in DIRECTIONS
            for index, rule in enumerate(at.policy.written(direction))
        ]
    return _known[facts]


def with_passed(facts: Facts, rows: Sequence[Row], told: Collection[int], message: str) -> pd.DataFrame:
    """A Judge's frame of `rows`, and of one that passes for each NetworkPolicy whose number is not `told`."""
    passed = np.ones(len(facts.cluster.policies), np.bool_)
    passed[list(told)] = False
    others = of_policies(facts, np.flatnonzero(passed), Status.PASSED, message)
    return pd.concat([of_rows(rows), others], ignore_index=True)


def judged(
    facts: Facts,
    found: Iterable[RuleAt],
    verdict: Callable[[RuleAt], Sequence[Row]],
    passed: str,
) -> pd.DataFrame:
    """A Judge's frame of the rules that are `found`: what `verdict` gives, or that they pass."""
    rows: list[Row] = []
    numbers: list[int] = []
    places: list[str] = []
    for at in found:
        told = verdict(at) if at.in_effect else [at.row(Status.NOT_APPLICABLE, NOT_IN_EFFECT)]
        if told:
            rows += told
        else:
            numbers.append(at.at.number)
            places.append(at.place)
    others = of_policies(facts, numbers, Status.PASSED, passed, rule=places)
    return pd.concat([of_rows(rows), others], ignore_index=True)


def of_policies(
    facts: Facts, numbers: list[int] | Ints, status: Status, message: str, **columns: Values
) -> pd.DataFrame:
    """A Judge's frame with a row for each of these NetworkPolicies, all with the same verdict."""
    found = facts.policies.iloc[numbers]
    names = {c: found[c].astype("str") for c in ("namespace", "name", "source")}
    same = {"kind": "NetworkPolicy", "status": status.value, "message": message}
    return subjects({**names, **same, **columns}, len(found))


def every(_: Rule) -> bool:
    """Every rule is wanted."""
    return True


def is_everyone(peer: Peer) -> bool:
    """Whether its namespaceSelector selects every namespace, without a podSelector: every pod there is."""
    return isinstance(peer, PodPeer) and peer.pods.empty and trusts_any_namespace(peer)


def trusts_any_namespace(peer: Peer) -> bool:
    """Whether its namespaceSelector selects every namespace: the empty one does, and others may."""
    return isinstance(peer, PodPeer) and peer.namespaces is not None and _is_every(peer.namespaces)


@lru_cache(maxsize=1 << 16)
def _is_every(namespaces: Selector) -> bool:
    return namespaces.empty or covers([namespaces], NAME_LABEL)


def has_peers(rule: Rule) -> bool:
    """Whether it names pods by their labels."""
    return PodPeer in map(type, rule.peers or ())


def has_blocks(rule: Rule) -> bool:
    """Whether it names addresses."""
    return Block in map(type, rule.peers or ())


def has_ports(rule: Rule) -> bool:
    """Whether it names ports."""
    return bool(rule.ports)
