import json

from audit.deliver.rows import encode
from audit.frames import CONNECTIONS

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
