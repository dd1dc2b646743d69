"""Does the network plug-in enforce policies: the sentence above the figures, and the section behind it."""

from collections.abc import Sequence
from typing import Final

from audit.compose import words
from audit.compose.view import View
from audit.enforcement import Answer, Pool
from reports.model import Column, Group, Reference, Section, Table, Text, code, name

ANCHOR: Final = "enforcement"

_MOST_POOLS: Final = 40
_ONCE: Final = "Once these manifests are applied, "
_HOLDS: Final = "What follows is by policy, and holds where policies are enforced."
_IN_VAIN: Final = "What follows is by policy, and no policy has an effect."
_WORDS: Final = {
    Answer.ENFORCED: "enforced",
    Answer.NOT_ENFORCED: "not enforced",
    Answer.CANNOT_TELL: "cannot be told",
}


def sentence(view: View) -> Text:
    """Whether policies have any effect here, above all that is said by policy."""
    pools = view.facts.pools
    answers = {pool.verdict.answer for pool in pools}
    if len(answers) > 1:
        return _mixed(pools)
    once = _ONCE if not all(pool.verdict.applied for pool in pools) else ""
    what = _plug_in(pools)
    [answer] = answers
    if answer is Answer.ENFORCED:
        told = what if once else ", ".join(filter(None, (what, _nodes(pools, pools))))
        return f"{_ONCE}policies are enforced ({told})." if once else f"Policies are enforced ({told})."
    if answer is Answer.NOT_ENFORCED:
        start = f"{once}policies" if once else "Policies"
        told = f" ({what})" if what else ""
        return words.sentences((f"{start} are not enforced{told}.", _reasons(pools), _IN_VAIN))
    start = "Whether the network plug-in enforces policies cannot be told."
    return words.sentences((start, _reasons(pools), _HOLDS))


def _mixed(pools: Sequence[Pool]) -> Text:
    """How many nodes there are of each answer."""
    by = {answer: [pool for pool in pools if pool.verdict.answer is answer] for answer in Answer}
    on, off, unknown = by[Answer.ENFORCED], by[Answer.NOT_ENFORCED], by[Answer.CANNOT_TELL]
    first, rest = (on, off) if on else (off, [])
    sentence = f"Policies are {'' if on else 'not '}enforced on {_nodes(first, pools)}"
    if called := _plug_in(first):
        sentence += f" ({called})"
    parts = [f"not on {_count(rest)}"] if rest else []
    parts += [f"of {_count(unknown)} it cannot be told"] if unknown else []
    return words.text(", ".join([sentence, *parts]), "; see ", (Reference(ANCHOR),), f". {_HOLDS}")


def _count(pools: Sequence[Pool]) -> str:
    return words.number(sum(pool.count or 0 for pool in pools))


def _nodes(part: Sequence[Pool], whole: Sequence[Pool]) -> str:
    """`2 of 5 nodes`; empty where they are not known."""
    of = sum(pool.count or 0 for pool in whole)
    return f"{_count(part)} of {words.counted(of, 'node')}" if of else ""


def _plug_in(pools: Sequence[Pool]) -> str:
    """The plug-ins with their versions: `Calico 3.31.2`."""
    found = dict.fromkeys((pool.verdict.plugin, pool.verdict.version) for pool in pools)
    return words.joined([f"{plugin} {_version(version)}".strip() for plugin, version in found if plugin])


def _version(version: str) -> str:
    return version[1:] if version[:1] == "v" and version[1:2].isdigit() else version


def _reasons(pools: Sequence[Pool]) -> str:
    reasons = dict.fromkeys(pool.verdict.reason for pool in pools)
    return next(iter(reasons)) if len(reasons) == 1 else ""


def enforcement(view: View) -> Section:
    """The section: a row a pool, with the object that shows it."""
    pools = view.facts.pools
    shown = words.whole(len(pools), _MOST_POOLS)
    told = words.rows(view.facts.enforcement.head(shown), "reason", "ignores")
    rows = tuple(
        (
            (name(pool.name),),
            words.number(pool.count) if pool.count is not None else "",
            f"{pool.verdict.plugin} {_version(pool.verdict.version)}".strip(),
            _WORDS[pool.verdict.answer],
            _why(pool, reason),
            ignores,
        )
        for pool, (reason, ignores) in zip(pools[:shown], told, strict=True)
    )
    columns = ("Node pool", "Nodes", "Plug-in", "Policies are", "Why", "It ignores")
    return Section(
        ANCHOR,
        "Enforcement",
        lead=(
            "A plug-in that does not implement policies ignores them without a word, and the API has no "
            "status for it. This is inferred from what runs on the nodes; only traffic would prove it."
        ),
        blocks=(
            Table(
                columns=tuple(Column(c, "number" if c == "Nodes" else "text") for c in columns),
                groups=(Group(rows),),
                caption="Node pools, the plug-in that was seen on each, and whether it enforces policies.",
                more=words.more(len(pools) - shown, "csv/enforcement.csv"),
            ),
        ),
    )


def _why(pool: Pool, reason: str) -> Text:
    verdict = pool.verdict
    mode = f" Mode: {verdict.mode}." if verdict.mode else ""
    shown = words.text(" Shown by ", (code(verdict.evidence),), ".") if verdict.evidence else ""
    return words.text(reason, mode, shown)
