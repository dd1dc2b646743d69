"""What all plug-ins say of a node comes to one verdict, and nodes of one verdict to the row of a pool."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from audit.enforcement._agents import Agent, Place
from audit.enforcement._evidence import Evidence, Node
from audit.enforcement._model import NOTHING, Abilities, Answer, Finding
from audit.enforcement._pools import FARGATE, VIRTUAL, WINDOWS, beyond, pool
from audit.language import number

ALL: Final = "all"
"""The pool of a cluster whose nodes are not known."""
_BEYOND: Final = {
    FARGATE: "No agent of a plug-in runs on Fargate.",
    VIRTUAL: "No agent of a plug-in runs behind a virtual kubelet.",
}


@dataclass(frozen=True)
class Verdict:
    """What holds on nodes."""

    answer: Answer
    reason: str
    plugin: str = ""
    version: str = ""
    evidence: str = ""
    mode: str = ""
    abilities: Abilities = NOTHING
    applied: bool = True
    """Whether it is of what runs; else it is what the manifests give once they are applied."""

    @property
    def called(self) -> str:
        """The plug-in with its version."""
        return f"{self.plugin} {self.version}".strip()


@dataclass(frozen=True)
class Pool:
    """Nodes of one pool and one verdict."""

    name: str
    nodes: tuple[str, ...] | None
    """Their names; None where the nodes are not known."""
    count: int | None
    """How many; None if that is not known."""
    verdict: Verdict
    beyond: str = ""
    """Why no agent for Linux runs there (`_pools.beyond`); empty if one may."""


_Claim = tuple[Finding, Place]
_Claims = tuple[tuple[int, Place], ...]
"""The same by numbers of findings."""


def combined(evidence: Evidence, findings: Sequence[Finding]) -> list[Pool]:
    """The pools, in order of their names."""
    if not evidence.nodes:
        return [_all(evidence, findings)]
    crowded = {id(agent) for agent in evidence.agents if _crowded(agent, evidence.nodes)}
    closed = all(node.unschedulable for node in evidence.nodes)
    alike: dict[tuple[str, str, _Claims], list[str]] = defaultdict(list)
    for node in evidence.nodes:
        places = ((i, _place(finding, node, crowded)) for i, finding in enumerate(findings))
        claims: _Claims = tuple(one for one in places if one[1] is not Place.ABSENT)
        if claims or closed or not node.unschedulable:
            alike[pool(node), beyond(node), claims].append(node.name)
    pools: dict[str, list[tuple[Verdict, str, list[str]]]] = defaultdict(list)
    for (name, kind, claims), nodes in alike.items():
        found = [(findings[i], place) for i, place in claims]
        verdict = _decided(found) if found else _without(evidence, findings, kind, nodes[0])
        same = next((others for known, _, others in pools[name] if known == verdict), None)
        if same is None:
            pools[name].append((verdict, kind, nodes))
        else:
            same.extend(nodes)
    return [part for name in sorted(pools) for part in _parts(name, pools[name])]


def _parts(name: str, parts: Iterable[tuple[Verdict, str, list[str]]]) -> Iterator[Pool]:
    """The parts of a pool: the largest has its name, the others are called by their nodes too."""
    for place, (verdict, kind, nodes) in enumerate(sorted(parts, key=lambda part: (-len(part[2]), part[2]))):
        more = f" and {number(len(nodes) - 1)} more" if len(nodes) > 1 else ""
        called = f"{name}: {nodes[0]}{more}" if place else name
        yield Pool(called, tuple(nodes), len(nodes), verdict, kind)


def _crowded(agent: Agent, nodes: Sequence[Node]) -> bool:
    """Whether it is on fewer nodes than it could be, and which these are is not known."""
    if agent.places is not None or agent.status is None:
        return False
    fitting = sum(_may_be_on(agent, node) and agent.fits(node.labels) for node in nodes)
    return agent.status.desired < fitting


def _may_be_on(agent: Agent, node: Node) -> bool:
    kind = beyond(node)
    return kind == WINDOWS if agent.windows else not kind


def _place(finding: Finding, node: Node, crowded: set[int]) -> Place:
    """What is known on a node of what a finding rests on."""
    agent = finding.agent
    if agent is None:
        said = node.number in finding.nodes if finding.nodes is not None else not beyond(node)
        return Place.READY if said else Place.ABSENT
    if agent.places is None and not _may_be_on(agent, node):
        return Place.ABSENT
    place = agent.place(node.name, node.labels)
    return Place.UNKNOWN if place is Place.READY and id(agent) in crowded else place


def _all(evidence: Evidence, findings: Sequence[Finding]) -> Pool:
    """The one pool where no node is known."""
    places = ((f, f.agent.anywhere if f.agent else Place.READY) for f in findings)
    claims = [(finding, place) for finding, place in places if place is not Place.ABSENT]
    verdict = _decided(claims) if claims else _without(evidence, findings, "", "")
    agents = [f.agent for f, _ in claims if f.agent and f.agent.called in verdict.evidence]
    return Pool(ALL, None, agents[0].count if agents else None, verdict)


def _decided(claims: Sequence[_Claim]) -> Verdict:
    """One that enforces is enough; that another may decides before that a third does not."""
    found = [_settled(finding, place) for finding, place in claims]
    found = [one for one in found if not one.fallback] or found
    for answer in (Answer.ENFORCED, Answer.CANNOT_TELL, Answer.NOT_ENFORCED):
        mine = [one for one in found if one.answer is answer]
        if mine:
            break
    if any(not one.network for one in mine):
        mine = [one for one in mine if not one.network]
    beneath = [one.plugin for one in found if one.network and one not in mine]
    plugins = list(dict.fromkeys(one.plugin for one in mine))
    called = " and ".join(plugins)
    return Verdict(
        answer=answer,
        reason=" ".join(dict.fromkeys(one.reason for one in mine)),
        plugin=f"{called} over {beneath[0]}" if beneath else called,
        version=", ".join(dict.fromkeys(one.version for one in mine if one.version)),
        evidence=", ".join(dict.fromkeys(one.evidence for one in mine)),
        mode=", ".join(dict.fromkeys(one.mode for one in mine if one.mode)),
        abilities=reduce(Abilities.beside, [one.abilities for one in mine]),
        applied=all(one.agent.applied if one.agent else not one.to_come for one in mine),
    )


def _settled(finding: Finding, place: Place) -> Finding:
    """The finding as it is where its agent is in that state."""
    agent = finding.agent
    if agent is None or finding.answer is not Answer.ENFORCED or place is Place.READY:
        return finding
    if place is Place.UNREADY:
        if not agent.some_ready:
            reason = f"None of the pods of {agent.called} is ready."
            return replace(finding, answer=Answer.NOT_ENFORCED, reason=reason)
        reason = f"The pod of {agent.called} is not ready there: what it set before may hold, and may not."
        return replace(finding, answer=Answer.CANNOT_TELL, reason=reason)
    if agent.status is None:
        return finding
    status = agent.status
    reason = (
        f"{agent.called} is ready on {number(status.ready)} of {number(status.desired)} nodes, "
        "and on which is not known."
        if status.ready < status.desired
        else f"{agent.called} is on {number(status.desired)} nodes, and on which is not known."
    )
    return replace(finding, answer=Answer.CANNOT_TELL, reason=reason)


def _without(evidence: Evidence, findings: Sequence[Finding], kind: str, node: str) -> Verdict:
    """The verdict on nodes, the first of which is `node`, of which no plug-in says anything."""
    agents = {f.agent.called: f for f in findings if f.agent and f.answer is Answer.ENFORCED}
    if kind in _BEYOND:
        return Verdict(Answer.NOT_ENFORCED, _BEYOND[kind], evidence=f"labels of Node {node}")
    if kind and (agents or evidence.system_seen):
        reason = "No agent of a plug-in is on these Windows nodes."
        return Verdict(Answer.NOT_ENFORCED, reason, evidence=f"labels of Node {node}")
    if agents and evidence.agents_known:
        reason = f"No pod of {' or '.join(sorted(agents))} is there."
        return Verdict(Answer.NOT_ENFORCED, reason, evidence=", ".join(sorted(agents)))
    return Verdict(Answer.CANNOT_TELL, _nothing(evidence))


def _nothing(evidence: Evidence) -> str:
    """Why nothing can be said."""
    if not evidence.nodes and not evidence.agents:
        return "Neither a node nor a network plug-in is in what was read."
    if not evidence.agents_known:
        return "What runs on the nodes for their network was not read."
    return "No network plug-in that this version knows was seen."
