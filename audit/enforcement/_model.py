"""What is said of a plug-in: which one it is, whether it enforces, where, and what it leaves out."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from audit.enforcement._agents import Agent
from audit.enforcement._evidence import Evidence
from audit.policy.kinds import KINDS, PolicyKind


class Answer(StrEnum):
    """Whether policies are enforced."""

    ENFORCED = "enforced"
    NOT_ENFORCED = "not_enforced"
    CANNOT_TELL = "cannot_tell"


class Feature(StrEnum):
    """What a policy may ask for that some plug-ins pass over."""

    END_PORT = "endPort"
    SCTP = "SCTP"
    POD_BLOCKS = "ipBlock on addresses of pods"
    BARE_PODS = "pods without an owner"


ADMIN: Final = "adminnetworkpolicies.policy.networking.k8s.io"
BASELINE: Final = "baselineadminnetworkpolicies.policy.networking.k8s.io"
CLUSTER: Final = "clusternetworkpolicies.policy.networking.k8s.io"
_STANDARD: Final = tuple(kind for kind in KINDS.values() if kind.group == "policy.networking.k8s.io")
_OF_OTHERS: Final = frozenset(("k8s.cni.cncf.io",))
"""Groups whose policies an agent of their own implements, beside any plug-in."""


@dataclass(frozen=True)
class Abilities:
    """What a plug-in of that version and setting does with policies."""

    ignores: Mapping[Feature, str] = field(default_factory=dict)
    """The features that it drops, each with what becomes of a rule, as a sentence."""
    knows: frozenset[str] = frozenset()
    """The policies that it implements beside Kubernetes' own: groups, or plural names as `PolicyKind` has."""
    undecided: frozenset[str] = frozenset()
    """The same of those that hang on a version or a setting that is not known."""

    def implements(self, kind: PolicyKind) -> bool | None:
        """Whether policies of that kind have effect; None if it cannot be told."""
        if kind.evaluated or {kind.group, kind.plural} & self.knows:
            return True
        return None if {kind.group, kind.plural} & (self.undecided | _OF_OTHERS) else False

    @property
    def told(self) -> str:
        """What it ignores, comma separated: features, and kinds of the standard APIs."""
        kinds = [kind.kind for kind in _STANDARD if self.implements(kind) is False]
        return ", ".join([*(feature.value for feature in Feature if feature in self.ignores), *kinds])

    def beside(self, other: "Abilities") -> "Abilities":
        """Of two that run side by side: each cuts what the other drops."""
        return Abilities(
            {**self.ignores, **other.ignores},
            self.knows & other.knows,
            (self.undecided | other.undecided | self.knows | other.knows) - (self.knows & other.knows),
        )


NOTHING: Final = Abilities()
"""Of a plug-in that drops no feature and knows no further kind."""


@dataclass(frozen=True)
class Finding:
    """What a plug-in's file says of some nodes."""

    plugin: str
    answer: Answer
    evidence: str
    """The object that shows it."""
    reason: str
    """Why, as a sentence."""
    agent: Agent | None = None
    """The agent on whose pods it hangs that policies are enforced: it counts where one is ready."""
    nodes: Collection[int] | None = None
    """Numbers of the nodes of which it is said, where no agent says on which; None is all."""
    version: str = ""
    mode: str = ""
    abilities: Abilities = NOTHING
    network: bool = False
    """Whether it is but the network beneath, above which another may enforce."""
    to_come: bool = False
    """Whether it is of what manifests will bring."""
    fallback: bool = False
    """Whether it counts only where nothing else was found."""


Find = Callable[[Evidence], Iterable[Finding]]


def enforced(plugin: str, agent: Agent, reason: str, **more: object) -> Finding:
    """That the agent of a plug-in enforces, where it is ready."""
    return Finding(plugin, Answer.ENFORCED, agent.called, reason, agent, **more)  # type: ignore[arg-type]


def not_enforced(plugin: str, agent: Agent, reason: str, **more: object) -> Finding:
    """That the agent of a plug-in does not enforce, where it runs."""
    return Finding(plugin, Answer.NOT_ENFORCED, agent.called, reason, agent, **more)  # type: ignore[arg-type]


def cannot_tell(plugin: str, agent: Agent, reason: str, **more: object) -> Finding:
    """That whether the agent of a plug-in enforces cannot be told."""
    return Finding(plugin, Answer.CANNOT_TELL, agent.called, reason, agent, **more)  # type: ignore[arg-type]


def annotated(evidence: Evidence, plugin: str, *prefixes: str) -> Iterator[Finding]:
    """That nodes carry a plug-in's annotations: it was there, and whether it runs is not known.

    Where the agents of a node are known, the annotations say nothing.
    """
    if evidence.agents_known:
        return
    nodes = [n.number for n in evidence.nodes if any(key.startswith(prefixes) for key in n.annotations)]
    if nodes:
        first = evidence.nodes[nodes[0]].name
        reason = f"The annotations of nodes are those of {plugin}; whether its agent runs was not read."
        yield Finding(plugin, Answer.CANNOT_TELL, f"annotations of Node {first}", reason, nodes=nodes)
