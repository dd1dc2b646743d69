import csv
import io

import pandas as pd
import pytest

from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset
from reports.to_csv import write_csv
from tests.reports import sample, sample_sections


def dataset(kind: str, values: object) -> Dataset:
    return Dataset("t", "", (DataColumn("c", kind, ""),), pd.DataFrame({"c": values}))


def cells(data: Dataset) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(write_csv(data).decode(), newline=""))][1:]


def test_header_crlf_and_quotes():
    frame = pd.DataFrame({"b": ['say "hi"', "a,b", "line\r\nend", "plain"], "a": [1, 2, 3, 4]})
    columns = (DataColumn("a", "integer", ""), DataColumn("b", "string", ""))
    assert write_csv(Dataset("t", "", columns, frame)) == (
        b'a,b\r\n1,"say ""hi"""\r\n2,"a,b"\r\n3,"line\r\nend"\r\n4,plain\r\n'
    )


def test_an_empty_table_has_its_header():
    assert write_csv(dataset("string", [])) == b"c\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_only_free_text_is_kept_from_being_a_formula(start):
    value = f"{start}1+1"
    assert cells(dataset("text", [value, "a" + value])) == ["'" + value, "a" + value]
    assert cells(dataset("string", [value])) == [value]


def test_numbers_keep_their_sign():
    assert cells(dataset("integer", [-1, 2])) == ["-1", "2"]
    assert cells(dataset("number", [-0.5, 2])) == ["-0.5", "2.0"]


def test_unknown_is_empty_and_an_integer_stays_one():
    assert cells(dataset("integer", [1, None])) == ["1", ""]
    assert cells(dataset("boolean", pd.array([True, False, None], dtype="boolean"))) == ["true", "false", ""]
    assert cells(dataset("boolean", pd.Series([True, None], dtype=object))) == ["true", ""]
    assert cells(dataset("string", pd.Series(["a", None], dtype="category"))) == ["a", ""]
    assert cells(dataset("text", pd.Series(["a", None], dtype="str"))) == ["a", ""]


def test_hostile_names_come_back_as_they_were():
    rows = list(csv.DictReader(io.StringIO(write_csv(sample.pods(12)).decode(), newline="")))
    assert [row["pod"] for row in rows[: len(sample_sections.HOSTILE)]] == list(sample_sections.HOSTILE)


def test_a_frame_that_is_not_what_its_columns_say_is_refused():
    with pytest.raises(RenderFailure, match="'t' lacks its column 'c'"):
        write_csv(Dataset("t", "", (DataColumn("c", "string", ""),), pd.DataFrame({"d": []})))
    with pytest.raises(RenderFailure, match="'c' of the table 't' is not of type integer"):
        write_csv(dataset("integer", [1.5]))
