"""What stands in the network diagram, and all its lines, as a table: names are whole there."""

from collections.abc import Mapping
from typing import Final

from audit.compose import words
from audit.compose.pictures.boxes import Space
from audit.compose.pictures.bundles import Edge
from audit.compose.pictures.entrances import Entrance
from audit.compose.pictures.plan import Plan
from audit.compose.pictures.spaces import Spaces
from audit.policy.identities import Ints
from reports.model import Column, Group, Row, Table, Weight

_MOST_NAMED: Final = 4
_INSIDE: Final = " What pods of one namespace may do among themselves is in the next picture."
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INWARD: Final[Mapping[Weight, str]] = {
    "free": ", freely",
    "plain": "",
    "doubtful": ", not assessed",
    "closed": ", where nobody is let in",
}


def letter(place: int) -> str:
    """What a box of exposed workloads is called; those of namespaces have numbers."""
    return _LETTERS[place]


def table(plan: Plan) -> Table:
    """A row a box."""
    near = tuple(_near(plan, place, entrance) for place, entrance in enumerate(plan.near))
    within = tuple(_within(plan, place, box) for place, box in enumerate(plan.within))
    return Table(
        columns=(
            Column("Box"),
            Column("Stands for", "name"),
            Column("Pods", "number"),
            Column("May connect to"),
            Column("Outside"),
        ),
        groups=(Group(near, "Exposed workloads"), Group(within, "Namespaces")) if near else (Group(within),),
        caption=(
            "The boxes of the diagram and all its lines, by policy. Freely: nothing restricts it."
            + _INSIDE * (len(plan.spaces.names) > 1)
        ),
    )


def _near(plan: Plan, place: int, entrance: Entrance) -> Row:
    lines = {box: edge for (source, box), edge in plan.onward.items() if source == place}
    inward = "; ".join(f"{edge.label}{_INWARD[edge.weight]}" for edge in entrance.entries)
    return (
        letter(place),
        words.named(entrance.names, _MOST_NAMED),
        words.number(entrance.pods),
        _lines(lines),
        f"in on {inward}",
    )


def _within(plan: Plan, place: int, box: Space) -> Row:
    spaces, members = plan.spaces, box.members
    lines = {b: e for (a, b), e in plan.among.items() if a == place and (a, b) not in plan.inside}
    return (
        str(place + 1),
        words.named([spaces.names[number] for number in members.tolist()], _MOST_NAMED),
        words.number(int(spaces.pods[members].sum())),
        _lines(lines, place),
        _out(spaces, members),
    )


def _out(spaces: Spaces, members: Ints) -> str:
    """Whether pods may connect to addresses outside."""
    far, near = int(spaces.leaving[members].sum()), int(spaces.leaving_for_some[members].sum())
    told = [f"{words.counted(far, 'pod')} out to any address"] if far else []
    told += [f"{words.counted(near, 'pod')} out to some addresses"] if near else []
    return ", ".join(told) or "no pod out to any address"


def _lines(lines: Mapping[int, Edge], own: int = -1) -> str:
    """Where the lines of a box lead, those that say the same together."""
    by_edge: dict[Edge, list[str]] = {}
    for box, edge in sorted(lines.items()):
        by_edge.setdefault(edge, []).append("each other" if box == own else str(box + 1))
    told = [f"{', '.join(boxes)} {_on(edge)}" for edge, boxes in by_edge.items()]
    return "; ".join(told) or "no other box"


def _on(edge: Edge) -> str:
    if edge.weight == "free":
        return "freely"
    return f"on {edge.label}{', not assessed' if edge.weight == 'doubtful' else ''}"
