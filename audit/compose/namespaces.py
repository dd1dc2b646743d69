"""Namespaces: all in one table, and the worst each in a section that can be handed to its owner."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from audit.compose import words
from audit.compose.causes import Cause
from audit.compose.view import View, denies, with_pods
from audit.exposure.default_deny import CURRENT_PODS, EVERY_POD, NO_PODS, NOT_DENIED, STRICT
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
    code,
    name,
)

ANCHOR: Final = "namespaces"

_MOST_ROWS: Final = 200
_MOST_SECTIONS: Final = 50
_MOST_IN_SECTION: Final = 8
"""Rows of one table in a namespace's own section."""

_PLAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

DENIAL_WORDS: Final[Mapping[str, str]] = {
    STRICT: "strict",
    EVERY_POD: "every pod",
    CURRENT_PODS: "current pods",
    NOT_DENIED: "no",
    NO_PODS: "no pods",
}
"""The kinds of default deny as tables have them; the method page says what each means."""


def namespaces(view: View, causes: Sequence[Cause]) -> Section:
    """The section: the table, then the namespaces with the most open pods."""
    ordered = _worst_first(view.namespaces)
    own = _findings(view, causes)
    told = [str(n) for n in ordered["namespace"].head(_MOST_SECTIONS)]
    workloads = _by_namespace(view.workloads, told)
    policies = _by_namespace(view.policies[view.policies["evaluated"]], told)
    rest = len(ordered) - len(told)
    return Section(
        ANCHOR,
        "Namespaces",
        lead=_lead(view),
        blocks=(
            _table(ordered, told),
            *(
                (
                    Paragraph(
                        words.text(
                            f"The {words.number(len(told))} namespaces with the most open pods follow, each with its "
                            f"findings, policies and workloads; the other {words.number(rest)} are in ",
                            (code("csv/namespaces.csv"),), ".",
                        )
                    ),
                )
                if rest
                else ()
            ),
        ),
        sections=tuple(
            _section(row, own.get(row["namespace"], []), policies, workloads)
            for _, row in ordered.head(_MOST_SECTIONS).iterrows()
        ),
    )  # fmt: skip


def anchor(namespace: str) -> str:
    """The anchor of a namespace's section; a name that the API would refuse goes by its hash."""
    if _PLAIN.fullmatch(namespace):
        return f"namespace-{namespace}"
    return f"namespace-.{hashlib.sha256(namespace.encode()).hexdigest()[:12]}"


def _worst_first(namespaces: pd.DataFrame) -> pd.DataFrame:
    """Most pods open for ingress first, then for egress, then by name; system namespaces behind the others."""
    ordered = namespaces.assign(
        open_ingress=namespaces["pods"] - namespaces["pods_ingress_isolated"],
        open_egress=namespaces["pods"] - namespaces["pods_egress_isolated"],
    )
    return ordered.sort_values(
        ["system", "open_ingress", "open_egress", "namespace"], ascending=[True, False, False, True]
    )


def _lead(view: View) -> Text:
    counting = with_pods(view.namespaces)
    if not view.known:
        return "What follows is by the policies that could be read; not all could be."
    without = int((counting["policies"] == 0).sum())
    both = int((denies(counting, "ingress") & denies(counting, "egress")).sum())
    empty = len(view.namespaces) - len(counting)
    if not len(counting):
        return "No namespace has a pod that a policy could govern."
    told = (
        f"{words.counted(len(counting), 'namespace')} {words.verb(len(counting), 'has', 'have')} pods that a policy "
        f"could govern; {words.number(without)} of them {words.verb(without, 'has', 'have')} no NetworkPolicy, and "
        f"{words.number(both)} {words.verb(both, 'denies', 'deny')} both directions by default."
    )
    more = f" {words.counted(empty, 'namespace')} without such pods {words.verb(empty, 'is', 'are')} in no count."
    return told + (more if empty else "")


def _table(ordered: pd.DataFrame, told: Sequence[str]) -> Table:
    shown = ordered.head(_MOST_ROWS)
    linked = frozenset(told)
    groups = []
    for system, title in ((False, ""), (True, "System namespaces")):
        rows = shown[shown["system"] == system]
        groups.append(
            Group(tuple(_row(row, linked) for _, row in rows.iterrows()), title if len(rows) else "")
        )
    rest = len(ordered) - len(shown)
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
        more=words.text(f"and {words.number(rest)} more, see ", (code("csv/namespaces.csv"),), ".")
        if rest
        else "",
        empty="There is no namespace.",
    )


def _row(row: pd.Series, linked: frozenset[str]) -> Row:
    namespace = str(row["namespace"])
    return (
        (Span(namespace, "name", anchor(namespace) if namespace in linked else ""),),
        words.number(int(row["pods"])),
        words.number(int(row["pods_ingress_isolated"])),
        words.number(int(row["pods_egress_isolated"])),
        denial(row, "ingress"),
        denial(row, "egress"),
        words.number(int(row["policies"])),
    )


def denial(row: pd.Series, direction: str) -> str:
    """Whether the namespace denies by default, in one or two words."""
    undone = ", undone" if row[f"nullified_{direction}"] else ""
    return DENIAL_WORDS[str(row[f"default_deny_{direction}"])] + undone


def _section(
    row: pd.Series,
    findings: Sequence[tuple[Cause, int]],
    policies: Mapping[str, pd.DataFrame],
    workloads: Mapping[str, pd.DataFrame],
) -> Section:
    namespace = str(row["namespace"])
    blocks: list[Block] = []
    if findings:
        blocks.append(_findings_table(findings))
    else:
        blocks.append(Paragraph("No finding."))
    if namespace in policies:
        blocks.append(_policies_table(policies[namespace]))
    if namespace in workloads:
        blocks.append(_workloads_table(workloads[namespace]))
    return Section(anchor(namespace), (name(namespace),), lead=_about(row), blocks=tuple(blocks))


def _about(row: pd.Series) -> Text:
    pods = int(row["pods"])
    system = "A system namespace. " if row["system"] else ""
    if not pods:
        return f"{system}No pod here that a policy could govern."
    ingress, egress = int(row["pods_ingress_isolated"]), int(row["pods_egress_isolated"])
    policies = int(row["policies"])
    told = words.counted(policies, "NetworkPolicy") if policies else "No NetworkPolicy"
    return (
        f"{system}{words.counted(pods, 'pod')}: {words.number(ingress)} isolated for ingress, "
        f"{words.number(egress)} for egress. {told}. {_denied(row)}"
    )


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
    STRICT: "By default {} is denied for every pod.",
    EVERY_POD: "By default {} is denied for every pod but for what the same policies allow.",
    CURRENT_PODS: "The pods here now are isolated for {}, the next one may not be.",
    NOT_DENIED: "By default {} is not denied.",
    NO_PODS: "By default {} is not denied.",
}


def _findings(view: View, causes: Sequence[Cause]) -> dict[str, list[tuple[Cause, int]]]:
    """For each namespace its findings, with how many of its subjects share the cause, the gravest first."""
    found: dict[str, list[tuple[Cause, int]]] = {}
    for cause in causes:
        rows = cause.rows
        own = rows["namespace"].astype("str")
        named = own.where(own.ne("") | rows["kind"].ne("Namespace"), rows["name"])
        for namespace, count in named.value_counts(sort=False).items():
            if count and namespace:
                found.setdefault(str(namespace), []).append((cause, int(count)))
    return found


def _findings_table(findings: Sequence[tuple[Cause, int]]) -> Table:
    shown = findings[:_MOST_IN_SECTION]
    rows = tuple(
        (
            cause.check.title,
            (Span(cause.severity.word, cause.severity.word),),  # type: ignore[arg-type]  # the same four words
            "waived" if cause.waived else words.number(count),
            (Reference(cause.told),),
        )
        for cause, count in shown
    )
    rest = len(findings) - len(shown)
    return Table(
        columns=(Column("Check"), Column("Severity"), Column("Subjects", "number"), Column("See")),
        groups=(Group(rows),),
        caption="Findings.",
        more=words.text(f"and {words.number(rest)} more, see ", (code("csv/findings.csv"),), ".")
        if rest
        else "",
    )


def _policies_table(policies: pd.DataFrame) -> Table:
    ordered = policies.sort_values("name")
    shown = ordered.head(_MOST_IN_SECTION)
    rest = len(ordered) - len(shown)
    rows = []
    for row in shown.itertuples():
        directions = [d for d, on in (("ingress", row.ingress), ("egress", row.egress)) if on]
        rows.append(
            (
                str(row.name),
                words.joined(directions) or "nothing",
                words.number(int(row.pods)),
                words.number(int(row.ingress_rules)),
                words.number(int(row.egress_rules)),
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
        groups=(Group(tuple(rows)),),
        caption="Policies, with the pods that they select.",
        more=words.text(f"and {words.number(rest)} more, see ", (code("csv/policies.csv"),), ".")
        if rest
        else "",
    )


def _workloads_table(workloads: pd.DataFrame) -> Table:
    ordered = workloads.assign(
        open=workloads["pods"] - workloads["host_network_pods"] - workloads["pods_ingress_isolated"]
    ).sort_values(["open", "workload"], ascending=[False, True])
    shown = ordered.head(_MOST_IN_SECTION)
    rest = len(ordered) - len(shown)
    hosts = bool(ordered["host_network_pods"].any())
    columns = [Column("Workload", "name"), Column("Pods", "number")]
    columns += [Column("On the node's network", "number")] if hosts else []
    columns += [Column("Isolated for ingress", "number"), Column("Isolated for egress", "number")]
    rows = []
    for row in shown.itertuples():
        on_host = [words.number(int(row.host_network_pods))] if hosts else []
        isolated = (words.number(int(n)) for n in (row.pods_ingress_isolated, row.pods_egress_isolated))
        rows.append((str(row.workload), words.number(int(row.pods)), *on_host, *isolated))
    return Table(
        columns=tuple(columns),
        groups=(Group(tuple(rows)),),
        caption="Workloads, most open pods first.",
        more=words.text(f"and {words.number(rest)} more, see ", (code("csv/workloads.csv"),), ".")
        if rest
        else "",
    )


def _by_namespace(frame: pd.DataFrame, told: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The rows of each of the namespaces that are told at length."""
    wanted = frame[frame["namespace"].isin(told)]
    return {str(key): rows for key, rows in wanted.groupby(wanted["namespace"].astype("str"), observed=True)}
