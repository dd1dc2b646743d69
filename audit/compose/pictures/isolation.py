"""Isolation by namespace: a bar for each, as long as it has pods."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.view import View
from audit.headline import with_pods
from reports.model import Bar, BarGroup, BarKey, BarPart, Bars

_MOST: Final = 30
_CAPTION: Final = (
    "Isolation by namespace: pods that policies can govern, those with most open ones first, and at the end "
    "of each bar how many are open of how many. No policy selects an open pod for ingress, so that by its "
    "end every pod may connect to it."
)
_ALONE: Final = (
    "What is not assessed could be governed by policies that are not evaluated; the numbers are by "
    "NetworkPolicies alone."
)
_KEY: Final = (
    BarKey("isolated", "isolated for ingress"),
    BarKey("open", "open"),
    BarKey("not-assessed", "not assessed"),
)


def isolation(view: View, ordered: pd.DataFrame, anchors: dict[str, str]) -> Iterator[Bars]:
    """The bars of the namespaces with pods, in their order; none where nothing can be said, or for one alone.

    `ordered` is NAMESPACE_FACTS, `anchors` leads to the sections of some.
    """
    counting = with_pods(ordered)
    if not view.known or len(counting) < 2:
        return
    shown = counting.head(_MOST)
    left = counting.iloc[len(shown) :]
    longest = int(shown["pods"].max())
    groups = []
    for system, title in ((False, ""), (True, "System namespaces")):
        rows = shown[shown["system"] == system]
        if len(rows):
            groups.append(BarGroup(tuple(_bar(row, longest, anchors) for row in words.records(rows)), title))
    kinds = {part.kind for group in groups for bar in group.bars for part in bar.parts}
    yield Bars(
        groups=tuple(groups),
        key=tuple(key for key in _KEY if key.kind in kinds),
        caption=words.sentences((_CAPTION, _ALONE if "not-assessed" in kinds else "")),
        more=_more(left),
    )


def _bar(row: dict[str, object], longest: int, anchors: dict[str, str]) -> Bar:
    name, pods, isolated = str(row["namespace"]), _count(row, "pods"), _count(row, "pods_ingress_isolated")
    left = pods - isolated
    told = f"{words.number(left) if left else 'none'} of {words.number(pods)}"
    doubtful = bool(row["unevaluated_policies"])
    if doubtful:
        parts: tuple[BarPart, ...] = (BarPart("not-assessed", 1.0),)
        alternative = (
            f"{words.counted(pods, 'pod')} not assessed: others than NetworkPolicies may govern them"
        )
        told = f"{told}, not assessed"
    else:
        both = (BarPart("isolated", isolated / pods), BarPart("open", left / pods))
        parts = tuple(part for part in both if part.share)
        alternative = f"{words.number(isolated)} isolated, {words.number(left)} open"
    return Bar(name, parts, pods / longest, told, alternative, anchors.get(name, ""))


def _count(row: dict[str, object], column: str) -> int:
    return int(str(row[column]))


def _more(left: pd.DataFrame) -> str:
    if not len(left):
        return ""
    left_open = int((left["pods"] - left["pods_ingress_isolated"]).sum())
    pods = words.counted(left_open, "open pod") if left_open else "no open pod"
    return f"and {words.number(len(left))} more with {pods}, in the table below."
