"""The network diagram: outside, exposed workloads, and namespaces by equal reach, with all lines between."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from audit.compose import words
from audit.compose.pictures.boxes import ELSEWHERE, REST, Space, folded, groups
from audit.compose.pictures.bundles import bundled
from audit.compose.pictures.entrances import Entrance, Entrances
from audit.compose.pictures.plan import Plan, planned
from audit.compose.pictures.spaces import Spaces
from audit.compose.pictures.table import letter, table
from reports.model import Box, Diagram, Entry, Table, Text, name
from reports.pictures.diagram import fits

_BOXES: Final = (26, 22, 18, 15, 12, 9, 7, 5, 3)
"""How many boxes of namespaces are tried, until all lines fit on a sheet."""
_MOST_LINES: Final = 80


@dataclass(frozen=True)
class Network:
    """The diagram, and the same as a table."""

    diagram: Diagram
    table: Table
    groups: int
    """Of namespaces that are alike, drawn or not."""


def network(spaces: Spaces) -> Network:
    """Of the namespaces with pods."""
    found, entrances = groups(spaces), Entrances(spaces)
    for most in dict.fromkeys(min(most, len(found)) for most in _BOXES):
        plan = planned(spaces, entrances, folded(found, most))
        drawn = _diagram(plan)
        lines = len(drawn.entries) + len(drawn.onward) + len(drawn.among)
        if lines <= _MOST_LINES and fits(drawn):
            break
    return Network(drawn, table(plan), len(found))


def _diagram(plan: Plan) -> Diagram:
    onward, among = bundled(plan.onward), bundled(plan.among, plan.inside)
    return Diagram(
        title="Network diagram",
        near=tuple(_near(place, entrance) for place, entrance in enumerate(plan.near)),
        within=tuple(_within(plan, place, box) for place, box in enumerate(plan.within)),
        entries=tuple(
            Entry(place, edge.label, edge.weight)
            for place, entrance in enumerate(plan.near)
            for edge in entrance.entries
        ),
        onward=onward,
        among=among,
        outside="Outside",
        near_title="Exposed workloads",
        within_title="Namespaces, by equal reach",
        apart_title="System namespaces",
        caption=_caption(plan),
        alternative=_alternative(plan, len(onward) + len(among)),
    )


def _near(place: int, entrance: Entrance) -> Box:
    weights = {edge.weight for edge in entrance.entries}
    kind: Literal["doubtful", "open", "plain"] = (
        "doubtful" if entrance.in_doubt else "open" if "free" in weights else "plain"
    )
    detail = words.counted(entrance.pods, "pod")
    if entrance.rest:
        return Box(letter(place), words.counted(len(entrance.names), "more workload"), detail, kind="rest")
    # its kind is in the table: what differs is at the end
    namespace, _, called = entrance.names[0].split("/", 2)
    return Box(letter(place), f"{namespace}/{called}", detail, _and_more(len(entrance.names)), kind)


def _within(plan: Plan, place: int, box: Space) -> Box:
    spaces, members = plan.spaces, box.members
    pods, left, unsure = int(spaces.pods[members].sum()), int(spaces.open[members].sum()), plan.in_doubt(box)
    told = [words.counted(pods, "pod")]
    told.append("not assessed" if unsure else f"{words.number(left)} open" if left else "none open")
    if spaces.leaving[members].any() and not unsure:
        told.append("out anywhere")
    mark, detail, count = str(place + 1), ", ".join(told), len(members)
    if box.kind == REST:
        return Box(mark, words.counted(count, "more namespace"), detail, kind="rest")
    if box.kind == ELSEWHERE:
        return Box(mark, f"{words.counted(count, 'namespace')} not reported", detail, kind="rest")
    kind: Literal["doubtful", "open", "plain"] = "doubtful" if unsure else "open" if left else "plain"
    apart = bool(spaces.system[members].all())
    return Box(mark, spaces.names[int(members[0])], detail, _and_more(count), kind, apart)


def _and_more(count: int) -> str:
    return f"and {words.number(count - 1)} more" if count > 1 else ""


def _caption(plan: Plan) -> Text:
    view = plan.spaces.view
    provenance = view.facts.snapshot.provenance
    told = (
        f", {words.day(view.as_of)}: computed from the NetworkPolicies, pods, Services and other objects of "
        "the snapshot, not from traffic. A line says that some pod where it begins may connect to some pod "
        "at its arrow by policy, on these ports. It is bold where nothing restricts that, dashed where it is "
        "not assessed, and ends in a bar where policies let nobody in. Dots join lines; others cross."
    )
    return words.text(
        "Network diagram of ",
        (name(provenance.cluster or provenance.description),),
        words.sentences((told, *_left_out(plan))),
    )


def _left_out(plan: Plan) -> Iterator[str]:
    """What has no box of its own, or none at all, and why."""
    spaces = plan.spaces
    rest = sum(len(box.members) for box in plan.within if box.kind == REST)
    if rest:
        share = words.verb(rest, "shares", "share")
        yield f"{words.counted(rest, 'more namespace')}, like few others or none, {share} one box."
    near = sum(len(each.names) for each in plan.near if each.rest)
    if near:
        yield f"{words.counted(near, 'more exposed workload')} {words.verb(near, 'shares', 'share')} one box."
    empty = int((spaces.reported & (spaces.pods == 0)).sum())
    if empty:
        are = words.verb(empty, "is", "are")
        yield f"{words.counted(empty, 'namespace')} without a pod that policies can govern {are} left out."
    if not plan.near:
        yield "Nothing that was read exposes a workload to outside."
    elif not spaces.view.published:
        yield "More may be exposed: not all that could expose workloads was read."
    if spaces.view.unseen_policies:
        yield "Policies of other kinds could not be read, and may change all of it."


def _alternative(plan: Plan, lines: int) -> str:
    own = sum(len(box.members) for box in plan.within)
    near = sum(len(each.names) for each in plan.near)
    bold = sum(edge.weight == "free" for edge in (*plan.onward.values(), *plan.among.values()))
    pairs = len(plan.onward) + len(plan.among)
    exposed = "No workload is"
    if near:
        exposed = f"{words.counted(near, 'workload')} {words.verb(near, 'is', 'are')}"
    return (
        f"{exposed} exposed. {words.counted(own, 'namespace')} {words.verb(own, 'is', 'are')} in "
        f"{words.number(len(plan.within))} {words.verb(len(plan.within), 'box', 'boxes')}. "
        f"{words.counted(lines, 'line')} {words.verb(lines, 'leads', 'lead')} from box to box; nothing "
        f"restricts {words.number(bold)} of {words.counted(pairs, 'connected pair')}. The table below tells "
        "them all."
    )
