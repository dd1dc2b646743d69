"""Waivers: who accepts which findings, why and until when; what does not count, or accepts nothing, first."""

from collections.abc import Sequence
from typing import Any, Final

from audit.checks import Status
from audit.compose import words
from audit.compose.view import View
from reports.model import Column, Group, Section, Table, Text, file, name

ANCHOR: Final = "waivers"
_FILE: Final = "csv/waivers.csv"
_MOST_ROWS: Final = 40
_NOT_IN_FORCE: Final = "Do not count, or accept nothing"
_GROUPS: Final = (
    (Status.FAILED, _NOT_IN_FORCE),
    (Status.NOT_ASSESSED, "May accept something that could not be judged"),
    (Status.NOT_APPLICABLE, "Not yet"),
    (Status.PASSED, "In force"),
)
_SHOWN: Final = (
    "check", "kind", "namespace", "name", "selector", "reason", "owner", "approved_by", "ticket", "created",
    "expires", "findings", "message", "annotation", "source",
)  # fmt: skip

Row = dict[str, Any]


def waivers(view: View) -> Section:
    """The section; it says so if there is none."""
    rows = view.waivers.sort_values(["expires", "check", "namespace", "name"], kind="stable")
    total = len(rows)
    if not total:
        return Section(ANCHOR, "Waivers", lead=_none(view))
    titles = {result.check.id: result.check.title for result in view.results}
    groups, left = [], words.whole(total, _MOST_ROWS)
    for status, title in _GROUPS:
        found = rows.loc[rows["status"] == status.value, list(_SHOWN)].head(left)
        left -= len(found)
        if len(found):
            told = tuple(_row(row, titles, status) for row in words.records(found))
            groups.append(Group(told, title=title))
    return Section(ANCHOR, "Waivers", lead=_lead(view), blocks=(_table(groups, total),))


def _none(view: View) -> str:
    also = " and annotations" if view.facts.settings.waivers.annotations else ""
    return f"No finding is waived: there are no waivers. Those of a file{also} would stand here."


def _lead(view: View) -> Text:
    statuses = view.waivers["status"].value_counts()
    good, bad = int(statuses.get(Status.PASSED, 0)), int(statuses.get(Status.FAILED, 0))
    waived = int((view.findings["status"] == Status.WAIVED).sum())
    first = (
        f"{words.counted(waived, 'finding')} {words.verb(waived, 'is', 'are')} waived, by "
        f"{words.counted(good, 'waiver')} in force."
    )
    wrong = (
        f" {words.counted(bad, 'waiver')} {words.verb(bad, 'does', 'do')} not count or "
        f"{words.verb(bad, 'accepts', 'accept')} nothing, which is a finding."
        if bad
        else ""
    )
    return words.text(f"{first}{wrong} All waivers are in ", (file(_FILE),), ".")


def _table(groups: Sequence[Group], total: int) -> Table:
    shown = sum(len(group.rows) for group in groups)
    return Table(
        columns=(
            Column("What is accepted", "name"),
            Column("Findings", "number"),
            Column("Reason"),
            Column("Owner"),
            Column("Approved by"),
            Column("From"),
            Column("Until"),
        ),
        groups=tuple(groups),
        caption="Within each part the first to end is first. A waiver counts through its last day.",
        more=words.more(total - shown, _FILE),
    )


def _row(row: Row, titles: dict[str, str], status: Status) -> tuple[Text, ...]:
    check = titles.get(row["check"], row["check"])
    origin = "its annotation" if row["annotation"] else row["source"]
    what = words.text(
        f"{check}: " if check else "", (name(_whom(row)),), *((f" ({origin})",) if origin else ())
    )
    ticket = f" ({row['ticket']})" if row["ticket"] else ""
    verdict = (f" {row['message']}",) if status != Status.PASSED else ()
    ends = f"{row['reason']}{ticket}".endswith((".", "!", "?"))
    return (
        what,
        words.number(row["findings"]),
        words.text(f"{row['reason']}{ticket}", "." if verdict and not ends else "", *verdict),
        row["owner"],
        row["approved_by"],
        row["created"],
        row["expires"],
    )


def _whom(row: Row) -> str:
    """What a waiver names: `Deployment shop/web`, `shop/web`, `tier=web in shop`, `all in shop`."""
    kind = f"{row['kind']} " if row["kind"] else ""
    if row["name"] and row["kind"] == "Namespace":
        named = f"{kind}{row['name']}"
    elif row["name"]:
        named = f"{kind}{row['namespace']}{'/' if row['namespace'] else ''}{row['name']}"
    else:
        named = ""
    selected = row["selector"] or ("" if named else "all")
    where = f" in {row['namespace']}" if row["namespace"] and not row["name"] else ""
    return " ".join(filter(None, (named, selected))) + where
