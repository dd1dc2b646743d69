"""What was not assessed, for page one: a line for each reason, none of them cut without a word."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from audit.checks import Status
from audit.collect.kinds import KEPT_KINDS
from audit.compose import words
from audit.compose.view import View
from audit.policy.kinds import KINDS, group_of
from audit.snapshot import READABLE
from reports.model import Reference, Text, code

ANCHOR: Final = "looked-at"
FINDINGS: Final = "findings"
"""The section of all checks."""
"""The section that has all of it."""

UNASKED: Final = "not asked"

_MOST_PARTS: Final = 5
_UNREADABLE: Final = "Not readable"
_STATES: Final = {
    "partial": "Read in part",
    "inconsistent": "Changed while being read",
    "forbidden": _UNREADABLE,
    UNASKED: "Not asked for",
}
"""What states of `frames.KINDS` mean."""

_MOST_KINDS: Final = 12
_MOST_CHECKS: Final = 5
_MOST_IN_PART: Final = 3
_MOST_LETTERS: Final = 160
"""Of a reason: what servers answer is long, and the section has the whole."""
_COUNTS: Final = re.compile(r"[\d,]+ objects")

_CONFIG_MAPS: Final = "configmaps"
_SERVICE_CIDRS: Final = "servicecidrs"
_OUTSIDE: Final = (
    "what exposes pods to outside could not be read in full, so findings of such pods may be graded too low"
)
_HARMLESS: Final = (
    "policies about requests, or that only show what they would decide, may be there; they decide nothing "
    "about addresses and ports"
)
_OWNERS: Final = "pods may be shown under their ReplicaSet or Job instead of what made it"
_PLUG_IN: Final = "how the network plug-in is set up is not known"
_FOLLOWS: Final[Mapping[str, str]] = {
    "namespaces": "labels of namespaces are not known, so what a namespaceSelector selects is not assessed",
    "nodes": "which addresses are nodes' is not known",
    _SERVICE_CIDRS: "the service network is not known",
    **dict.fromkeys(("replicasets", "replicationcontrollers", "jobs"), _OWNERS),
    **{kind.plural: _HARMLESS for kind in KINDS.values() if kind.layer != "L3/L4"},
    **{kept.plural: _OUTSIDE for kept in KEPT_KINDS.values() if kept.plural != _SERVICE_CIDRS},
    **dict.fromkeys((_CONFIG_MAPS, "daemonsets"), _PLUG_IN),
    **{kept.plural: _PLUG_IN for kept in KEPT_KINDS.values() if kept.table == "agents"},
}
"""What follows for the report where a kind could not be read whole, beside the checks that hang on it.

In the order in which it is told.
"""
_PEERS: Final = frozenset(("pods", "networkpolicies"))


def not_assessed(view: View) -> tuple[Text, ...]:
    """A line for each reason why something was not assessed, with what follows from it."""
    return (*_failed_checks(view), *_unevaluated(view), *_unread(view), *_unjudged(view), *_gaps(view))


def _failed_checks(view: View) -> list[Text]:
    failed = view.checks[view.checks["error"] > 0]
    if not len(failed):
        return []
    ids = sorted(failed["check"].tolist())
    return [
        words.text(
            f"{words.counted(len(ids), 'check')} failed to run: ",
            words.named(ids),
            "; their findings are missing.",
        )
    ]


def _unjudged(view: View) -> Iterator[Text]:
    """The checks that could not judge all, although what they need was read."""
    counts = view.checks.set_index("check")
    judged = counts[["passed", "failed", "waived"]].sum(axis=1)
    whole: list[str] = []
    part: list[str] = []
    for result in view.results:
        if counts["not_assessed"][result.check.id] and not result.unread:
            (part if judged[result.check.id] else whole).append(result.check.id)
    if whole or part:
        yield words.text(_checks(whole, part), " Why is in ", (Reference(FINDINGS),), ".")


def _unevaluated(view: View) -> list[Text]:
    """Policies of kinds that are not evaluated, and how many pods they could govern."""
    others = view.policies[~view.policies["evaluated"]]
    governing = others[others["governs"]]
    lines: list[Text] = []
    if len(governing):
        pods = view.pods[~view.pods["host_network"]]
        touched = int((pods["unevaluated_policies"] != "").sum())
        lines.append(
            f"{_by_kind(governing)} {words.verb(len(governing), 'was', 'were')} seen and not evaluated. "
            f"They could govern {words.number(touched)} of {words.counted(len(pods), 'pod')}, for which "
            "isolation, default deny and reach are not assessed; the figures are by NetworkPolicies alone."
        )
    harmless = others[~others["governs"]]
    if len(harmless):
        lines.append(
            f"{_by_kind(harmless)} {words.verb(len(harmless), 'was', 'were')} seen and not evaluated; they "
            "decide nothing about addresses and ports, and change no verdict."
        )
    return lines


def _by_kind(policies: pd.DataFrame) -> str:
    """Kinds with their API group, which tells Calico's NetworkPolicy from Kubernetes' own."""
    counts = Counter(words.rows(policies, "kind", "api_version"))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return words.joined(
        [f"{words.counted(count, kind)} of {group_of(version)}" for (kind, version), count in ordered]
    )


class _Alike(NamedTuple):
    """Kinds that could not be read whole, for like reasons."""

    label: str
    """What their state means; empty if they were read in some namespaces."""
    read_in: tuple[str, ...]
    """The namespaces in which they were read whole."""
    kinds: list[str]
    reasons: list[str]
    """Of each kind, in the same order."""
    asked: bool


def _unread(view: View) -> list[Text]:
    """A line for the kinds that could not be read whole for like reasons; first on what most checks hang."""
    found = [(alike, _hanging(view, alike.kinds)) for alike in _alike(view)]
    found.sort(key=lambda each: (-sum(map(len, each[1])), each[0].label, each[0].kinds))
    return [_line(view, alike, *hanging) for alike, hanging in found]


def _alike(view: View) -> list[_Alike]:
    snapshot = view.facts.snapshot
    kinds = snapshot["kinds"].sort_values("kind")
    needed = {kind for result in view.results for kind in result.check.needs}
    found: dict[tuple[str, tuple[str, ...], str], _Alike] = {}
    for kind, state, objects, reason in words.rows(kinds, "kind", "state", "objects", "reason"):
        if state in READABLE or (state == UNASKED and kind not in needed):
            continue
        read_in = tuple(sorted(snapshot.read_in(kind)))
        label = _STATES.get(state, state)
        if read_in:
            label = ""
        elif state == "partial" and not objects:
            label = _UNREADABLE
        # which ConfigMaps were refused stands in front, and is no other reason
        why = reason.partition(": ")[2] if kind == _CONFIG_MAPS else reason
        like = "" if read_in else _COUNTS.sub("", why.partition(" (")[0])
        alike = found.setdefault((label, read_in, like), _Alike(label, read_in, [], [], state != UNASKED))
        alike.kinds.append(kind)
        alike.reasons.append(why)
    return list(found.values())


def _hanging(view: View, kinds: Collection[str]) -> tuple[list[str], list[str]]:
    """Ids of checks that are not assessed for want of these kinds, and of those that are in part."""
    whole: list[str] = []
    part: list[str] = []
    for result in view.results:
        if not set(result.unread).isdisjoint(kinds):
            judged = result.subjects["status"].isin([Status.PASSED, Status.FAILED, Status.WAIVED]).any()
            (part if judged else whole).append(result.check.id)
    return whole, part


def _line(view: View, alike: _Alike, whole: Sequence[str], part: Sequence[str]) -> Text:
    rank = Counter(kind for result in view.results for kind in result.unread)
    ranked = sorted(alike.kinds, key=lambda kind: (-rank[kind], kind))
    kinds = _kinds(ranked)
    why = _why([alike.reasons[alike.kinds.index(kind)] for kind in ranked])
    sentences: list[Text] = [words.text(alike.label, ": ", kinds, why, ".")]
    if alike.read_in:
        where = words.verb(len(alike.read_in), "Read in the namespace ", "Read in the namespaces ")
        sentences = [words.text(where, words.named(alike.read_in, 6), " only: ", kinds, ".")]
    sentences += [_checks(whole, part)] if whole or part else []
    sentences += [f"{words.begun(text)}." for text in _consequences(alike)]
    if len(sentences) == 1:
        sentences.append("No verdict hangs on what is missing.")
    return words.text(*(piece for sentence in sentences for piece in (" ", sentence)))[1:]


def _kinds(ranked: Sequence[str]) -> Text:
    """The kinds by name, in order; where not all are shown, the first."""
    shown = words.whole(len(ranked), _MOST_KINDS)
    rest = len(ranked) - shown
    return words.listed(
        [*map(code, sorted(ranked[:shown])), *([f"{words.number(rest)} more"] if rest else [])]
    )


def _why(ranked: Sequence[str]) -> str:
    """The first reason, cut, in brackets."""
    reasons = list(dict.fromkeys(filter(None, ranked)))
    if not reasons:
        return ""
    shown = reasons[0] if len(reasons[0]) <= _MOST_LETTERS else f"{reasons[0][:_MOST_LETTERS].rstrip()}…"
    others = len(reasons) - 1
    more = f"; and {words.counted(others, 'other')} for like reasons" if others else ""
    return f" ({shown}{more})"


def _checks(whole: Sequence[str], part: Sequence[str]) -> Text:
    """As a sentence: a and b are not assessed, and c in part only."""
    told: list[Text] = []
    if whole:
        are = words.verb(len(whole), "is", "are")
        told.append(words.text(_ids(whole, _MOST_CHECKS), f" {are} not assessed"))
    if part:
        verb = "" if whole else f" {words.verb(len(part), 'is', 'are')} assessed"
        told.append(words.text(_ids(part, _MOST_IN_PART), f"{verb} in part only"))
    return words.text(*([told[0], ", and ", told[1]] if len(told) > 1 else told), ".")


def _ids(ids: Sequence[str], most: int) -> Text:
    shown = words.whole(len(ids), most)
    rest = len(ids) - shown
    return words.listed([*map(code, ids[:shown]), *([f"{words.number(rest)} more"] if rest else [])])


def _consequences(alike: _Alike) -> Iterator[str]:
    """What follows beside the checks that are not assessed."""
    if alike.read_in:
        if not _PEERS.isdisjoint(alike.kinds):
            yield "reach from and to other namespaces is not assessed"
    elif alike.asked:
        yield from dict.fromkeys(text for kind, text in _FOLLOWS.items() if kind in alike.kinds)


def _gaps(view: View) -> list[Text]:
    """The parts of the input that could not be read: some by name, of each reason one before a second."""
    gaps = view.facts.snapshot["gaps"]
    if not len(gaps):
        return []
    turn = gaps.groupby("reason", observed=True, sort=False).cumcount()
    shown = gaps.loc[turn.sort_values(kind="stable").index].head(_MOST_PARTS)
    told = [
        words.text(words.named(alike["subject"].tolist(), len(alike)), f": {reason}")
        for reason, alike in shown.groupby("reason", observed=True, sort=False)
    ]
    pieces = [piece for each in told for piece in ("; ", each)][1:]
    rest = len(gaps) - len(shown)
    more = f"; and {words.number(rest)} more" if rest else ""
    tail = words.text(f"{more}. No figure counts what is there, see ", (Reference(ANCHOR),), ".")
    return [words.text("Not read: ", *pieces, tail)]
