import json
from importlib import resources

import jsonschema
import msgspec
import pytest

from reports.errors import RenderFailure
from reports.to_json import SCHEMA_VERSION, JsonReport, render_json, schema
from tests.reports import sample, sample_sections


def test_the_schema_that_is_shipped_is_the_one_that_holds():
    shipped = (resources.files("reports") / "report.schema.json").read_bytes()
    assert shipped == schema(), "write reports.to_json.schema() to reports/report.schema.json"


def test_a_report_keeps_to_its_schema():
    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(render_json(sample.report())))


def test_sections_come_back_as_they_were():
    report = sample.report()
    read = msgspec.json.decode(render_json(report), type=JsonReport)
    assert read.schema_version == SCHEMA_VERSION
    assert read.sections == report.sections
    assert read.page_one == report.page_one
    assert read.identifier == sample_sections.SHA


def test_data_is_whole_and_typed():
    table = json.loads(render_json(sample.report(data=(sample.pods(20),))))["data"]["pods"]
    assert [column["name"] for column in table["columns"]] == list(table["rows"][0])
    assert [row["pod"] for row in table["rows"][: len(sample_sections.HOSTILE)]] == list(
        sample_sections.HOSTILE
    )
    assert [row["ingress_isolated"] for row in table["rows"][:3]] == [True, False, None]
    assert [row["policies"] for row in table["rows"][:4]] == [0, 1, 2, None]


def test_the_same_report_gives_the_same_bytes():
    assert render_json(sample.report()) == render_json(sample.report())


def test_an_empty_table_is_an_empty_list():
    assert json.loads(render_json(sample.report(data=(sample.pods(0),))))["data"]["pods"]["rows"] == []


def test_text_that_is_not_unicode_is_refused_in_one_line():
    with pytest.raises(RenderFailure, match="not Unicode"):
        render_json(sample.report(subject="\ud800"))
