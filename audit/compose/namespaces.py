"""Namespaces: all in one table, and the worst each in a section that can be handed to its owner."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.compose import words
from audit.compose.causes import Cause
from audit.compose.pictures.isolation import isolation
from audit.compose.view import View
from audit.exposure.default_deny import CURRENT_PODS, EVERY_POD, NO_PODS, NOT_DENIED, STRICT
from audit.headline import denies, with_pods
from reports.model import (
    Block,
    Column,
    Group,
    Paragraph,
    Reference,
    Row,
    Section,
    Span,
    Table,
    Text,
    file,
    name,
)

ANCHOR: Final = "namespaces"
FILE: Final = "csv/namespaces.csv"

_MOST_ROWS: Final = 60
_MOST_SECTIONS: Final = 20
_ROWS_OF_SECTIONS: Final = 100
"""Rows that one of the tables may have in all sections together."""
_FEWEST_ROWS: Final = 3
_MOST_IN_SECTION: Final = 25

_PLAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

DENIAL_WORDS: Final[Mapping[str, str]] = {
    STRICT: "strict",
    EVERY_POD: "every pod",
    CURRENT_PODS: "current pods",
    NOT_DENIED: "no",
    NO_PODS: "no pods",
}
"""The kinds of default deny as tables have them; the method page says what each means."""


def namespaces(view: View, causes: Sequence[Cause], more: Sequence[Block] = ()) -> Section:
    """The section: the table, `more`, then the namespaces with the most open pods."""
    ordered = _worst_first(view.namespaces)
    filled = pd.concat([view.workloads["namespace"].astype("str"), view.policies["namespace"].astype("str")])
    shown = ordered[ordered["namespace"].isin(filled.unique())].head(_MOST_SECTIONS)
    told = [str(namespace) for namespace in shown["namespace"]]
    most = min(max(_ROWS_OF_SECTIONS // max(len(told), 1), _FEWEST_ROWS), _MOST_IN_SECTION)
    parts = _Parts(
        findings=_findings(causes, told),
        policies=_by_namespace(view.policies[view.policies["evaluated"]], told),
        workloads=_by_namespace(view.workloads, told),
        most=most,
        known=view.known,
    )
    return Section(
        ANCHOR,
        "Namespaces",
        lead=_lead(view),
        blocks=(
            *isolation(view, ordered, {namespace: anchor(namespace) for namespace in told}),
            _table(ordered, told, known=view.known),
            *more,
            *_rest(len(ordered), len(told)),
        ),
        sections=tuple(_section(row, parts) for _, row in shown.iterrows()),
    )


@dataclass(frozen=True)
class _Parts:
    """What the sections of namespaces are made of, by namespace; `most` rows a table."""

    findings: Mapping[str, Sequence[tuple[Cause, int]]]
    policies: Mapping[str, pd.DataFrame]
    workloads: Mapping[str, pd.DataFrame]
    most: int
    known: bool
    """Whether all policies could be read: what was not read may be a policy."""


def _rest(total: int, told: int) -> tuple[Block, ...]:
    if told < _MOST_SECTIONS or told == total:
        return ()
    return (
        Paragraph(
            words.text(
                f"The {words.number(told)} namespaces with the most open pods follow, each with its "
                f"findings, policies and workloads; the other {words.number(total - told)} are in ",
                (file(FILE),), ".",
            )
        ),
    )  # fmt: skip


def anchor(namespace: str) -> str:
    """The anchor of a namespace's section; a name that the API would refuse goes by its hash."""
    if _PLAIN.fullmatch(namespace):
        return f"namespace-{namespace}"
    return f"namespace-.{hashlib.sha256(namespace.encode()).hexdigest()[:12]}"


def _worst_first(namespaces: pd.DataFrame) -> pd.DataFrame:
    """Most pods open for ingress first, then for egress, then by name; system namespaces at the end."""
    ordered = namespaces.assign(
        open_ingress=namespaces["pods"] - namespaces["pods_ingress_isolated"],
        open_egress=namespaces["pods"] - namespaces["pods_egress_isolated"],
    )
    return ordered.sort_values(
        ["system", "open_ingress", "open_egress", "namespace"], ascending=[True, False, False, True]
    )


def _lead(view: View) -> Text:
    counting = with_pods(view.namespaces)
    total, empty = len(counting), len(view.namespaces) - len(counting)
    if not view.known:
        return "Not all policies and pods are known: isolation and default deny are not assessed."
    if not total:
        return "No namespace has a pod that a policy could govern."
    without = int((counting["policies"] == 0).sum())
    both = int((denies(counting, "ingress") & denies(counting, "egress")).sum())
    return words.sentences(
        (
            (
                f"{words.counted(total, 'namespace')} {words.verb(total, 'has', 'have')} pods that a policy "
                "could govern."
            ),
            _share(total - without, total, "has a NetworkPolicy", "have a NetworkPolicy"),
            _share(both, total, "denies both directions by default", "deny both directions by default"),
            f"{words.counted(empty, 'namespace')} without such pods {words.verb(empty, 'is', 'are')} in no "
            "count."
            if empty
            else "",
        )
    )


def _share(part: int, total: int, one: str, many: str) -> str:
    """How many of the namespaces do so, as a sentence; nothing of an only one, whose section says it."""
    if total == 1:
        return ""
    if part == total:
        return f"Each of them {one}."
    return (
        f"None of them {one}." if not part else f"{words.number(part)} of them {words.verb(part, one, many)}."
    )


def _table(ordered: pd.DataFrame, told: Sequence[str], *, known: bool) -> Table:
    shown = ordered.head(_MOST_ROWS)
    linked = frozenset(told)
    groups = []
    for system, title in ((False, ""), (True, "System namespaces")):
        rows = shown[shown["system"] == system]
        groups.append(
            Group(
                tuple(_row(row, linked, known=known) for _, row in rows.iterrows()),
                title if len(rows) else "",
            )
        )
    return Table(
        columns=(
            Column("Namespace", "name"),
            Column("Pods", "number"),
            Column("Isolated for ingress", "number"),
            Column("Isolated for egress", "number"),
            Column("Ingress denied by default"),
            Column("Egress denied by default"),
            Column("Policies", "number"),
        ),
        groups=tuple(groups),
        caption="Pods that policies can govern, most open ones first.",
        more=words.more(len(ordered) - len(shown), FILE),
        empty="There is no namespace.",
    )


def _row(row: pd.Series, linked: frozenset[str], *, known: bool) -> Row:
    namespace = str(row["namespace"])
    pods = words.number(int(row["pods"]))
    cells = (
        words.number(int(row["pods_ingress_isolated"])),
        words.number(int(row["pods_egress_isolated"])),
        denial(row, "ingress"),
        denial(row, "egress"),
        words.number(int(row["policies"])),
    )
    link = anchor(namespace) if namespace in linked else ""
    return ((Span(namespace, "name", link),), pods, *(cells if known else ("?",) * len(cells)))


def denial(row: pd.Series, direction: str) -> str:
    """Whether the namespace denies by default, in one or two words."""
    undone = ", undone" if row[f"nullified_{direction}"] else ""
    return DENIAL_WORDS[str(row[f"default_deny_{direction}"])] + undone


def _section(row: pd.Series, parts: _Parts) -> Section:
    namespace = str(row["namespace"])
    findings = parts.findings.get(namespace, ())
    assessed = parts.known and not row["unevaluated_policies"]
    none = "No finding." if assessed else "No finding in what could be assessed."
    blocks: list[Block] = [_findings_table(findings, parts.most) if findings else Paragraph(none)]
    if namespace in parts.policies:
        blocks.append(_policies_table(parts.policies[namespace], parts.most))
    if namespace in parts.workloads:
        blocks.append(_workloads_table(parts.workloads[namespace], parts.most, known=parts.known))
    lead = _about(row, known=parts.known)
    return Section(anchor(namespace), (name(namespace),), lead=lead, blocks=tuple(blocks))


def _about(row: pd.Series, *, known: bool) -> Text:
    pods = int(row["pods"])
    system = "A system namespace." if row["system"] else ""
    if not pods:
        return words.sentences((system, "No pod here that a policy could govern."))
    if not known:
        return words.sentences((system, f"{words.counted(pods, 'pod')}. Not all policies are known."))
    ingress, egress = int(row["pods_ingress_isolated"]), int(row["pods_egress_isolated"])
    policies = int(row["policies"])
    told = words.counted(policies, "NetworkPolicy") if policies else "No NetworkPolicy"
    others = str(row["unevaluated_policies"])
    may_change = f"Not evaluated, and may change all this: {others.replace(',', ', ')}." if others else ""
    isolated = (
        f"{words.counted(pods, 'pod')}: {words.number(ingress)} isolated for ingress, "
        f"{words.number(egress)} for egress."
    )
    return words.sentences((system, isolated, f"{told}.", _denied(row), may_change))


def _denied(row: pd.Series) -> str:
    """Whether connections are denied by default, as a sentence."""
    told = [f"{_DENIED[str(row[f'default_deny_{d}'])].format(d)}" for d in ("ingress", "egress")]
    undone = [d for d in ("ingress", "egress") if row[f"nullified_{d}"]]
    both = row["default_deny_ingress"] == row["default_deny_egress"]
    sentence = (
        _DENIED[str(row["default_deny_ingress"])].format("ingress and egress") if both else " ".join(told)
    )
    if undone:
        sentence += f" A policy for all pods allows everything for {words.joined(undone)} and so undoes it."
    return sentence


_DENIED: Final[Mapping[str, str]] = {
    STRICT: "By default every pod is closed for {}.",
    EVERY_POD: "By default every pod is closed for {} but for what the policies that close it allow.",
    CURRENT_PODS: "The pods here now are isolated for {}, the next one may not be.",
    NOT_DENIED: "There is no default deny for {}.",
    NO_PODS: "There is no default deny for {}.",
}


def _findings(causes: Sequence[Cause], told: Sequence[str]) -> dict[str, list[tuple[Cause, int]]]:
    """For each of these namespaces its findings, with how many share the cause, the gravest first."""
    if not causes:
        return {}
    findings = causes[0].findings
    number = np.zeros(len(findings), np.int64)
    for place, cause in enumerate(causes):
        number[cause.positions] = place
    own = pd.DataFrame({"namespace": findings["namespace"].astype("str"), "cause": number})
    counts = own[own["namespace"].isin(told)].groupby(["namespace", "cause"]).size()
    found: dict[str, list[tuple[Cause, int]]] = {}
    for namespace, place, count in words.rows(
        counts.reset_index(name="count"), "namespace", "cause", "count"
    ):
        found.setdefault(namespace, []).append((causes[place], count))
    return found


def _findings_table(findings: Sequence[tuple[Cause, int]], most: int) -> Table:
    shown = findings[: words.whole(len(findings), most)]
    rows = tuple(
        (
            cause.check.title,
            words.box(cause.severity),
            "waived" if cause.waived else words.number(count),
            (Reference(cause.told),),
        )
        for cause, count in shown
    )
    return Table(
        columns=(Column("Check"), Column("Severity"), Column("Findings", "number"), Column("See")),
        groups=(Group(rows),),
        caption="Findings.",
        more=words.more(sum(count for _, count in findings[len(shown) :]), "csv/findings.csv"),
    )


def _policies_table(policies: pd.DataFrame, most: int) -> Table:
    shown = words.head(policies.sort_values("name"), most, "name")
    rows = tuple(
        (
            policy,
            words.joined([d for d, on in (("ingress", ingress), ("egress", egress)) if on]) or "nothing",
            *(words.number(count) for count in counts),
        )
        for policy, ingress, egress, *counts in words.rows(
            shown, "name", "ingress", "egress", "pods", "ingress_rules", "egress_rules"
        )
    )
    return Table(
        columns=(
            Column("Policy", "name"),
            Column("Isolates for"),
            Column("Pods", "number"),
            Column("Ingress rules", "number"),
            Column("Egress rules", "number"),
        ),
        groups=(Group(rows),),
        caption="Policies, with the pods that they select.",
        more=words.more(len(policies) - len(shown), "csv/policies.csv"),
    )


def _workloads_table(workloads: pd.DataFrame, most: int, *, known: bool) -> Table:
    left = workloads["pods"] - workloads["host_network_pods"] - workloads["pods_ingress_isolated"]
    ordered = workloads.assign(left=left).sort_values(["left", "workload"], ascending=[False, True])
    shown = words.head(ordered, most, "workload")
    columns = [
        (Column("Workload", "name"), "workload"),
        (Column("Pods", "number"), "pods"),
        (Column("In the node's network", "number"), "host_network_pods"),
        (Column("Isolated for ingress", "number"), "pods_ingress_isolated"),
        (Column("Isolated for egress", "number"), "pods_egress_isolated"),
    ]
    if not known:
        del columns[3:]
    if not ordered["host_network_pods"].any():
        del columns[2]
    rows = words.rows(shown, *(field for _, field in columns))
    return Table(
        columns=tuple(column for column, _ in columns),
        groups=(Group(tuple((workload, *map(words.number, counts)) for workload, *counts in rows)),),
        caption="Workloads, most open pods first.",
        more=words.more(len(ordered) - len(shown), "csv/workloads.csv"),
    )


def _by_namespace(frame: pd.DataFrame, told: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The rows of each of the namespaces that are told at length."""
    wanted = frame[frame["namespace"].isin(told)]
    return {str(key): rows for key, rows in wanted.groupby(wanted["namespace"].astype("str"), observed=True)}
