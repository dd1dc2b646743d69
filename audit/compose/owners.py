"""By owner: what is open, new and waived in the namespaces of each."""

from typing import Final

import pandas as pd

from audit import checks
from audit.checks import Status
from audit.compose import words
from audit.compose.view import View
from audit.frames import OWNER_FACTS
from audit.severity import Severity
from reports.model import Block, Column, Group, Paragraph, Row, Section, Table, Text, code, name

ANCHOR: Final = "owners"
FILE: Final = "csv/owners.csv"

_MOST_ROWS: Final = 60
_LEVELS: Final = [severity.word for severity in sorted(Severity, reverse=True)]
_TITLES: Final = {"open_ingress": "Open for ingress", "open_egress": "Open for egress"}


def of_owners(view: View) -> pd.DataFrame:
    """The frame OWNER_FACTS, those with the gravest findings first; namespaces of nobody are the last row."""
    spaces = view.namespaces.astype({"owner": "str"})
    own = spaces.assign(
        namespaces=1,
        open_ingress=spaces["pods"] - spaces["pods_ingress_isolated"],
        open_egress=spaces["pods"] - spaces["pods_egress_isolated"],
    )
    sums = own.groupby("owner")[["namespaces", "pods", "open_ingress", "open_egress"]].sum()
    owner = dict(zip(spaces["namespace"].astype("str"), spaces["owner"], strict=True))
    findings = view.findings
    of_finding = checks.places(findings).map(owner)
    failed = (findings["status"] == Status.FAILED.value).to_numpy()
    severity = findings["severity"].astype("str")
    columns = {level: failed & (severity == level).to_numpy() for level in _LEVELS}
    columns["waived"] = (findings["status"] == Status.WAIVED.value).to_numpy()
    columns["new"] = failed & (findings["since"] == words.iso(view.as_of)).to_numpy()
    counts = pd.DataFrame(columns).groupby(of_finding.to_numpy()).sum()
    rows = sums.join(counts).fillna(0).reset_index()
    if not view.continued:
        rows["new"] = pd.array([pd.NA] * len(rows), dtype="Int64")
    rows = rows.assign(nobody=rows["owner"] == "")
    order = ["nobody", *_LEVELS, "owner"]
    return OWNER_FACTS.conform(
        rows.sort_values(order, ascending=[True, *(False for _ in _LEVELS), True], ignore_index=True)
    )


def owners(view: View) -> Section:
    """The section."""
    rows = of_owners(view)
    known = rows[rows["owner"] != ""]
    key = (code(view.facts.settings.annotations.owner),)
    if not len(known):
        lead = words.text("No namespace says whose it is: none has the annotation or the label ", key, ".")
        return Section(ANCHOR, "Owners", lead=lead)
    without = int(rows["namespaces"].sum() - known["namespaces"].sum())
    has = words.verb(without, "namespace names", "namespaces name")
    rest = f" {words.number(without)} {has} nobody." if without else ""
    owned = words.counted(int(known["namespaces"].sum()), "namespace")
    lead = words.text(
        f"{words.counted(len(known), 'owner')} of {owned}, as the annotation or the label ",
        key, f" names them.{rest}",
    )  # fmt: skip
    return Section(ANCHOR, "Owners", lead=lead, blocks=_blocks(view, rows))


def _blocks(view: View, rows: pd.DataFrame) -> tuple[Block, ...]:
    shown = rows.head(words.whole(len(rows), _MOST_ROWS))
    new = ["new"] if view.continued else []
    fields = ["namespaces", "pods", "open_ingress", "open_egress", *new, "waived"]
    table = Table(
        columns=(
            Column("Owner", "name"),
            Column("Findings"),
            *(Column(_TITLES.get(field, field.capitalize()), "number") for field in fields),
        ),
        groups=(Group(tuple(_row(row, fields, known=view.known) for row in words.records(shown))),),
        caption="What is open, new and waived by owner; those with the gravest findings first.",
        more=words.more(len(rows) - len(shown), FILE),
    )
    what = "Findings of the cluster as a whole are nobody's, and stand in none of these rows."
    return (table, Paragraph(what))


def _row(row: dict[str, object], fields: list[str], *, known: bool) -> Row:
    owner: Text = (name(str(row["owner"])),) if row["owner"] else "nobody named"
    unknown = () if known else ("open_ingress", "open_egress")
    levels = {level: int(str(row[level])) for level in _LEVELS}
    told = ", ".join(words.graded(levels)) or "none"
    counts = ("?" if field in unknown else words.number(int(str(row[field]))) for field in fields)
    return (owner, told, *counts)
