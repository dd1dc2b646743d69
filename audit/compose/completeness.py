"""What was looked at and what was not."""

from collections.abc import Sequence
from typing import Final

from audit.compose import words
from audit.compose.unassessed import ANCHOR, UNASKED
from audit.compose.view import View
from reports.model import (
    Block,
    Column,
    Group,
    KeyValues,
    Note,
    Reference,
    Section,
    Table,
    Text,
    code,
    name,
)

_UNSERVED: Final = "not served"
_MOST_GAPS: Final = 40
_MOST_OTHERS: Final = 12


def no_finding(view: View) -> str:
    """What to say where there is no finding: how many subjects that is said of."""
    judged = int(view.checks[["passed", "waived"]].sum().sum())
    unknown = int(view.checks[["not_assessed", "error"]].sum().sum())
    if not judged:
        return "Nothing could be judged, so what to mend is not known."
    some = f"{words.counted(judged, 'subject')} {words.verb(judged, 'was', 'were')} judged"
    if unknown:
        return f"No finding in what could be judged: {some}, and {words.number(unknown)} could not be."
    return f"No finding. {some}."


def looked_at(view: View) -> tuple[Text, ...]:
    """What was looked at, read as whom, and whether everything was readable."""
    everything = "everything was readable" if view.facts.snapshot.complete else "not everything was readable"
    lines: list[Text] = [
        words.text(f"{population(view)}; {read_as(view)}; {everything}, see ", (Reference(ANCHOR),), ".")
    ]
    if view.only is not None:
        lines.append(
            words.text(
                "This report is narrowed to ", words.named(view.only, 6),
                "; the whole input was read, as peers live elsewhere.",
            )
        )  # fmt: skip
    return (*lines, *_told_apart(view))


def population(view: View) -> str:
    """How much was looked at: pods, namespaces, Services and policies."""
    counts = (
        _count(view, "pods", len(view.pods), "pod"),
        _count(view, "namespaces", len(view.namespaces), "namespace"),
        _count(view, "services", len(view.services), "Service"),
        _count(view, "networkpolicies", int(view.policies["evaluated"].sum()), "NetworkPolicy"),
    )
    return ", ".join(counts)


def read_as(view: View) -> str:
    """As whom it was read; of files, how many."""
    provenance = view.facts.snapshot.provenance
    return f"read as {provenance.read_as}" if provenance.read_as else _from(view)


def _count(view: View, kind: str, count: int, noun: str) -> str:
    if view.readable(kind):
        return words.counted(count, noun)
    return f"at least {words.counted(count, noun)}" if count else f"{words.plural(noun)} unknown"


def _from(view: View) -> str:
    """Where it was read, if not as whom."""
    if view.facts.snapshot.provenance.kind == "files":
        return _from_files(view)
    return "read from the cluster, as whom is not known"


def _from_files(view: View) -> str:
    provenance = view.facts.snapshot.provenance
    documents = words.counted(provenance.documents, "object")
    return f"read from {words.counted(provenance.files, 'file')} with {documents}"


def _told_apart(view: View) -> list[Text]:
    """Pods that are not what a reader takes them for."""
    lines: list[Text] = []
    templates = int(view.pods["template"].sum())
    if templates:
        lines.append(
            f"{_of(templates, len(view.pods))} {words.verb(templates, 'stands', 'stand')} for the pod "
            "template of a workload, as the input has no pods of it: one pod for each workload, whatever "
            "its replicas."
        )
    hosts = int(view.pods["host_network"].sum())
    if hosts:
        lines.append(
            f"{_of(hosts, len(view.pods))} {words.verb(hosts, 'uses', 'use')} the node's network: no policy "
            f"holds for {words.verb(hosts, 'it', 'them')}, and no figure above counts "
            f"{words.verb(hosts, 'it', 'them')}."
        )
    finished = len(view.finished_pods)
    if finished:
        lines.append(
            f"{words.counted(finished, 'pod')} more {words.verb(finished, 'has', 'have')} finished and do "
            "not count."
            if finished > 1
            else "1 pod more has finished and does not count."
        )
    systems = view.namespaces[view.namespaces["system"]]
    pods = int(systems["pods"].sum())
    if pods and view.known:
        isolated = int(systems["pods_ingress_isolated"].sum())
        lines.append(
            words.text(
                "The figures include ", words.named(systems["namespace"].tolist()),
                f" ({words.verb(len(systems), 'a system namespace', 'system namespaces')}): "
                f"{words.counted(pods, 'pod')}, {words.number(isolated)} isolated for ingress.",
            )
        )  # fmt: skip
    return lines


def _of(part: int, whole: int) -> str:
    if part == whole:
        return words.begun(words.every(whole, "pod"))
    return f"{words.number(part)} of the pods"


def completeness(view: View) -> Section:
    """The section: provenance, kinds, and what could not be read."""
    return Section(
        ANCHOR,
        "What was looked at",
        blocks=(_provenance(view), _kinds(view), *_parts(view), *_gaps(view), *_others(view)),
    )


def _provenance(view: View) -> Block:
    snapshot = view.facts.snapshot
    provenance = snapshot.provenance
    pairs: list[tuple[str, Text]] = [
        ("Read from", words.text((name(provenance.description),))),
        ("Cluster", words.text((name(provenance.cluster),)) if provenance.kind == "cluster" else ""),
        ("Cluster's id", provenance.cluster_uid),
        ("Server", provenance.server_version),
        ("API groups", _groups(provenance.api_groups)),
        ("Read as", words.text((name(provenance.read_as),)) if provenance.read_as else ""),
        ("Namespaces read", _namespaces_read(view)),
        ("Files and objects", _from_files(view).removeprefix("read from ") if provenance.files else ""),
        ("Taken", words.written(provenance.taken)),
        ("Snapshot", words.text("SHA-256 ", (code(snapshot.sha256),))),
        ("Read by", f"segaudit {provenance.tool_version}"),
    ]
    return KeyValues(tuple((term, text) for term, text in pairs if text))


def _groups(versions: Sequence[str]) -> str:
    """How many there are: the snapshot has the list."""
    groups = {version.partition("/")[0] for version in versions}
    return f"{words.counted(len(groups), 'group')} beside the core API" if groups else ""


def _namespaces_read(view: View) -> Text:
    """Those that were read one by one, where not all could be read at once."""
    parts = view.facts.snapshot["parts"]
    read = sorted(parts.loc[parts["state"] == "listed", "namespace"].astype("str").unique().tolist())
    return words.text(words.named(read, 10), ", one by one: see the kinds below") if read else ""


def _kinds(view: View) -> Table:
    kinds = view.facts.snapshot["kinds"].sort_values("kind")
    asked = kinds[~kinds["state"].isin([UNASKED, _UNSERVED])]
    asked = asked.assign(
        told=[f"{state}: {why}" if why else state for state, why in words.rows(asked, "state", "reason")],
        read=[_span(started, ended) for started, ended in words.rows(asked, "started", "ended")],
        number=[words.number(count) for count in asked["objects"].tolist()],
    )
    columns = [(Column("Kind"), "kind"), (Column("Objects", "number"), "number"), (Column("State"), "told")]
    optional = [(Column("Version of the list"), "resource_version"), (Column("Read"), "read")]
    columns += [(column, field) for column, field in optional if (asked[field] != "").any()]
    rows = tuple(words.rows(asked, *(field for _, field in columns)))
    others = [
        f"{label}: {words.joined(names)}."
        for state, label in ((UNASKED, "Not asked for"), (_UNSERVED, "Not served by this cluster"))
        if (names := kinds.loc[kinds["state"] == state, "kind"].tolist())
    ]
    return Table(
        columns=tuple(column for column, _ in columns),
        groups=(Group(rows),),
        caption="Kinds that were read, and how far.",
        more=words.sentences(others),
        empty="No kind was read.",
    )


def _parts(view: View) -> Sequence[Block]:
    """The kinds that were read in some namespaces, one by one."""
    parts = view.facts.snapshot["parts"]
    if not len(parts):
        return ()
    rows = []
    for kind, mine in parts.groupby("kind", observed=True):
        read = mine.loc[mine["state"] == "listed", "namespace"].astype("str").tolist()
        others = words.rows(mine[mine["state"] != "listed"], "namespace", "state")
        refused = [f"{where} ({state})" for where, state in others]
        rows.append((str(kind), words.named(read, 10), words.named(refused, 10)))
    return (
        Table(
            columns=(Column("Kind"), Column("Namespaces read"), Column("Namespaces not read")),
            groups=(Group(tuple(rows)),),
            caption="Kinds that may not be listed in all namespaces at once, and where they were read.",
        ),
    )


def _span(started: str, ended: str) -> str:
    return f"{started} to {ended}" if started and ended and started != ended else started or ended


def _gaps(view: View) -> Sequence[Block]:
    gaps = view.facts.snapshot["gaps"]
    if not len(gaps):
        if not view.facts.snapshot.complete:
            return ()  # the kinds above say what is missing
        return (
            Note("Every file, document and list that belongs to the input was read.", "Nothing is missing"),
        )
    shown = gaps.head(words.whole(len(gaps), _MOST_GAPS))
    rest = len(gaps) - len(shown)
    return (
        Table(
            columns=(Column("What", "name"), Column("Why it was not read")),
            groups=(
                Group(
                    tuple((str(s), str(r)) for s, r in zip(shown["subject"], shown["reason"], strict=True))
                ),
            ),
            caption="Parts of the input that could not be read; everything else counts.",
            more=f"and {words.number(rest)} more." if rest else "",
        ),
    )


def _others(view: View) -> Sequence[Block]:
    others = view.facts.snapshot.provenance.others
    if not others:
        return ()
    ordered = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    rest = len(ordered) - _MOST_OTHERS
    told = [f"{words.number(count)} {kind}" for kind, count in ordered[:_MOST_OTHERS]]
    told += [f"objects of {words.counted(rest, 'more kind')}"] if rest > 0 else []
    total = words.counted(sum(others.values()), "object")
    return (
        Note(
            f"{words.joined(told)}.",
            f"{total} of other kinds {words.verb(sum(others.values()), 'was', 'were')} passed over",
        ),
    )
