"""Why one end may or may not connect to another: which policy and rule decides, in both directions."""

import difflib
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from audit.errors import UsageError
from audit.facts import Facts
from audit.policy.addresses import FAMILIES, Address, parse_address
from audit.policy.ends import Among
from audit.policy.engine import Engine, Step
from audit.policy.identities import FAMILY_BIT
from audit.policy.model import Direction
from audit.policy.ports import ALL, NONE, Connections, intersection, union
from audit.policy.words import peer_words, ports_words
from audit.queries.standing_between import Access, enforced, ways_in

_MOST_PAIRS: Final = 20
"""Pairs of pods that are explained where a workload's pods differ."""


class Place(NamedTuple):
    """One end of the question: its name, its number in the engine, and the pod if it is one."""

    name: str
    end: int
    pod: int | None = None
    address: Address | None = None


class Hit(NamedTuple):
    """A rule that lets something through: its place, what it says, and what it lets through here."""

    policy: str
    rule: str
    words: str
    connections: Connections


class Side(NamedTuple):
    """What one end's policies say."""

    direction: Direction
    policies: tuple[str, ...]
    """Those that select the end for the direction; without any it is not isolated."""
    hits: tuple[Hit, ...]
    allowed: Connections
    exempt: str = ""
    """Why the policies do not matter here, or empty."""

    def exempted(self, why: str) -> "Side":
        """This side, with everything allowed if there is a reason for it."""
        return self._replace(allowed=ALL, exempt=why) if why else self


class Explanation(NamedTuple):
    """The answer for one pair."""

    source: str
    destination: str
    egress: Side
    ingress: Side
    allowed: Connections
    notes: tuple[str, ...]
    ways: tuple[Access, ...] | None = None
    """From an address outside to a pod what leads there; None where that is not the question."""
    enforced: tuple[tuple[str, str], ...] = ()
    """For each end that is a pod what is known of whether policies hold there."""


def explain(facts: Facts, source: str, destination: str) -> list[Explanation]:
    """The answers for two ends: `namespace/pod`, `namespace/Kind/name` or an address.

    More than one where pods of a workload differ, one for each pair that policies can tell apart, 20 at
    most. UsageError if an end is not there, has finished, or both are addresses of no pod.
    """
    sources, destinations = _places(facts, source), _places(facts, destination)
    if sources[0].pod is None and destinations[0].pod is None:
        raise UsageError(f"{source} and {destination}: no pod has either address, so no policy decides")
    pairs = [(s, d) for s in sources for d in destinations]
    return [between(facts, s, d) for s, d in pairs[:_MOST_PAIRS]]


def between(facts: Facts, source: Place, destination: Place) -> Explanation:
    """The answer for one pair of ends."""
    engine = facts.cluster.engine
    itself = source.pod is not None and source.pod == destination.pod
    exempt = "a pod always reaches itself" if itself else ""
    families = [
        f
        for f in FAMILIES
        if FAMILY_BIT[f] & engine.ends.families[source.end] & engine.ends.families[destination.end]
    ]
    own_node = exempt or _own_node(facts, source, destination)
    over = [
        (
            _side(facts, Direction.EGRESS, source, destination, family).exempted(exempt),
            _side(facts, Direction.INGRESS, destination, source, family).exempted(own_node),
        )
        for family in families
    ]
    # allowed over some pair of addresses of one family: families are not mixed
    allowed = ALL if itself else NONE
    for egress, ingress in over:
        allowed = union(allowed, intersection(egress.allowed, ingress.allowed))
    return Explanation(
        source.name,
        destination.name,
        _together(Direction.EGRESS, [egress for egress, _ in over]),
        _together(Direction.INGRESS, [ingress for _, ingress in over]),
        allowed,
        tuple(_notes(facts, source, destination, shared=bool(families))),
        _ways(facts, source, destination, allowed),
        tuple((one.name, enforced(facts, one.pod)) for one in (source, destination) if one.pod is not None),
    )


def _ways(facts: Facts, source: Place, destination: Place, allowed: Connections) -> tuple[Access, ...] | None:
    if source.pod is not None or source.address is None or destination.pod is None:
        return None
    return ways_in(facts, source.address, destination.pod, allowed)


def _side(facts: Facts, direction: Direction, own: Place, other: Place, family: int) -> Side:
    engine = facts.cluster.engine
    profiles, of_end = engine.profiles(direction)
    profile = profiles[of_end[own.end]]
    met: list[Step] = []
    number = engine.verdicts(direction, profile, family, Among(engine.ends, np.array([other.end])), met)
    destination_ports = profile.ports if direction is Direction.INGRESS else int(engine.ends.ports[other.end])
    return Side(
        direction,
        tuple(f"{engine.policies[p].namespace}/{engine.policies[p].name}" for p in profile.policies),
        # what each rule lets through, also where another one does so too
        tuple(
            _hit(engine, direction, step, destination_ports) for step in met if step.cause.rule is not None
        ),
        engine.sets[int(number[0])],
    )


def _hit(engine: Engine, direction: Direction, step: Step, destination_ports: int) -> Hit:
    policy = engine.policies[step.cause.policy]
    place = "" if step.cause.peer is None else f".{direction.peers}[{step.cause.peer}]"
    whom = "everyone" if step.peer is None else peer_words(step.peer)
    return Hit(
        f"{policy.namespace}/{policy.name}",
        f"{direction}[{step.cause.rule}]{place}",
        f"{whom}, {ports_words(step.ports)}",
        engine.ends.connections(step.ports, destination_ports),
    )


def _together(direction: Direction, sides: Iterable[Side]) -> Side:
    """The sides over each family as one; of none, a side that allows nothing."""
    both = Side(direction, (), (), NONE)
    for side in sides:
        hits = tuple(dict.fromkeys((*both.hits, *side.hits)))
        both = side._replace(hits=hits, allowed=union(both.allowed, side.allowed))
    return both


def _own_node(facts: Facts, source: Place, destination: Place) -> str:
    """Why ingress from `source` is exempt: types.go, "OR if the traffic source is the pod's local node"."""
    if destination.pod is None or facts.pods["host_network"].iloc[destination.pod]:
        return ""
    rows = facts.cluster.pods
    node = str(rows["node"].iloc[destination.pod])
    nodes = facts.snapshot["nodes"]
    texts = [
        str(rows["host_addresses"].iloc[destination.pod]),
        *nodes.loc[(nodes["name"] == node).to_numpy(), "addresses"],
    ]
    on_node = {parse_address(text) for line in texts for text in line.split()} - {None}
    same = source.address in on_node
    if source.pod is not None and facts.pods["host_network"].iloc[source.pod]:
        same = (node != "" and str(rows["node"].iloc[source.pod]) == node) or bool(
            on_node & set(_addresses(facts, source.pod))
        )
    return "it is the destination's own node, and that is always let in" if same else ""


def _notes(facts: Facts, source: Place, destination: Place, *, shared: bool) -> Iterable[str]:
    if not shared:
        yield "they have no address family in common, so there is no connection"
    for place in (source, destination):
        if place.pod is not None:
            if facts.pods["host_network"].iloc[place.pod]:
                yield f"{place.name} is in its node's network: no policy holds for it, no selector matches it"
            unevaluated = str(facts.pods["unevaluated_policies"].iloc[place.pod])
            if unevaluated:
                yield f"{unevaluated}: not evaluated by this version, and could govern {place.name}"
        elif place.address is not None and str(place.address) in _cluster_ips(facts):
            yield f"{place.name} is a Service's address: what policies see is the address of a pod behind it"


def _cluster_ips(facts: Facts) -> set[str]:
    texts = facts.snapshot["services"]["cluster_ips"]
    return {str(parse_address(text)) for line in texts.tolist() for text in line.split()}


def _places(facts: Facts, text: str) -> list[Place]:
    address = parse_address(text)
    if address is not None:
        return [_address_place(facts, text, address)]
    parts = text.split("/")
    if len(parts) == 2:
        named = facts.pods["pod"] == parts[1]
    elif len(parts) == 3:
        named = facts.pods["workload"] == "/".join(parts[1:])
    else:
        raise UsageError(f"{text!r}: neither namespace/pod nor namespace/Kind/name nor an address")
    found = np.flatnonzero((named & (facts.pods["namespace"] == parts[0])).to_numpy())
    if not len(found):
        raise UsageError(_not_there(facts, text, parts))
    identities, first = np.unique(facts.cluster.identity_of_pod[found], return_index=True)
    names = facts.pods["namespace"].astype("str") + "/" + facts.pods["pod"]
    return [
        Place(str(names.iloc[pod]), int(identity), int(pod))
        for identity, pod in sorted(zip(identities, found[first], strict=True), key=lambda p: int(p[1]))
    ]


def _address_place(facts: Facts, text: str, address: Address) -> Place:
    owners = _owners(facts, address)
    alone = [pod for pod in owners if not facts.pods["host_network"].iloc[pod]]
    if alone:
        pod = alone[0]
        name = f"{facts.pods['namespace'].iloc[pod]}/{facts.pods['pod'].iloc[pod]}"
        return Place(f"{text} ({name})", int(facts.cluster.identity_of_pod[pod]), pod, address)
    return Place(text, int(facts.cluster.engine.ends.outside([address])[0]), None, address)


def _owners(facts: Facts, address: Address) -> list[int]:
    """The pods that have the address."""
    rows = facts.cluster.addresses
    same = (
        (rows["family"] == address.family)
        & (rows["high"] == address.value >> 64)
        & (rows["low"] == address.value & ((1 << 64) - 1))
    )
    return rows.loc[same, "pod"].tolist()


def _addresses(facts: Facts, pod: int) -> list[Address]:
    rows = facts.cluster.addresses[lambda a: a["pod"] == pod]
    return [
        Address(family, high << 64 | low)
        for family, high, low in zip(*(rows[c].tolist() for c in ("family", "high", "low")), strict=True)
    ]


def _not_there(facts: Facts, text: str, parts: list[str]) -> str:
    """Why an end cannot be found, and what may be meant."""
    finished = facts.finished_pods
    if (finished["namespace"].astype("str") + "/" + finished["pod"]).isin([text]).any():
        return f"{text} has finished: a finished pod does not count, and its address may be another pod's"
    rows = facts.pods[facts.pods["namespace"] == parts[0]]
    workloads = rows["workload"].astype("str")
    names = [
        *(rows["pod"] if len(parts) == 2 else workloads),
        *workloads[workloads.str.endswith(f"/{parts[-1]}")],
    ]
    known = list(dict.fromkeys(f"{parts[0]}/{name}" for name in names))
    meant = [name for name in known if name.rpartition("/")[2] == parts[-1]]
    close = meant or difflib.get_close_matches(text, known, n=3)
    hint = (
        f"is {' or '.join(close[:3])} meant?" if close else "name it as namespace/pod or namespace/Kind/name"
    )
    return f"{text}: no such {'pod' if len(parts) == 2 else 'workload with pods'} in the input; {hint}"
