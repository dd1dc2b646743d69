"""Page one: what is wrong, how bad, what to do first, and what was not looked at."""

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.causes import Cause, to_do_first
from audit.compose.change import LABELS, Changes, changes
from audit.compose.completeness import looked_at, no_finding
from audit.compose.enforcement import sentence
from audit.compose.figures import headline_of
from audit.compose.unassessed import not_assessed
from audit.compose.view import View
from audit.headline import Headline, Share
from reports.model import Figure, First, PageOne, Text

_UNKNOWN: Final = "not assessed"
_NO_NUMBER: Final = "?"


def page_one(view: View, causes: Sequence[Cause], left_out: Sequence[Text]) -> PageOne:
    """What a reader knows after one page; `left_out` are the titles of sections that the report lacks."""
    counted = headline_of(view)
    since = changes(view)
    return PageOne(
        lead=_lead(view),
        enforcement=sentence(view),
        figures=_figures(counted, since),
        first=tuple(First(cause.sentence(), cause.told) for cause in to_do_first(causes)),
        not_assessed=not_assessed(view),
        looked_at=(*looked_at(view), *_left_out(left_out)),
        nothing_first=no_finding(view),
        compared=since.compared,
    )


def _left_out(titles: Sequence[Text]) -> Iterator[Text]:
    if titles:
        told = words.joined([str(title) for title in titles])
        yield f"The configuration leaves out {words.verb(len(titles), 'the section', 'the sections')} {told}."


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


def _figures(counted: Headline, since: Changes) -> tuple[Figure, ...]:
    return (
        _isolated(LABELS["ingress_isolated"], counted.ingress_isolated, since.ingress_isolated),
        _isolated(LABELS["egress_isolated"], counted.egress_isolated, since.egress_isolated),
        _default_deny(counted.ingress_denied, counted.egress_denied, since.default_deny),
        _found(LABELS["exposed_open"], counted.exposed_open, "exposed workload", since.exposed_open),
        _found(LABELS["broad_rules"], counted.broad_rules, "rule", since.broad_rules),
        _found(LABELS["doubtful_policies"], counted.doubtful_policies, "policy", since.doubtful_policies),
    )


def _isolated(label: str, pods: Share, change: str) -> Figure:
    if pods.count is None:
        return Figure(label, _NO_NUMBER, "no pods" if pods.whole else _UNKNOWN, change)
    base = f"{words.number(pods.count)} of {words.counted(pods.of, 'pod')}"
    return Figure(label, words.percent(pods.count, pods.of), base, change)


def _default_deny(ingress: Share, egress: Share, change: str) -> Figure:
    label = LABELS["default_deny"]
    if ingress.count is None or egress.count is None:
        return Figure(label, _NO_NUMBER, "no namespace with pods" if ingress.whole else _UNKNOWN, change)
    base = f"of {words.counted(ingress.of, 'namespace')} for ingress, {words.number(egress.count)} for egress"
    return Figure(label, words.number(ingress.count), base, change)


def _found(label: str, found: Share, noun: str, change: str) -> Figure:
    if found.count is None:
        return Figure(label, _NO_NUMBER, _UNKNOWN, change)
    base = f"of {words.counted(found.of, noun)}"
    whole = base if found.whole else f"{base}; not all assessed"
    return Figure(label, words.number(found.count), whole, change)
