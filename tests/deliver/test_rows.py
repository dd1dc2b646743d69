import json

import pandas as pd

from audit.deliver.rows import chunks, encode
from audit.frames import CONNECTIONS, Schema
from audit.frames.schema import columns

NASTY = 'a|b\\\n"c",é'


def chunk(*rows: tuple[str, str, str, str]):
    return CONNECTIONS.frame(dict(zip(CONNECTIONS.names, zip(*rows, strict=True), strict=True)))


CHUNKS = [
    chunk(("a", "b", "All", "all"), ("b", "a", "TCP 80;UDP 53", "some")),
    chunk((NASTY, "=1", "All", "all")),
]


def test_csv_is_one_file_with_one_header():
    assert b"".join(encode(CHUNKS, CONNECTIONS, "csv")).decode() == (
        "source,destination,connections,scope\r\n"
        "a,b,All,all\r\n"
        "b,a,TCP 80;UDP 53,some\r\n"
        '"a|b\\\n""c"",é",=1,All,all\r\n'
    )


def test_csv_comes_as_the_chunks_do():
    pieces = encode(iter(CHUNKS), CONNECTIONS, "csv")
    assert next(pieces) == b"source,destination,connections,scope\r\n"
    assert next(pieces).startswith(b"a,b,")


def test_json_is_one_list():
    rows = json.loads(b"".join(encode(CHUNKS, CONNECTIONS, "json")))
    assert [row["source"] for row in rows] == ["a", "b", NASTY]
    assert list(rows[0]) == CONNECTIONS.names
    assert json.loads(b"".join(encode([], CONNECTIONS, "json"))) == []


def test_a_cell_of_markdown_ends_where_it_should():
    last = b"".join(encode(CHUNKS, CONNECTIONS, "md")).decode().splitlines()[-1]
    assert last == '| a\\|b\\\\\\\\n"c",é | =1 | All | all |'


COLUMNS = {"name": "str", "reason": "str", "count": "Int64", "on": "boolean"}
SCHEMA = Schema("t", "", columns(*((name, dtype, "") for name, dtype in COLUMNS.items())))
ROWS = SCHEMA.frame(
    {"name": ["=1", "b\x1b"], "reason": ["=2", "x"], "count": [1000, None], "on": [True, None]}
)


def test_types_are_kept_and_the_unknown_is_empty():
    assert json.loads(b"".join(encode([ROWS], SCHEMA, "json")))[1] == {
        "name": "b\x1b",
        "reason": "x",
        "count": None,
        "on": None,
    }
    assert b"".join(encode([ROWS], SCHEMA, "csv")).decode() == (
        "name,reason,count,on\r\n=1,'=2,1000,true\r\nb\x1b,x,,\r\n"
    )


def test_text_is_in_columns_and_cannot_steer_a_terminal():
    assert b"".join(encode([ROWS], SCHEMA, "text")).decode() == (
        "name   reason  count  on\n=1     =2       1000  true\nb\\x1b  x\n"
    )


def test_chunks_are_all_of_a_frame():
    whole = pd.DataFrame({"a": range(25_000)})
    assert [len(piece) for piece in chunks(whole)] == [10_000, 10_000, 5_000]
    assert list(chunks(whole.iloc[:0])) == []
