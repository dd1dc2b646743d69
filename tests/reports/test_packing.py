import base64
import json
import zlib

import pandas as pd
import pytest

from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset
from reports.packing import Packed, PackedColumn, PackedTable, pack
from tests.reports import sample

ROOM = 1_000_000


def dataset(called="findings", /, **columns):
    types = {"message": "text", "note": "text", "pods": "integer", "open": "boolean", "share": "number"}
    described = tuple(DataColumn(column, types.get(column, "string"), column) for column in columns)
    return Dataset(called, f"The {called}", described, pd.DataFrame(columns))


def unpack(text):
    return json.loads(zlib.decompress(base64.b64decode(text)))


def strings(packed: Packed) -> list[str]:
    """The list of all strings, as the page puts it together."""
    whole = [None] * packed.strings
    for table in packed.tables:
        for column in table.columns:
            for i, string in enumerate(unpack(column.strings) if column.strings else ()):
                assert whole[column.place + i] is None
                whole[column.place + i] = string
    assert None not in whole
    return whole


def cells(packed: Packed, table: PackedTable, column: PackedColumn) -> list[object]:
    """The cells as the page reads them: reports/script/tables.js does the same."""
    values = unpack(column.values)
    values += values[-1:] * (table.rows - len(values))
    if column.type not in {"string", "text"}:
        return values
    place, found = 0, []
    for row, step in enumerate(values):
        place += step
        text = strings(packed)[place]
        if column.marks:
            for other, source in enumerate(table.columns):
                if (mark := chr(0xE000 + other)) in text:
                    text = text.replace(mark, str(cells(packed, table, source)[row]))
        found.append(text)
    return found


def read(packed: Packed) -> dict[str, dict[str, list[object]]]:
    return {
        table.name: {column.name: cells(packed, table, column) for column in table.columns}
        for table in packed.tables
    }


def test_all_types_come_back():
    table = dataset(
        name=["b", "a", None, "a"],
        pods=[3, None, 3, 3],
        open=[True, None, False, False],
        share=[0.5, 1.0, None, 2],
    )
    assert read(pack((table,), ROOM)) == {
        "findings": {
            "name": ["b", "a", "", "a"],
            "pods": [3, None, 3, 3],
            "open": [True, None, False, False],
            "share": [0.5, 1.0, None, 2.0],
        }
    }


def test_the_sample_comes_back_with_its_hostile_names():
    packed = pack(sample.report().data, ROOM)
    assert read(packed)["pods"]["pod"] == sample.pods(12).frame["pod"].tolist()
    assert packed.characters >= {0x202E, 0x1F680, 0}


def test_tables_have_their_strings_in_common():
    packed = pack((dataset("workloads", name=["web", "db"]), dataset("pods", name=["db", "web", "x"])), ROOM)
    assert strings(packed) == ["web", "db", "x"]


def test_texts_do_without_the_names_of_their_row():
    names = [f"web-{i}" for i in range(200)]
    messages = [f"Deployment shop/{name} is open, {name} that is." for name in names]
    packed = pack((dataset(name=names, message=messages),), ROOM)
    assert packed.tables[0].columns[1].marks
    assert packed.strings == 201
    assert read(packed)["findings"]["message"] == messages


@pytest.mark.parametrize("hostile", ["\ue000", "a\ue0ffb"])
def test_who_has_a_mark_in_his_name_has_texts_as_they_are(hostile):
    names = [hostile, *(f"web-{i}" for i in range(200))]
    messages = [f"{name} is open." for name in names]
    packed = pack((dataset(name=names, message=messages),), ROOM)
    assert not packed.tables[0].columns[1].marks
    assert read(packed)["findings"]["message"] == messages


def test_half_a_surrogate_comes_back():
    names = pd.Series(["a\udc80"], dtype=object)
    assert read(pack((dataset(name=names),), ROOM))["findings"]["name"] == ["a\udc80"]


def test_an_empty_table_and_no_table_are_no_trouble():
    assert read(pack((dataset(name=[], pods=[]),), ROOM)) == {"findings": {"name": [], "pods": []}}
    assert pack((), ROOM) == Packed()


def test_what_matters_most_comes_first_and_the_rest_is_named():
    many = [f"{i:x}-{i * 7919 % 10007:x}" for i in range(5000)]
    datasets = (dataset("pods", pod=many), dataset("services", service=["a"]), dataset(name=["a"]))
    packed = pack(datasets, 2000)
    assert [table.name for table in packed.tables] == ["findings", "services"]
    assert packed.left_out == (PackedTable("pods", "The pods", 5000),)
    assert strings(packed) == ["a"]
    assert sum(len(c.values) + len(c.strings) for t in packed.tables for c in t.columns) <= 2000


def test_digits_that_nobody_reads_go_in_last():
    ids = [f"{i * 2654435761 % 2**32:08x}" for i in range(2000)]
    datasets = (dataset(id=ids, name=["a"] * 2000),)
    small, large = (pack(datasets, room).tables[0] for room in (5000, ROOM))
    assert ([c.name for c in small.columns], small.without) == (["name"], ("id",))
    assert ([c.name for c in large.columns], large.without) == (["id", "name"], ())


def test_the_same_tables_give_the_same_bytes():
    assert pack(sample.report().data, ROOM) == pack(sample.report().data, ROOM)


def test_a_table_that_is_not_what_it_says_is_refused():
    lacking = Dataset("pods", "Pods", (DataColumn("pod", "string", "name"),), pd.DataFrame({"x": [1]}))
    with pytest.raises(RenderFailure, match="lacks its column"):
        pack((lacking,), ROOM)


def test_marks_are_for_more_columns_than_any_table_has():
    columns = {f"c{i}": ["x"] * 70 for i in range(300)}
    table = dataset(
        **columns, name=[f"n{i}" for i in range(70)], message=[f"n{i} is open" for i in range(70)]
    )
    assert read(pack((table,), ROOM))["findings"]["message"][69] == "n69 is open"
