"""NetworkPolicies as the engine reads them.

The sources are `types.go` (k8s.io/api/networking/v1) and its Go doc comments.
What the API server would refuse is kept as a part that matches nothing; the
rest of the policy counts. `parse.py` makes these from objects.
"""

from enum import StrEnum
from typing import Final

import msgspec

from audit.policy.addresses import Block
from audit.policy.ports import FIRST_PORT, LAST_PORT


class Direction(StrEnum):
    """As `policyTypes` has them, in lower case."""

    INGRESS = "ingress"
    EGRESS = "egress"

    @property
    def peers(self) -> str:
        """The name of a rule's list of peers in this direction."""
        return "from" if self is Direction.INGRESS else "to"

    @property
    def opposite(self) -> "Direction":
        """The direction as the other end has it."""
        return Direction.EGRESS if self is Direction.INGRESS else Direction.INGRESS


class Operator(StrEnum):
    """Of a label selector's requirement."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class Requirement(msgspec.Struct, frozen=True):
    """One condition on one label."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, value: str | None) -> bool:
        """Whether an object whose label has `value` (None: it lacks the label) meets it."""
        match self.operator:
            case Operator.IN:
                return value is not None and value in self.values
            case Operator.NOT_IN:
                return value is None or value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None


class Selector(msgspec.Struct, frozen=True):
    """A label selector: all requirements must hold; without any it selects everything."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it selects everything whatever its labels."""
        return not self.requirements

    @property
    def single(self) -> list[Requirement]:
        """The requirements that want one value of a label."""
        return [r for r in self.requirements if r.operator is Operator.IN and len(r.values) == 1]


EVERYTHING: Final = Selector()
NOTHING: Final = Selector((Requirement("", Operator.IN),))
"""The selector that a defective one is read as: a value that is in no list."""


class PodPeer(msgspec.Struct, frozen=True):
    """Pods by their labels, in namespaces by theirs; `namespaces` None is the policy's own."""

    pods: Selector
    namespaces: Selector | None = None


class DefectivePeer(msgspec.Struct, frozen=True):
    """A peer that the API server would refuse: matches nothing."""


Peer = PodPeer | Block | DefectivePeer


class PortSpan(msgspec.Struct, frozen=True):
    """The ports from `first` to `last` of a protocol; none if it ends before it begins."""

    protocol: str
    first: int = FIRST_PORT
    last: int = LAST_PORT


class NamedPort(msgspec.Struct, frozen=True):
    """The container ports of that name and protocol at the destination pod."""

    protocol: str
    name: str


Port = PortSpan | NamedPort
NO_PORT: Final = PortSpan("TCP", LAST_PORT, FIRST_PORT)
"""What a defective entry is read as: matches nothing."""


class Rule(msgspec.Struct, frozen=True):
    """What one rule lets through: `peers` None is everyone, `ports` None everything.

    Parts that would be refused keep their place, so that indexes are the manifest's.
    """

    peers: tuple[Peer, ...] | None = None
    ports: tuple[Port, ...] | None = None


class Defect(msgspec.Struct, frozen=True):
    """What the API server would refuse, or drop, in an object."""

    path: str
    reason: str


class Policy(msgspec.Struct, frozen=True):
    """A networking.k8s.io/v1 NetworkPolicy."""

    namespace: str
    name: str
    selector: Selector
    types: frozenset[Direction]
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    defects: tuple[Defect, ...] = ()

    def written(self, direction: Direction) -> tuple[Rule, ...]:
        """The rules of that section, whether or not it has effect."""
        return self.ingress if direction is Direction.INGRESS else self.egress

    def rules(self, direction: Direction) -> tuple[Rule, ...] | None:
        """The rules of that direction, or None if the policy does not apply to it."""
        return self.written(direction) if direction in self.types else None
