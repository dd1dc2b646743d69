from reports.model import KeyValues, Note, Table
from reports.text import plain
from tests.compose.objects import pod

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n"


def looked_at(report):
    return next(section for section in report.sections if section.anchor == "looked-at")


def test_a_part_that_cannot_be_read_is_on_page_one(report):
    made = report(pod("a") + "kind: [\n---\n" + pod("b"))
    lines = [plain(line) for line in made.page_one.not_assessed]
    assert any(line.startswith("Not read: ") and "all.yaml:" in line for line in lines)
    assert "not everything was readable" in plain(made.page_one.looked_at[0])
    tables = [block for block in looked_at(made).blocks if isinstance(block, Table)]
    assert "all.yaml:" in plain(tables[1].groups[0].rows[0][0])


def test_what_is_whole_is_said_to_be(report):
    made = report(pod("a"))
    assert "everything was readable" in plain(made.page_one.looked_at[0])
    notes = [block for block in looked_at(made).blocks if isinstance(block, Note)]
    assert notes[0].title == "Nothing is missing"


def test_objects_of_other_kinds_are_counted(report):
    notes = [b for b in looked_at(report(pod("a") + CONFIG_MAP)).blocks if isinstance(b, Note)]
    assert notes[1].title == "1 object of other kinds was passed over"
    assert notes[1].text == "1 ConfigMap."


def test_provenance_names_input_and_snapshot(report):
    made = report(pod("a"))
    pairs = next(block for block in looked_at(made).blocks if isinstance(block, KeyValues)).pairs
    told = {term: plain(text) for term, text in pairs}
    assert told["Read from"] == "shop-cluster"
    assert made.identifier in told["Snapshot"]


def test_the_plug_in_is_named_as_not_looked_at(report):
    assert "network plug-in" in plain(report(pod("a")).page_one.not_assessed[-1])
