"""What differs between two snapshots, as headings, sentences and tables."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from audit.compose import words
from audit.diff.connections import Change, Comparison
from audit.diff.difference import CHANGED, CLOSED, OPENED, Difference, scope, word
from audit.diff.groups import Group
from audit.diff.side import Side
from audit.diff.universe import Universe
from audit.listing import listed
from audit.policy.addresses import BITS, FAMILIES, Range, merge
from audit.policy.identities import Ints

MOST: Final = 40
"""Rows of a table; the rest is counted."""
_SHOWN: Final = 4
"""Parts of a cell that names many."""
_FEW: Final = 3
"""Workloads that are named as exceptions of all."""
_ONLY: Final = {"both": "", "old": " (gone)", "new": " (new)"}
_STATES: Final = {
    "isolated": "all isolated",
    "open": "open",
    "not_assessed": "not assessed",
    "not_governed": "in the node's network",
    "": "not there",
}
_KINDS: Final = {
    "": "not assessed",
    "strict": "strict",
    "every_pod": "every pod",
    "current_pods": "current pods only",
    "none": "none",
    "no_pods": "none (no pods)",
}


class Part(NamedTuple):
    """A heading with sentences, and perhaps a table below them."""

    title: str
    sentences: list[str]
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    wide: bool = False
    """Its rows do not fit on a line: on a terminal each cell has a line of its own."""


def parts(found: Difference) -> Iterator[Part]:
    """What is printed, in its order."""
    yield Part("What was compared", list(_sides(found)))
    if not found.any:
        yield Part("Result", ["Nothing differs."])
        return
    yield _isolation(found.workloads)
    yield _default_deny(found.namespaces)
    yield _connections(found)
    yield _policies(found.policies)
    yield _findings(found.findings)


def _sides(found: Difference) -> Iterator[str]:
    for name, side in (("Old", found.old), ("New", found.new)):
        pods, policies = len(side.facts.pods), len(side.facts.policies)
        yield (
            f"{name}: {side.name}, {_cluster(side)}, taken {words.written(side.snapshot.provenance.taken)}; "
            f"{words.counted(pods, 'pod')}, {words.counted(policies, 'policy')}."
        )
    ids = {side.snapshot.provenance.cluster_uid for side in (found.old, found.new)} - {""}
    if len(ids) > 1:
        yield "These are different clusters: workloads of the same name are taken for the same."
    for name, side in (("old", found.old), ("new", found.new)):
        if missing := side.snapshot.missing():
            yield (
                f"Not everything could be read in the {name} snapshot: {listed(missing)}. What follows is of "
                "what could be read, and may be owed to that: what is lost, gained, opened, closed, new or "
                "gone may only have been read in one of the two."
            )
        governing = side.facts.policies[side.facts.policies["governs"] & ~side.facts.policies["evaluated"]]
        if len(governing):
            yield (
                f"In the {name} snapshot {words.counted(len(governing), 'policy')} of other APIs "
                f"{words.verb(len(governing), 'is', 'are')} not evaluated, and may change what is allowed."
            )


def _cluster(side: Side) -> str:
    return side.snapshot.provenance.cluster or side.snapshot.provenance.description


def _isolation(rows: pd.DataFrame) -> Part:
    there = rows[rows["change"].isin(["lost", "gained", "not_assessed"])]
    sentences = []
    for direction in ("ingress", "egress"):
        mine = rows[rows["direction"] == direction]
        counts = {name: int((mine["change"] == name).sum()) for name in ("lost", "gained")}
        come = mine[mine["change"] == "appeared"]
        unprotected = int((come["after"] == "open").sum())
        sentences.append(
            f"For {direction}: {words.counted(counts['lost'], 'workload')} lost isolation, "
            f"{words.number(counts['gained'])} gained it; of {words.counted(len(come), 'new workload')} "
            f"{words.number(unprotected)} {words.verb(unprotected, 'is', 'are')} open; "
            f"{words.number(int((mine['change'] == 'gone').sum()))} are gone."
        )
    for change, told in (("appeared", "New"), ("gone", "Gone")):
        which = rows[(rows["change"] == change) & (rows["direction"] == "ingress")]
        if len(which):
            names = which["namespace"].astype("str") + "/" + which["workload"]
            sentences.append(f"{told}: {listed(names.tolist())}.")
    open_new = rows[(rows["change"] == "appeared") & (rows["after"] == "open")]
    shown = pd.concat([there[there["change"] == "lost"], open_new, there[there["change"] != "lost"]])
    table = _both_directions(
        (
            row["direction"],
            "new, open" if row["change"] == "appeared" else row["change"].replace("_", " "),
            f"{row['namespace']}/{row['workload']}",
            _pods(row["before"], row["isolated_before"], row["pods_before"]),
            _pods(row["after"], row["isolated_after"], row["pods_after"]),
        )
        for row in words.records(shown.head(MOST))
    )
    sentences += _rest(len(shown), "row")
    return Part("Isolation", sentences, ("change", "workload", "before", "after", "direction"), table)


def _both_directions(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows that say the same of both directions as one; the direction comes first, and goes last."""
    directions: dict[tuple[str, ...], list[str]] = {}
    for direction, *told in rows:
        directions.setdefault(tuple(told), []).append(direction)
    return [(*told, words.joined(sorted(which, reverse=True))) for told, which in directions.items()]


def _pods(state: str, isolated: int, pods: int) -> str:
    if state == "open":
        return f"{words.number(isolated)} of {words.counted(pods, 'pod')} isolated"
    return _STATES[state]


def _default_deny(rows: pd.DataFrame) -> Part:
    shown = rows[rows["change"].isin(["lost", "gained", "changed", "not_assessed"])]
    appeared = rows[(rows["change"] == "appeared") & (rows["direction"] == "ingress")]
    gone = rows[(rows["change"] == "gone") & (rows["direction"] == "ingress")]
    lost = shown.loc[shown["change"] == "lost", "namespace"].nunique()
    gained = shown.loc[shown["change"] == "gained", "namespace"].nunique()
    became = f"{words.counted(lost, 'namespace')} lost default deny, {words.number(gained)} gained it"
    sentences = [f"{became}; {words.number(len(appeared))} are new, {words.number(len(gone))} gone."]
    if len(appeared):
        sentences.append(f"New: {listed(appeared['namespace'].tolist())}.")
    if len(gone):
        sentences.append(f"Gone: {listed(gone['namespace'].tolist())}.")
    table = _both_directions(
        (
            row["direction"],
            row["change"].replace("_", " "),
            row["namespace"],
            _kind(row["before"], undone=row["nullified_before"]),
            _kind(row["after"], undone=row["nullified_after"]),
        )
        for row in words.records(shown.head(MOST))
    )
    sentences += _rest(len(shown), "row")
    return Part("Default deny", sentences, ("change", "namespace", "before", "after", "direction"), table)


def _kind(word_: str, *, undone: bool) -> str:
    return f"{_KINDS[word_]}, undone by an allow-all" if undone else _KINDS[word_]


def _connections(found: Difference) -> Part:
    groups, comparison = found.connections.groups, found.comparison
    changes = (OPENED, CHANGED, CLOSED)
    ranked = sorted(groups, key=lambda group: changes.index(word(group.change)))
    pairs = Counter(dict.fromkeys(changes, 0))
    for group in groups:
        pairs[word(group.change)] += group.pairs
    told = words.joined([f"{words.number(pairs[name])} {name}" for name in changes])
    sentences = [f"Pairs of workloads, or of a workload and addresses outside: {told}."]
    if found.connections.left_out:
        sentences.append(
            f"{words.counted(found.connections.left_out, 'pair')} more differ in too many ways to be put "
            "together; --format csv prints each."
        )
    if rest := ranked[MOST:]:
        left = words.counted(sum(group.pairs for group in rest), "pair")
        sentences.append(
            f"Shown are the first {MOST} of {words.counted(len(ranked), 'group')}; the others are of {left}. "
            "--format json has all groups, --format csv all pairs."
        )
    table = [_group(comparison, group) for group in ranked[:MOST]]
    return Part("Connections", sentences, ("change", "from", "to"), table, wide=True)


def _group(comparison: Comparison, group: Group) -> tuple[str, ...]:
    return (
        _change(comparison, group.change),
        ends(comparison.both, group.sources),
        ends(comparison.both, group.destinations),
    )


def _change(comparison: Comparison, change: Change) -> str:
    """What became of connections, and which they are."""
    sides = ((change.before, change.before_all), (change.after, change.after_all))
    texts = ((str(comparison.connections(number)), whole) for number, whole in sides)
    before, after = (text if whole else f"{text} ({scope(whole)} pods)" for text, whole in texts)
    told = {OPENED: after, CLOSED: before, CHANGED: f"{before}, now {after}"}
    return f"{word(change)}: {told[word(change)]}"


def ends(both: Universe, numbers: Ints) -> str:
    """Workloads and ranges of addresses, the many of them put together."""
    inside = numbers[numbers < both.workloads]
    outside = merge(both.ranges[number - both.workloads] for number in numbers[len(inside) :].tolist())
    whole = {family: Range(family, 0, (1 << BITS[family]) - 1) in outside for family in FAMILIES}
    texts = list(_workloads(both, inside)) if len(inside) else []
    if all(whole.values()):
        texts.append("any outside address")
    else:
        texts += [f"any IPv{r.family} address" if whole[r.family] else str(r) for r in outside]
    return listed(texts, _SHOWN)


def _workloads(both: Universe, numbers: Ints) -> Iterator[str]:
    missing = np.setdiff1d(np.arange(both.workloads), numbers, assume_unique=True)
    if both.workloads > 1 and not len(missing):
        yield f"all {words.counted(both.workloads, 'workload')}"
        return
    if len(missing) <= _FEW and len(numbers) > 2 * _FEW:
        yield f"all workloads but {listed(_called(both, missing), _FEW)}"
        return
    sizes = Counter(both.namespaces.tolist())
    at = 0
    for home, count in Counter(both.namespaces[numbers].tolist()).items():  # in their order, as numbers are
        if count == sizes[home] and count > 1:
            yield f"all of {home}"
        elif count > _FEW:
            yield f"{words.number(count)} of {home}"
        else:
            yield from _called(both, numbers[at : at + count])
        at += count


def _called(both: Universe, numbers: Ints) -> list[str]:
    """The names of workloads, with a word for those that only one snapshot has."""
    told = zip(both.names[numbers].tolist(), both.sides[numbers].tolist(), strict=True)
    return [f"{name}{_ONLY[side]}" for name, side in told]


def _policies(rows: pd.DataFrame) -> Part:
    table = [
        (row["change"], row["kind"], f"{row['namespace']}/{row['name']}".removeprefix("/"))
        for row in words.records(rows.head(MOST))
    ]
    counts = _counts(rows, ("created", "changed", "deleted"))
    sentences = [f"{words.joined(counts)}.", *_rest(len(rows), "policy")]
    return Part("Policies", sentences, ("change", "kind", "policy"), table)


def _findings(rows: pd.DataFrame) -> Part:
    table = [
        (
            row["change"].replace("_", " "),
            _became(row["severity_before"], row["severity"]),
            row["check"],
            row["message"] if row["status"] != "waived" else f"{row['message']} (waived)",
        )
        for row in words.records(rows.head(MOST))
    ]
    counts = _counts(rows, rows["change"].unique().tolist())
    told = f"{words.joined(counts)}." if counts else "None is new, fixed or changed."
    if (rows["change"] == "fixed").any():
        told += " What is fixed may also be gone with what it was about."
    sentences = [told, *_rest(len(rows), "finding")]
    return Part("Findings", sentences, ("change", "severity", "check", "finding"), table)


def _became(before: str, after: str) -> str:
    return f"{before}, now {after}" if before not in ("", after) else after


def _counts(rows: pd.DataFrame, changes: Sequence[str]) -> list[str]:
    """How many of each change."""
    return [f"{words.number(int((rows['change'] == c).sum()))} {c.replace('_', ' ')}" for c in changes]


def _rest(total: int, noun: str) -> Iterator[str]:
    if total > MOST:
        yield f"Shown are the first {MOST} of {words.counted(total, noun)}; --format json has all."
