"""What was not assessed, for page one: a line for each reason, none of them cut without a word."""

from collections import Counter
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.view import READABLE, View
from audit.policy.kinds import group_of
from reports.model import Reference, Text, code

ANCHOR: Final = "looked-at"
"""The section that has all of it."""

UNASKED: Final = "not asked"

_MOST_PARTS: Final = 5
_NOT_LOOKED_AT: Final = (
    "Not looked at by this version: the network plug-in, and what Services, Ingresses and "
    "Gateways expose to outside."
)
_STATES: Final = {
    "partial": "Read in part",
    "inconsistent": "Changed while being read",
    "forbidden": "Not readable",
    "not asked": "Not asked for",
}
"""What states of `frames.KINDS` mean."""


def not_assessed(view: View) -> tuple[Text, ...]:
    """A line for each reason why something was not assessed, with what follows from it."""
    return (*_failed_checks(view), *_unevaluated(view), *_unread(view), *_gaps(view), _NOT_LOOKED_AT)


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


def _unread(view: View) -> list[Text]:
    """A line for each state in which kinds are that could not be read whole."""
    kinds = view.facts.snapshot["kinds"].sort_values("kind")
    needed = {kind for result in view.results for kind in result.check.needs}
    unread = kinds[~kinds["state"].isin(READABLE) & (kinds["state"].ne(UNASKED) | kinds["kind"].isin(needed))]
    lines: list[Text] = []
    for state, alike in unread.groupby(unread["state"].astype("str")):
        names, reasons = alike["kind"].tolist(), alike["reason"].unique().tolist()
        why: Text = f" ({reasons[0]})" if reasons[0] else ""
        if len(reasons) > 1:
            why = words.text(" (why: ", (Reference(ANCHOR),), ")")
        needing = sum(not set(names).isdisjoint(result.check.needs) for result in view.results)
        follows = (
            f" {words.counted(needing, 'check')} {words.verb(needing, 'needs', 'need')} "
            f"{words.verb(len(names), 'them', 'some of them')} and "
            f"{words.verb(needing, 'is', 'are')} not assessed."
            if needing
            else ""
        )
        told = words.listed([code(kind) for kind in names])
        lines.append(words.text(f"{_STATES.get(str(state), str(state))}: ", told, why, ".", follows))
    return lines


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
