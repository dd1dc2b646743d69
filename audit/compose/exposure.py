"""Exposure: who may come in from outside, by what, to which workload, what policies say, and what is next."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from audit import checks
from audit.compose import words
from audit.compose.view import View
from audit.exposure.exposure import ANY, NOT_ASSESSED, in_doubt
from audit.headline import from_outside
from reports.model import Block, Column, Group, Note, Paragraph, Row, Section, Table, Text, code, name

ANCHOR: Final = "exposure"
FILE: Final = "csv/exposure.csv"

_MOST_ROWS: Final = 12
_MOST_PUBLISHED: Final = 20
_MOST_RANGES: Final = 3
_MOST_PORTS: Final = 6
_PUBLISHED: Final = "Published by "
_ONE_WAY: Final = ["group", "reach", "workload", "via", "object", "sources", "allowed"]
"""What rows of EXPOSURE that differ in their port alone have in common, in the order of telling."""
_GROUPS: Final = (
    "Not isolated for ingress",
    "Isolated for ingress",
    "Not assessed",
    "In their node's network, where no policy holds",
    "From the cloud's own network, not from outside",
)
_OPEN, _ISOLATED, _UNKNOWN, _HOST, _INTERNAL = range(len(_GROUPS))
_LET_IN: Final = {
    "any": "all of them",
    "limited": "some of them",
    "none": "nobody",
    NOT_ASSESSED: "not assessed",
}
_NOT_FOLLOWED: Final = (
    "Not followed: what service meshes and other controllers route by resources of their own, and what "
    "firewalls, routers and peered networks outside the cluster let through. Of an Ingress or a Gateway it "
    "is the pods of its controller that connect: where these are known they are named, and policies are "
    "judged between them and the workload; where not, it is told whether all, some or none of all pods and "
    "addresses may."
)


def exposure(view: View) -> Section:
    """The section."""
    rows = view.exposure
    blocks: list[Block] = [*_unread(view)]
    if len(rows):
        ways = _ways(rows)
        blocks += [_table(ways, len(rows)), *_by_nodes(rows)]
    blocks += [*_published(view), Paragraph(_NOT_FOLLOWED)]
    return Section(ANCHOR, "Exposure", lead=_lead(view), blocks=tuple(blocks))


def _lead(view: View) -> Text:
    rows = from_outside(view.exposure)
    seen = "" if view.published else " in what could be read"
    if not len(view.pods):
        return "There are no pods in this input: what leads to them from outside is not assessed."
    if not len(rows):
        what = "No Service, Ingress, Gateway or hostPort"
        return f"{what}{seen} leads from outside to a pod that a policy could govern."
    rows = rows.assign(
        unknown=in_doubt(rows),
        isolated=rows["ingress_isolated"].astype("bool"),
        shut=rows["allowed"].eq("none"),
    )
    every = {"unknown": "any", "isolated": "all", "shut": "all"}
    ways = rows.groupby("workload", observed=True)[list(every)].agg(every)
    total = len(ways)
    first = f"Ways from outside lead to {words.counted(total, 'workload')}{seen}."
    if not view.known:
        return f"{first} Not all policies and pods are known: what policies let in is not assessed."
    unknown, lacking, shut = (
        int(chosen.sum())
        for chosen in (
            ways["unknown"],
            ~ways["unknown"] & ~ways["isolated"],
            ~ways["unknown"] & ways["isolated"] & ways["shut"],
        )
    )
    told = [first]
    if unknown:
        told.append(f"What policies let in to {_these(unknown, total)} is not assessed.")
    if lacking:
        whom = words.verb(total, "It is not", "None of them is")
        if lacking < total:
            whom = f"{words.number(lacking)} of them {words.verb(lacking, 'is', 'are')} not"
        told.append(f"{whom} isolated for ingress: all other ports of such a workload are open, too.")
    elif not unknown:
        told.append(f"{words.verb(total, 'It is', 'All of them are')} isolated for ingress.")
    if shut:
        told.append(f"To {_these(shut, total)} policies let nobody in.")
    return " ".join(told)


def _these(count: int, total: int) -> str:
    """Some of the workloads that were just counted."""
    if count == total:
        return "it" if total == 1 else "all of them"
    return f"{words.number(count)} of them"


def _unread(view: View) -> Iterator[Block]:
    asked = [kind for kind in checks.EXPOSING if view.facts.snapshot.state(kind) != "not asked"]
    kinds = [kind for kind in asked if not view.readable(kind)]
    if kinds:
        told = f"What {words.joined(kinds)} expose is not known in full: not all of these could be read."
        yield Note(told, "More may be exposed", "gap")


def _ways(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each way and workload, with all its ports; those with most behind them first."""
    isolated = rows["ingress_isolated"]
    group = pd.Series(_ISOLATED, index=rows.index)
    group = group.mask(~isolated.fillna(value=True).astype("bool"), _OPEN)
    group = group.mask(in_doubt(rows), _UNKNOWN)
    group = group.mask(isolated.isna(), _HOST).mask(rows["internal"], _INTERNAL)
    ordered = rows.assign(
        group=group,
        reach=-rows["reachable_workloads"].fillna(0).astype("int64"),
        ports=rows["protocol"].astype("str") + " " + rows["port"].astype("str"),
        **{column: rows[column].astype("str") for column in ("via", "allowed")},
    )
    grouped = ordered.groupby(_ONE_WAY, sort=True, as_index=False)
    columns = ("through", "next_workloads", "next_namespaces", "reachable_workloads", "reachable_namespaces")
    kept = {column: (column, "first") for column in (*columns, "first_that_matter")}
    return grouped.agg(ports=("ports", list), **kept)


def _table(ways: pd.DataFrame, rows: int) -> Table:
    groups, left = [], 0
    for number, title in enumerate(_GROUPS):
        mine = ways[ways["group"] == number]
        shown = words.head(mine, _MOST_ROWS, "workload")
        left += len(mine) - len(shown)
        if len(mine):
            groups.append(Group(tuple(_row(way) for way in words.records(shown)), title))
    return Table(
        columns=(
            Column("Workload and port", "name"),
            Column("By", "name"),
            Column("From"),
            Column("Policies let in"),
            Column("What can be reached from there"),
        ),
        groups=tuple(groups),
        caption=(
            f"Ways in from outside, those with most behind them first; {words.counted(rows, 'row')} in all, "
            "one for each port, are in the CSV. What can be reached is by policy, on any port, in one hop "
            "and in any number of them."
        ),
        more=words.more(left, FILE),
    )


def _row(way: dict[str, object]) -> Row:
    namespace, kind, called = str(way["object"]).split("/", 2)
    through = str(way["through"])
    by = words.text(f"{way['via']} ", (name(f"{kind} {namespace}/{called}"),))
    ports = way["ports"] if isinstance(way["ports"], list) else []
    return (
        words.text((name(str(way["workload"])),), f": {_few(ports, _MOST_PORTS)}"),
        words.text(by, ", through ", (name(through),)) if through else by,
        _sources(str(way["sources"]), internal=way["group"] == _INTERNAL),
        _let_in(way),
        _reach(way),
    )


def _let_in(way: dict[str, object]) -> str:
    if way["group"] == _HOST:
        return "everybody: no policy holds"
    told = _LET_IN[str(way["allowed"])]
    alone = way["group"] == _UNKNOWN and way["allowed"] != NOT_ASSESSED
    return f"{told}, by NetworkPolicies alone" if alone else told


def _few(texts: Sequence[str], most: int) -> str:
    shown = texts[: words.whole(len(texts), most)]
    rest = len(texts) - len(shown)
    return ", ".join(shown) + (f" and {words.number(rest)} more" if rest else "")


def _sources(sources: str, *, internal: bool) -> str:
    if sources != ANY:
        return _few(sources.split(), _MOST_RANGES)
    return "the cloud's own network" if internal else "anywhere"


def _reach(way: dict[str, object]) -> str:
    near, spaces, far, all_spaces = (
        way[column]
        for column in ("next_workloads", "next_namespaces", "reachable_workloads", "reachable_namespaces")
    )
    if way["allowed"] == NOT_ASSESSED:
        return "not assessed"
    if not all(isinstance(count, int) for count in (near, spaces, far, all_spaces)):
        return "not worked out: policies have too much to do with each other"
    if not far:
        told = "no other workload"
    else:
        told = f"{_counted(near, spaces)}"
        told += "" if (near, spaces) == (far, all_spaces) else f"; farther on {_counted(far, all_spaces)}"
    matter = str(way["first_that_matter"])
    return f"{told}. {words.begun(matter)}" if matter else told


def _counted(workloads: object, namespaces: object) -> str:
    if not workloads:
        return "nothing in one hop"
    counts = ((workloads, "workload"), (namespaces, "namespace"))
    return " in ".join(words.counted(int(str(count)), noun) for count, noun in counts)


def _by_nodes(rows: pd.DataFrame) -> Iterator[Block]:
    """Ranges in policies over pods to which nodes send on what comes in."""
    hiding = rows[(rows["traffic_policy"] == "Cluster") & (rows["allowed"] == "limited")]
    objects = sorted({text.replace("/Service/", "/") for text in hiding["object"].tolist()})
    if objects:
        yield Note(
            words.text(
                f"{words.verb(len(objects), 'Service', 'Services')} ",
                words.named(objects),
                " may be answered by another node than the one that was asked (",
                (code("externalTrafficPolicy: Cluster"),),
                "): who comes in then has the address of a node, and that is what the ranges in policies "
                "of the pods behind are compared with.",
            ),
            "Ranges may not mean whom they name",
        )


def _published(view: View) -> Iterator[Block]:
    """Rules that are open to everyone because somebody publishes what they open."""
    found = [
        (str(namespace), str(policy), str(rule), str(message))
        for result in view.results
        for namespace, policy, rule, message in words.rows(result.notes, *result.notes)
        if message.startswith(_PUBLISHED)
    ]
    every = list(dict.fromkeys(found))
    if not every:
        return
    shown = every[: words.whole(len(every), _MOST_PUBLISHED)]
    yield Table(
        columns=(Column("Policy", "name"), Column("Rule", "code"), Column("Published by")),
        groups=(
            Group(
                tuple(
                    ((name(f"{namespace}/{policy}"),), rule, told.removeprefix(_PUBLISHED).removesuffix("."))
                    for namespace, policy, rule, told in shown
                )
            ),
        ),
        caption="Rules that let everyone in, which is no finding: what they open is published.",
        more=f"and {words.number(len(every) - len(shown))} more rules." if len(every) > len(shown) else "",
    )
