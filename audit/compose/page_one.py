"""Page one: what is wrong, how bad, what to do first, and what was not looked at."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from audit.compose import words
from audit.compose.causes import NO_MANIFEST, Cause
from audit.compose.completeness import looked_at, no_finding
from audit.compose.unassessed import not_assessed
from audit.compose.view import View, denies, with_pods
from reports.model import Figure, First, PageOne, Text

_MOST_FIRST: Final = 5
_BROAD: Final = ("ingress-cidrs-are-narrow", "egress-cidrs-are-narrow")
_DOUBTFUL: Final = (
    "policies-select-pods-not-services",
    "rules-use-pod-ports-not-service-ports",
    "ip-blocks-are-not-cluster-ips",
    "policies-select-something",
    "policies-are-well-formed",
)
"""Checks whose findings are policies that do not do what they say."""

_UNKNOWN: Final = "not assessed"
_NO_NUMBER: Final = "?"


def page_one(view: View, causes: Sequence[Cause]) -> PageOne:
    """What a reader knows after one page."""
    return PageOne(
        lead=_lead(view),
        enforcement=(
            "Whether the network plug-in enforces policies cannot be told: this version does not look at it. "
            "What follows is by policy, and holds where policies are enforced."
        ),
        figures=_figures(view),
        first=tuple(First(cause.sentence(), cause.told) for cause in _first(causes)),
        not_assessed=not_assessed(view),
        looked_at=looked_at(view),
        nothing_first=no_finding(view),
    )


def _first(causes: Sequence[Cause]) -> list[Cause]:
    """The first few that are not waived; one that manifests above it mend already is no further step."""
    first: list[Cause] = []
    offered: set[int] = set()
    for cause in causes:
        manifests = set(np.unique(cause.manifests).tolist())
        if cause.waived or (NO_MANIFEST not in manifests and manifests <= offered):
            continue
        first.append(cause)
        offered |= manifests
        if len(first) == _MOST_FIRST:
            break
    return first


def _lead(view: View) -> Text:
    """The finding as a sentence with a number, or why there is none."""
    where = _where(view)
    missing = _missing(view)
    if missing:
        before, after = missing
        return words.text(before, where, after)
    governed = _governed(view)
    total, open_pods = len(governed), int((governed["ingress_pods"] == "cluster").sum())
    by = "By the NetworkPolicies alone" if _may_change(view) else "By policy"
    if total in {open_pods, 1}:
        share = f"{by}, {words.every(total, 'pod')}"
    else:
        share = f"{by}, {words.number(open_pods) if open_pods else 'none'} of {words.number(total)} pods"
    singular = open_pods <= 1 and (total == 1 or open_pods < total)
    verb = "does not accept" if total == 1 and not open_pods else "accepts" if singular else "accept"
    return words.text(share, where, f" {verb} traffic from every pod in the cluster.")


def _may_change(view: View) -> bool:
    """Whether policies that are not evaluated, or that nobody has seen, could govern some of the pods."""
    return view.unseen_policies or bool((view.pods["unevaluated_policies"] != "").any())


def _missing(view: View) -> tuple[str, str] | None:
    """Why pods cannot be counted, in two parts, between which is said where."""
    if not view.readable("pods"):
        return "Not assessed: the pods", " could not all be read."
    if not len(view.pods):
        return "No pods in this input", ", so nothing is known of what is open."
    if not len(_governed(view)):
        return "No pods", " that a policy could govern: all of them run in their node's network."
    if not view.readable("networkpolicies"):
        return "Not assessed: which pods", " accept traffic from every pod, as not all policies are known."
    return None


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
        _findings_of(view, "Doubtful policies", _DOUBTFUL, int(view.policies["evaluated"].sum()), "policy"),
    )


def _isolated(view: View, governed: pd.DataFrame, direction: str) -> Figure:
    label = f"Isolated for {direction}"
    if not view.known or not len(governed):
        return Figure(label, _NO_NUMBER, _UNKNOWN if not view.known else "no pods")
    on = int(governed[f"{direction}_isolated"].sum())
    base = f"{words.number(on)} of {words.counted(len(governed), 'pod')}"
    return Figure(label, words.percent(on, len(governed)), base)


def _default_deny(view: View) -> Figure:
    label = "Default deny"
    counting = with_pods(view.namespaces)
    if not view.known or not len(counting):
        return Figure(label, _NO_NUMBER, _UNKNOWN if not view.known else "no namespace with pods")
    ingress, egress = (int(denies(counting, direction).sum()) for direction in ("ingress", "egress"))
    base = f"of {words.counted(len(counting), 'namespace')} for ingress, {words.number(egress)} for egress"
    return Figure(label, words.number(ingress), base)


def _findings_of(view: View, label: str, ids: Sequence[str], total: int, noun: str) -> Figure:
    """How many policies or rules these checks found, each once, waived ones too."""
    if not view.known:
        return Figure(label, _NO_NUMBER, _UNKNOWN)
    found = view.findings[view.findings["check"].isin(ids) & view.findings["kind"].eq("NetworkPolicy")]
    keys = ["namespace", "name", *(["rule"] if noun == "rule" else [])]
    count, base = len(found[keys].drop_duplicates()), f"of {words.counted(total, noun)}"
    if any(result.unread for result in view.results if result.check.id in ids):
        # none that was found is not none that is there
        return (
            Figure(label, words.number(count), f"{base}; not all assessed")
            if count
            else Figure(label, _NO_NUMBER, _UNKNOWN)
        )
    return Figure(label, words.number(count), base)
