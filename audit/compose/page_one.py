"""Page one: what is wrong, how bad, what to do first, and what was not looked at."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.causes import Cause
from audit.compose.completeness import looked_at, not_assessed
from audit.compose.view import View, denies, with_pods
from reports.model import Figure, First, PageOne, Text

_MOST_FIRST: Final = 5
_BROAD: Final = ("ingress-cidrs-are-narrow", "egress-cidrs-are-narrow")
_NOT_AS_MEANT: Final = (
    "policies-select-pods-not-services",
    "rules-use-pod-ports-not-service-ports",
    "ip-blocks-are-not-cluster-ips",
    "policies-select-something",
    "allow-all-does-not-undo-default-deny",
    "policies-are-well-formed",
)
"""Checks whose findings are policies that do not do what they say."""

_UNKNOWN: Final = "not assessed"


def page_one(view: View, causes: Sequence[Cause]) -> PageOne:
    """What a reader knows after one page."""
    return PageOne(
        lead=_lead(view),
        enforcement=(
            "Whether the network plug-in enforces policies cannot be told, as this version does not look at it. "
            "Every figure here is by policy: it holds where policies are enforced."
        ),
        figures=_figures(view),
        first=tuple(First(cause.sentence(), cause.anchor) for cause in _first(causes)),
        not_assessed=not_assessed(view),
        looked_at=looked_at(view),
        nothing_first=_nothing_first(view),
    )


def _first(causes: Sequence[Cause]) -> list[Cause]:
    return [cause for cause in causes if not cause.waived][:_MOST_FIRST]


def _nothing_first(view: View) -> Text:
    judged = int(view.checks[["passed", "waived", "failed"]].sum().sum())
    if not judged:
        return "Nothing could be judged, so nothing is known of what to mend."
    return f"No finding. {words.counted(judged, 'subject')} of {words.counted(len(view.checks), 'check')} were judged."


def _lead(view: View) -> Text:
    governed = _governed(view)
    total = len(governed)
    where = _where(view)
    if not view.readable("pods"):
        return words.text("Not assessed: the pods", where, " could not all be read.")
    if not len(view.pods):
        return words.text("No pods in this input", where, ".")
    if not total:
        return words.text(
            "No pods", where, " that a policy could govern: all of them use their node's network."
        )
    if not view.readable("networkpolicies"):
        return words.text(
            "Not assessed: which pods", where, " accept traffic from every pod. The policies could not be read."
        )  # fmt: skip
    open_pods = int((governed["ingress_pods"] == "cluster").sum())
    what = "accept traffic from every pod in the cluster."
    one = what.replace("accept", "accepts", 1)
    if total == 1:
        verb = one if open_pods else one.replace("accepts", "does not accept", 1)
        return words.text("By policy, the only pod", where, f" {verb}")
    if not open_pods:
        return words.text(f"By policy, none of {words.number(total)} pods", where, f" {one}")
    if open_pods == total:
        return words.text(f"By policy, all {words.number(total)} pods", where, f" {what}")
    share = f"By policy, {words.number(open_pods)} of {words.number(total)} pods"
    return words.text(share, where, f" {words.verb(open_pods, one, what)}")


def _where(view: View) -> Text:
    if view.only is None:
        return ""
    return words.text(f" in {words.verb(len(view.only), 'namespace', 'namespaces')} ", words.named(view.only))


def _governed(view: View) -> pd.DataFrame:
    """The pods that a policy could govern."""
    return view.pods[~view.pods["host_network"]]


def _figures(view: View) -> tuple[Figure, ...]:
    governed = _governed(view)
    return (
        _isolated(view, governed, "ingress"),
        _isolated(view, governed, "egress"),
        _default_deny(view),
        _findings_of(view, "Broad CIDR rules", _BROAD, len(view.rules), "rule"),
        _findings_of(
            view, "Not what they say", _NOT_AS_MEANT, int(view.policies["evaluated"].sum()), "policy"
        ),
    )


def _isolated(view: View, governed: pd.DataFrame, direction: str) -> Figure:
    label = f"Isolated for {direction}"
    if not view.known or not len(governed):
        return Figure(label, "–", _UNKNOWN if not view.known else "no pods")
    on = int(governed[f"{direction}_isolated"].sum())
    base = f"{words.number(on)} of {words.counted(len(governed), 'pod')}"
    return Figure(label, words.percent(on, len(governed)), base)


def _default_deny(view: View) -> Figure:
    label = "Default deny"
    counting = with_pods(view.namespaces)
    if not view.known or not len(counting):
        return Figure(label, "–", _UNKNOWN if not view.known else "no namespace with pods")
    ingress, egress = (int(denies(counting, direction).sum()) for direction in ("ingress", "egress"))
    base = f"of {words.counted(len(counting), 'namespace')} for ingress, {words.number(egress)} for egress"
    return Figure(label, words.number(ingress), base)


def _findings_of(view: View, label: str, ids: Sequence[str], total: int, noun: str) -> Figure:
    """How many policies or rules of the cluster a set of checks found, each once, waived ones too."""
    if not view.readable("networkpolicies"):
        return Figure(label, "–", _UNKNOWN)
    found = view.findings[view.findings["check"].isin(ids) & view.findings["kind"].eq("NetworkPolicy")]
    keys = ["namespace", "name", *(["rule"] if noun == "rule" else [])]
    count = len(found[keys].drop_duplicates())
    return Figure(label, words.number(count), f"of {words.counted(total, noun)}")
