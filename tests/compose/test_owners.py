"""By owner: what is open, new and waived in the namespaces of each."""

from audit.settings import Annotations, Settings
from reports.model import Table
from reports.text import plain
from tests.compose.objects import CLOSED, pod


def namespace(name, more=""):
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}{more}}}\n---\n"


OWNED = (
    namespace("shop", ", annotations: {segaudit.io/owner: Team <b>, team: a}")
    + namespace("data", ", labels: {segaudit.io/owner: dba, team: b}")
    + namespace("free")
    + pod("web")
    + pod("db", "data")
    + pod("x", "free")
)


def section(report):
    return next(section for section in report.sections if section.anchor == "owners")


def rows(report):
    (table,) = [block for block in section(report).blocks if isinstance(block, Table)]
    return [plain(column.title) for column in table.columns], [
        tuple(map(plain, row)) for group in table.groups for row in group.rows
    ]


def test_an_annotation_or_a_label_of_the_namespace_names_the_owner(report):
    titles, found = rows(report(OWNED + CLOSED))
    assert titles[:6] == ["Owner", "Findings", "Namespaces", "Pods", "Open for ingress", "Open for egress"]
    assert [row[:6] for row in found] == [
        ("dba", "2 high, 3 medium", "1", "1", "1", "1"),
        ("Team <b>", "none", "1", "1", "0", "0"),
        ("nobody named", "2 high, 3 medium", "1", "1", "1", "1"),
    ]
    assert plain(section(report(OWNED)).lead) == (
        "2 owners of 2 namespaces, as the annotation or the label segaudit.io/owner names them. "
        "1 namespace names nobody."
    )


def test_the_key_is_configured(report):
    settings = Settings(annotations=Annotations(owner="team"))
    assert [row[0] for row in rows(report(OWNED, settings=settings))[1]] == ["a", "b", "nobody named"]


def test_without_owners_that_is_said(report):
    found = section(report(pod("web")))
    assert plain(found.lead) == (
        "No namespace says whose it is: none has the annotation or the label segaudit.io/owner."
    )
    assert found.blocks == ()


def test_new_findings_are_counted_where_there_is_an_earlier_run(told):
    first = namespace("shop", ", annotations: {segaudit.io/owner: a}") + pod("web") + CLOSED
    titles, found = rows(told({1: first, 4: first + namespace("data") + pod("db", "data")}))
    new = titles.index("New")
    assert [(row[0], row[new]) for row in found] == [("a", "0"), ("nobody named", "5")]


def test_the_whole_table_is_data(report):
    (data,) = [data for data in report(OWNED).data if data.name == "owners"]
    assert data.frame["owner"].tolist() == ["Team <b>", "dba", ""]
    assert data.frame["new"].isna().all()
