"""Declared boundaries that some allowed connection crosses."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from audit.checks import check
from audit.checks._controls import BOUNDARIES
from audit.checks._model import Status
from audit.checks._subjects import counted, of_rows
from audit.facts import Facts
from audit.policy.ports import ALL, NONE, intersection
from audit.queries.boundaries import Judged, Side, judge
from audit.queries.explain import Explanation
from audit.queries.explain import Side as End
from audit.severity import Severity

_TOO_MANY: Final = "Its policies have more to do with each other than can be worked out in memory."
_MAY_CHANGE: Final = "Not evaluated by this version, and may change the verdict: "


@check(
    title="Boundaries hold",
    severity=Severity.CRITICAL,
    subject="boundary",
    needs=("pods", "namespaces", "networkpolicies"),
    verdict=True,
    declared=lambda settings: settings.boundaries,
    controls=BOUNDARIES,
)
def boundaries_hold(facts: Facts) -> pd.DataFrame:
    """What the configuration declares must not be reached is not, directly or over others.

    Every allowed connection is looked at, of all pods there are. Between, any pod on any port will do: who
    has got hold of one goes on from there. A way is printed with what lets it through at each connection,
    and the shortest is enough: when it is closed, the next is found.
    """
    hops = facts.cluster.hops
    if hops is None:
        names = [boundary.name for boundary in facts.settings.boundaries]
        return of_rows([_row(name, Status.NOT_ASSESSED, _TOO_MANY) for name in names])
    return of_rows([_judged(facts, found) for found in judge(facts, hops)])


def _judged(facts: Facts, found: Judged) -> dict[str, object]:
    name = found.boundary.name
    for side, what in ((found.source, "from"), (found.destination, "to")):
        if side.empty:
            told = f"Boundary {name}: its `{what}` is nothing that was read, neither pods nor addresses."
            return _row(name, Status.NOT_ASSESSED, told)
    told = " ".join((_crossed(found) if found.way else _holds(found), *_left_out(facts, found)))
    if found.doubtful:
        told = f"{_MAY_CHANGE}{found.doubtful}. By NetworkPolicies alone: {told}"
        return _row(name, Status.NOT_ASSESSED, told)
    return _row(name, Status.FAILED if found.way else Status.PASSED, told)


def _left_out(facts: Facts, found: Judged) -> Iterator[str]:
    """What is not judged, of what one may think that it is."""
    for side, what in ((found.source, "from"), (found.destination, "to")):
        if side.within:
            have = "has an address" if side.within == 1 else "have addresses"
            yield (
                f"{counted(side.within, 'pod')} {have} in the ranges of `{what}`, which stand for addresses "
                "outside: choose pods by their labels."
            )
    hosts = facts.pods["host_network"].to_numpy(bool) & found.source.pods
    if not found.way and hosts.any():
        pods = counted(int(hosts.sum()), "pod")
        yield (
            f"{pods} of `from` may reach what is on the same node, as a pod's own node is always let in: "
            "that is not judged."
        )


def _row(name: str, status: Status, message: str) -> dict[str, object]:
    return {"kind": "Boundary", "name": name, "status": status.value, "message": message}


def _holds(found: Judged) -> str:
    boundary = found.boundary
    over = "" if boundary.hops == 1 else f", over {boundary.hops} connections at most"
    return f"Boundary {boundary.name}: {_size(found.source)} cannot reach {_size(found.destination)}{over}."


def _size(side: Side) -> str:
    pods = int(side.pods.sum())
    told = [counted(pods, "pod")] * bool(pods) + ["addresses outside"] * bool(side.cells)
    return " and ".join(told)


def _crossed(found: Judged) -> str:
    control = f" ({found.boundary.control})" if found.boundary.control else ""
    start = f"Boundary {found.boundary.name}{control} is crossed: {found.way[0].source} can reach"
    if len(found.way) == 1:
        return f"{start} {_step(found.way[0])}."
    steps = "; ".join(f"{step.source} to {_step(step)}" for step in found.way)
    return f"{start} {found.way[-1].destination} over {len(found.way)} connections. {steps}."


def _step(step: Explanation) -> str:
    """Where a connection leads, on what, and what lets it through at both ends."""
    ports = "every port" if step.allowed == ALL else step.allowed
    return f"{step.destination} on {ports} ({_let(step.egress, step)}, {_let(step.ingress, step)})"


def _let(end: End, step: Explanation) -> str:
    """What of one end lets the connection through."""
    if end.exempt:
        return f"{end.direction}: {end.exempt}"
    if not end.policies:
        return f"{end.direction}: no policy"
    hit = next(hit for hit in end.hits if intersection(hit.connections, step.allowed) != NONE)
    return f"{end.direction}: {hit.policy} {hit.rule}"
