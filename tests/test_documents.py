import gc
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from audit import documents
from audit.documents import Document, DocumentError, Head, Item, Mapping, Plain, Unreadable

DEEP = documents.NESTING_MAX


def read(text: str | bytes) -> list[object]:
    data = text.encode() if isinstance(text, str) else text
    return list(documents.read_yaml(data))


def stream(text: str) -> list[object]:
    return list(documents.stream_yaml(text.encode()))


def one(text: str | bytes) -> object:
    (document,) = read(text)
    assert isinstance(document, Document), document
    return document.value


def refused(text: str | bytes) -> Unreadable:
    (part,) = read(text)
    assert isinstance(part, Unreadable), part
    return part


def natural(value: object) -> object:
    """The tree as Python's own reader of JSON would give it."""
    if isinstance(value, dict):
        return {str(key): natural(child) for key, child in value.items()}
    if isinstance(value, list):
        return [natural(child) for child in value]
    return value.value if isinstance(value, Plain) else value


# Scalars


@pytest.mark.parametrize("text", ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
def test_true_as_kubernetes_reads_it(text):
    (value,) = one(f"- {text}")
    assert isinstance(value, Plain)
    assert value == text
    assert value.value is True


@pytest.mark.parametrize("text", ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
def test_false_as_kubernetes_reads_it(text):
    (value,) = one(f"- {text}")
    assert isinstance(value, Plain)
    assert value.value is False


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("012", 10),
        ("0o17", 15),
        ("-017", -15),
        ("08", 8.0),
        ("0x1F", 31),
        ("-0x10", -16),
        ("0b101", 5),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5e-1", -0.05),
        (".inf", float("inf")),
        ("-.Inf", float("-inf")),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", float(2**64)),
        ("-9223372036854775808", -(2**63)),
        ("9" * 300, float("9" * 300)),
    ],
)
def test_numbers_as_kubernetes_reads_them(text, number):
    (value,) = one(f"- {text}")
    assert isinstance(value, Plain)
    assert value == text
    assert value.value == number
    assert type(value.value) is type(number)


def test_not_a_number_is_a_float():
    (value,) = one("- .nan")
    assert value.value != value.value


@pytest.mark.parametrize(
    "text",
    [
        "=",
        "<<x",
        "1:30",
        "190:20:30",
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "tRUE",
        "yES",
        "0x",
        "0b2",
        "1e",
        "1e999",
        "_1",
        ".",
        "+",
        "-_",
        ".5_0",
        "1.2.3",
        "0xFFFFFFFFFFFFFFFFFF",
        "9" * 5000,
        "\u0661",
        "nil",
        "10.0.0.0/8",
    ],
)
def test_what_is_neither_number_nor_boolean_is_a_string(text):
    (value,) = one(f"- {text}")
    assert type(value) is str
    assert value == text


@pytest.mark.parametrize("text", ["~", "null", "Null", "NULL", "", "!!null ''"])
def test_null(text):
    assert one(f"a: {text}") == {"a": None}


def test_t28_label_values_keep_their_source_text():
    labels = one("labels: {a: True, b: true, c: 01, d: 2024-01-01, on: on, 0123: 1}")["labels"]
    assert labels == {"a": "True", "b": "true", "c": "01", "d": "2024-01-01", "on": "on", "0123": "1"}
    assert [key for key, value in labels.items() if isinstance(value, Plain)] == ["a", "b", "c", "on", "0123"]


def test_quotes_and_blocks_are_strings():
    value = one("a: \"on\"\nb: '12'\nc: |\n  12\nd: >-\n  true\ne: \"~\"\nf: ''\n")
    assert value == {"a": "on", "b": "12", "c": "12\n", "d": "true", "e": "~", "f": ""}
    assert {type(child) for child in value.values()} == {str}


def test_tags_say_what_a_scalar_is():
    value = one('a: !!str 12\nb: !!int "3"\nc: !own 4\nd: !!binary aGV5\ne: !!float 1\nf: !!set {x: }\n')
    assert value == {"a": "12", "b": "3", "c": "4", "d": "hey", "e": "1", "f": {"x": None}}
    assert [key for key, child in value.items() if isinstance(child, Plain)] == ["b", "e"]


def test_binary_that_is_not_base64():
    assert refused("a: 1\nb: !!binary '***'") == Unreadable(2, "binary data that is not base64")


# Structure


def test_t49_an_element_with_nothing_in_it_is_null():
    assert one("spec:\n  ingress:\n  -\n") == {"spec": {"ingress": [None]}}


def test_mappings_know_their_line():
    value = one("# comment\na:\n  b: 1\nc:\n- d: 1\n  e: {f: 1}\n")
    assert (value.line, value["a"].line, value["c"][0].line, value["c"][0]["e"].line) == (2, 3, 5, 6)
    assert isinstance(value["a"], Mapping)


def test_merge_keys():
    text = "m: [&a {x: 1, y: 1}, &b {x: 2, z: 2}]\none: {y: 0, <<: *a}\ntwo: {<<: [*a, *b], w: 3}\n"
    value = one(text)
    assert value["one"] == {"x": "1", "y": "0"}
    assert value["two"] == {"x": "1", "y": "1", "z": "2", "w": "3"}


def test_a_merge_key_in_quotes_is_a_key():
    assert one('"<<": {a: 1}') == {"<<": {"a": "1"}}


@pytest.mark.parametrize("text", ["a: &a 1\nb:\n  <<: *a\n", "a: &a [1]\nb:\n  <<: *a\n"])
def test_a_merge_key_without_a_mapping(text):
    assert refused(text) == Unreadable(3, "a merge key (<<) without a mapping")


def test_aliases_stand_for_what_they_name():
    assert one("a: &a [x]\nb: *a\nc: &k key\n? *k\n: &n ~\nd: *n\n") == {
        "a": ["x"],
        "b": ["x"],
        "c": "key",
        "key": None,
        "d": None,
    }


@pytest.mark.parametrize("text", ["*a", "a: &a [*a]", "a: &a 1\n---\nb: *a"])
def test_an_alias_without_an_anchor_before_it(text):
    part = read(text)[-1]
    assert isinstance(part, Unreadable)
    assert part.reason == "an alias without an anchor before it"


def test_an_alias_bomb_is_refused_and_the_rest_counts():
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    text = "\n".join(["a0: &a0 [x]", *levels, "---", "ok: yes"])
    bomb, rest = read(text)
    assert bomb == Unreadable(7, "aliases stand for over 1,000,000 nodes")
    assert rest == Document({"ok": "yes"}, 12)


def test_a_bomb_of_merges_is_refused():
    levels = [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 100)}], k{i}: 1}}" for i in range(1, 200)]
    assert "aliases" in refused("\n".join(["a0: &a0 {x: 1}", *levels])).reason


def test_aliases_may_not_nest_deeper_than_the_limit():
    levels = [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, DEEP + 200)]
    assert refused("\n".join(["a0: &a0 [x]", *levels])).reason == "nested over 1,000 deep"


@pytest.mark.parametrize(
    "text",
    [
        "[" * (DEEP + 1) + "]" * (DEEP + 1),
        "[" * 100_000,
        '{"a":' * (DEEP + 1) + "1" + "}" * (DEEP + 1),
        "- " * (DEEP + 1) + "x",
        "".join(f"{' ' * i}a:\n" for i in range(DEEP + 1)),
    ],
)
def test_nesting_over_the_limit(text):
    assert refused(text).reason == "nested over 1,000 deep"


def test_nesting_up_to_near_the_limit():
    value = one("- " * (DEEP - 1) + "x")
    depth = 0
    while isinstance(value, list):
        (value,) = value
        depth += 1
    assert depth == DEEP - 1


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", '{"a": 1,\n "b": 2,\n "a": 3}'])
def test_of_a_key_given_twice_the_last_value_counts(text):
    value = one(text)
    assert value == {"a": "3", "b": "2"}
    assert list(documents.repeated_keys(value)) == [("a",)]
    assert documents.locate(text.encode(), ("a",)) == 3


def test_a_key_that_an_alias_gives_twice():
    value = one("a: &a b\nb: 1\n*a : 2\n")
    assert value == {"a": "b", "b": "2"}
    assert value.repeated == ("b",)


def test_keys_given_twice_deep_inside_and_once_where_aliases_share_them():
    value = one("a:\n- &a {b: 1, b: 2, b: 3}\n- *a\nc: {d: {e: x, e: ~}}\n")
    assert value == {"a": [{"b": "3"}, {"b": "3"}], "c": {"d": {"e": None}}}
    assert sorted(documents.repeated_keys(value)) in (
        [("a", 0, "b"), ("c", "d", "e")],
        [("a", 1, "b"), ("c", "d", "e")],
    )


def test_merge_keys_are_not_given_twice():
    value = one('a: &a {x: 1}\nb: {"<<": 0, <<: *a, <<: {x: 2, y: 3}}\n')
    assert value["b"] == {"<<": "0", "x": "1", "y": "3"}
    assert list(documents.repeated_keys(value)) == []


def test_a_list_that_is_read_in_passing_has_items_once():
    *items, last = documents.stream_yaml(b"kind: List\nitems: [a]\nitems: [b]\n")
    assert [item.value for item in items] == ["a"]
    assert last == Unreadable(3, "a list has items twice; the second are left out")


@pytest.mark.parametrize(
    "start", ["\ufeff", "---\n\ufeff", "--- # b.yaml\r\n\r\n\ufeff", "\ufeff---\n\ufeff"]
)
@pytest.mark.parametrize("text", ["b: 2\n", '{"b": 2}'])
def test_a_byte_order_mark_begins_each_file_of_those_that_were_joined(start, text):
    assert [found.value for found in read(f"\ufeffa: 1\n---\n{start}{text}")] == [{"a": "1"}, {"b": "2"}]


@pytest.mark.parametrize("text", ["? [a]\n: b", "{a: 1}: b", "a: &a [x]\n*a : 1"])
def test_a_key_that_is_not_a_scalar(text):
    assert refused(text).reason == "a key that is not a scalar"


def test_tabs_where_yaml_allows_them():
    assert one("a:\t1\nb: [x,\ty]\t# c\n") == {"a": "1", "b": ["x", "y"]}


def test_a_tab_as_indentation():
    assert refused("a:\n\tb: 1\n") == Unreadable(2, "a tab where YAML wants spaces")


# Documents


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n---\n...\n", "--- ~\n", "\ufeff"])
def test_t69_empty_documents_yield_nothing(text):
    assert read(text) == []


def test_t69_several_documents():
    text = "a: 1\n---\n# nothing\n---\nb: 2\n...\n---\n- c\n--- d\n"
    assert read(text) == [
        Document({"a": "1"}, 1),
        Document({"b": "2"}, 5),
        Document(["c"], 8),
        Document("d", 9),
    ]


def test_directives_stay_with_their_document():
    text = "# c\n%YAML 1.1\n---\na: 1\n...\n%TAG !e! tag:e,2000:\n---\nb: !e!x 2\n"
    assert read(text) == [Document({"a": "1"}, 4), Document({"b": "2"}, 8)]


@pytest.mark.parametrize(
    "bad",
    [
        "b: [x",
        'b: "x',
        "b: {x",
        "b: x: y",
        "  b: 1\n c: 2",
        "b: *none",
        "b: @x",
        "%",
        "b: \0",
        "b: \x01",
        "\tb: 1",
    ],
)
def test_t72_one_document_that_does_not_parse(bad):
    first, unreadable, last = read(f"a: 1\n---\n{bad}\n---\nc: 3\n")
    assert first == Document({"a": "1"}, 1)
    assert isinstance(unreadable, Unreadable)
    assert 3 <= unreadable.line <= 5
    assert isinstance(last, Document)
    assert last.value == {"c": "3"}
    assert last.line == 5 + bad.count("\n")


def test_markers_in_block_scalars_are_text():
    assert one("a: |\n  x\n  ---\n  y\nb: '--- ...'\nc: ---x\n") == {
        "a": "x\n---\ny\n",
        "b": "--- ...",
        "c": "---x",
    }


def test_certificates_are_no_markers():
    assert one("a: |\n  -----BEGIN X-----\n---- : 1\n----- : 2\n") == {
        "a": "-----BEGIN X-----\n",
        "----": "1",
        "-----": "2",
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("metadata:\n  name: {{ .Values.name }}\n", 2),
        ("{{- if .Values.on }}\na: 1\n{{- end }}\n", 1),
        ("a: 1\n{{ include 'x' . }}\n", 2),
        ("a: 1\n{% if x %}\nb: 1\n", 2),
        ("a:\n  - {{ .x | quote }}\n", 2),
    ],
)
def test_templates_are_named(text, line):
    part = refused(text)
    assert "template" in part.reason
    assert line <= part.line <= line + 1


def test_placeholders_in_quotes_and_blocks_are_text():
    text = 'a: "{{ $labels.pod }}"\nb: |\n  {{ define "x" }}\n'
    assert one(text) == {"a": "{{ $labels.pod }}", "b": '{{ define "x" }}\n'}


def test_an_error_beside_quoted_placeholders_is_not_taken_for_a_template():
    assert refused('a: "{{ x }}" # {{ y }}\nb: [\n').reason == "is not valid YAML"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(codec):
    data = "a: é\U0001f600\n---\nb: 1\n".encode(codec)
    assert read(data) == [Document({"a": "é\U0001f600"}, 1), Document({"b": "1"}, 3)]


def test_t69_byte_order_marks_between_documents():
    assert read("\ufeffa: 1\n\ufeff---\nb: 2\n---\n\ufeff# c\nc: 3\n") == [
        Document({"a": "1"}, 1),
        Document({"b": "2"}, 3),
        Document({"c": "3"}, 6),
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(end):
    text = "a: 1\nb: |\n  x\n---\nc: [\n---\nd: 1\n".replace("\n", end)
    assert read(text) == [
        Document({"a": "1", "b": "x\n"}, 1),
        Unreadable(6, "is not valid YAML"),
        Document({"d": "1"}, 7),
    ]


def test_bytes_that_are_not_utf8():
    text = b"a: 1\n---\nb: 1\nc: \xff\n---\nd: 1\n"
    assert read(text) == [
        Document({"a": "1"}, 1),
        Unreadable(4, "is not valid UTF-8"),
        Document({"d": "1"}, 6),
    ]


def test_half_a_character_of_utf16():
    assert refused("a: 1".encode("utf-16") + b"x") == Unreadable(1, "is not valid UTF-16")


@pytest.mark.parametrize("character", ["\x01", "\x7f", "\x1b", "\ufffe"])
def test_control_characters(character):
    assert refused(f"a: 1\nb: {character}\n") == Unreadable(2, "contains control characters")


def test_nul_bytes():
    assert refused(b"a: 1\nb: \0\n") == Unreadable(2, "contains NUL bytes")


def test_larger_than_the_limit(monkeypatch):
    monkeypatch.setattr("audit.documents.reader.YAML_BYTES_MAX", 1024 * 1024)
    assert refused(b"#" * (1024 * 1024 + 1)).reason.startswith("larger than 1 MiB")


@pytest.mark.parametrize("text", ["- x: 1\n" * 30, "[" + "{}," * 60 + "{}]"])
def test_a_document_of_too_many_events(monkeypatch, text):
    monkeypatch.setattr("audit.documents.reader.EVENTS_MAX", 100)
    monkeypatch.setattr("audit.documents.reader._JSON_BYTES_MAX", 100)
    large, rest = read(f"{text}\n---\na: 1\n")
    assert large.reason == "larger than 100 events of YAML in one object"
    assert rest.value == {"a": "1"}


def test_a_list_in_passing_may_have_any_number_of_items(monkeypatch):
    monkeypatch.setattr("audit.documents.reader.EVENTS_MAX", 100)
    assert len(stream("items:\n" + "- x: 1\n" * 60)) == 61


def test_behind_many_unreadable_documents_the_rest_is_left_out():
    parts = read("a: [\n---\n" * (documents.UNREADABLE_MAX + 500))
    assert len(parts) == documents.UNREADABLE_MAX + 1
    assert parts[-1] == Unreadable(2000, "behind 1,000 documents that could not be read; left out")


@pytest.mark.parametrize(
    "text",
    [
        "secret: [hunter2",
        "hunter2\t: *hunter2",
        "a: @hunter2",
        '{"hunter2": ',
        "hunter2: {{ x",
    ],
)
def test_reasons_repeat_nothing_of_the_content(text):
    part = read(text)[-1]
    assert isinstance(part, Unreadable)
    assert "hunter2" not in part.reason


def test_the_collector_is_as_it_was():
    assert gc.isenabled()
    parts = documents.stream_yaml(b"a: 1\n---\nb: 1\n")
    next(parts)
    assert gc.isenabled()
    gc.disable()
    try:
        list(parts)
        assert not gc.isenabled()
    finally:
        gc.enable()


# Lists in passing


KUBECTL = """apiVersion: v1
items:
- kind: Pod
  items: [1]
-
- text
- [x]
- kind: Service
kind: List
metadata: {resourceVersion: ""}
"""


def test_t69_the_items_of_a_list_come_one_by_one_and_its_head_last():
    parts = stream(KUBECTL + "---\na: 1\n")
    assert [(type(part), part.line) for part in parts] == [
        (Item, 3),
        (Item, 5),
        (Item, 6),
        (Item, 7),
        (Item, 8),
        (Head, 1),
        (Document, 12),
    ]
    assert [part.value for part in parts[:5]] == [
        {"kind": "Pod", "items": ["1"]},
        None,
        "text",
        ["x"],
        {"kind": "Service"},
    ]
    assert parts[5].value == {
        "apiVersion": "v1",
        "items": [],
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def test_items_show_what_stands_before_them():
    parts = documents.stream_yaml(b"kind: PodList\nitems:\n- a: 1\nmetadata: {}\n")
    item = next(parts)
    assert isinstance(item, Item)
    assert item.head == {"kind": "PodList"}


def test_the_same_list_read_whole():
    value = one(KUBECTL)
    assert value["items"] == [{"kind": "Pod", "items": ["1"]}, None, "text", ["x"], {"kind": "Service"}]


@pytest.mark.parametrize(
    "text",
    [
        "kind: Menu\nitems: [{a: 1}]",
        "items: &x [{a: 1}]",
        "items: {a: 1}",
        "items: null",
        "a: {items: [1]}",
        "[{items: [1]}]",
    ],
)
def test_what_is_not_a_list_of_objects_is_read_whole(text):
    (part,) = stream(text)
    assert isinstance(part, Document)
    assert read(text) == [part]


def test_an_empty_list_has_a_head():
    assert stream("items: []\nkind: List\n") == [Head(Mapping(items=[], kind="List"), 1)]


def test_a_list_that_breaks_off():
    parts = stream("kind: List\nitems:\n- a: 1\n- b: [\n---\nc: 1\n")
    assert [type(part) for part in parts] == [Item, Unreadable, Document]


def test_anchors_reach_from_item_to_item():
    parts = stream("items:\n- &a {x: 1}\n- <<: *a\n- *a\n")
    assert [part.value for part in parts[:3]] == [{"x": "1"}] * 3


# JSON


def test_json_in_a_file_of_any_name():
    value = one('\ufeff \n{"a": "\\ud83d\\ude00\\/", "b": [true, [false, 1e3]], "c": null, "d": {"e": -1.5}}')
    assert value == {"a": "\U0001f600/", "b": ["true", ["false", "1e3"]], "c": None, "d": {"e": "-1.5"}}
    assert natural(value) == {"a": "\U0001f600/", "b": [True, [False, 1000.0]], "c": None, "d": {"e": -1.5}}
    assert value.line == value["d"].line == 2


def test_json_values_one_after_the_other():
    assert read('{"a": 1}\n{"b": 2}\n[3]\n---\n{"c": "4"}\n') == [
        Document({"a": "1"}, 1),
        Document({"b": "2"}, 2),
        Document(["3"], 3),
        Document({"c": "4"}, 5),
    ]


def test_halves_of_surrogate_pairs_become_replacement_characters():
    value = documents.read_json_tree(rb'{"\ud800": "\udc00 \ud83d\ude00 \\ud800 \ud83d\ud83d\ude00"}')
    assert value == {"\ufffd": "\ufffd \U0001f600 \\ud800 \ufffd\U0001f600"}


def test_flow_mappings_are_yaml():
    assert one("{a: b, 'c': on} # comment\n") == {"a": "b", "c": "on"}
    assert one('[a, "b",]') == ["a", "b"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is not one JSON value"),
        (b"1 2", "is not one JSON value"),
        (b"{", "is not valid JSON"),
        (b"[NaN]", "is not valid JSON"),
        (b"[Infinity]", "is not valid JSON"),
        (b'["\t"]', "is not valid JSON"),
        (b'["\xff"]', "is not valid UTF-8"),
        (b"[" * 2000 + b"]" * 2000, "nested over 1,000 deep"),
        (b"[" * 500_000, "nested over 1,000 deep"),
    ],
)
def test_json_that_is_refused(raw, reason):
    with pytest.raises(DocumentError, match=re.escape(reason)):
        documents.read_json_tree(raw)


def test_the_line_of_an_error_in_json():
    with pytest.raises(DocumentError) as caught:
        documents.read_json_tree(b'{"a": 1,\n "b": }')
    assert (caught.value.line, caught.value.reason) == (2, "is not valid JSON")


def test_a_json_number_has_a_value():
    numbers = documents.read_json_tree(b"[12, 1e999, 340282366920938463463374607431768211456, -0.0]")
    assert [number.value for number in numbers] == [12, float("inf"), float(2**128), 0.0]
    assert numbers[2] == str(2**128)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("{", True),
        ("\ufeff\n [", True),
        ("---\n{", True),
        ("a: {", False),
        ("{{ x }}", False),
        ("{%", False),
        ("", False),
        ("- {", False),
    ],
)
def test_what_looks_like_json(text, answer):
    assert documents.looks_like_json(text.encode()) is answer


# Lines of configuration


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("a",), 1),
        (("b", "c"), 3),
        (("b", "d", 1), 6),
        (("b", "d", 7), 4),
        (("b", "none", "e"), 2),
        (("a", "x"), 1),
        (("none",), 1),
    ],
)
def test_locate(path, line):
    assert documents.locate(b"a: 1\nb:\n  c: 1\n  d:\n  - x\n  - y\n---\nz: 1\n", path) == line


@pytest.mark.parametrize("data", [b"", b'\n{"a": "\\ud83d\\ude00"}'])
def test_locate_in_nothing_and_in_json_that_is_not_yaml(data):
    assert documents.locate(data, ("a",)) == 1


# Whatever there is


# PyYAML writes y and n plain, which are booleans to Kubernetes' reader
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(
    lambda t: t.lower() not in {"y", "n"}
)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXTS, children, max_size=4),
    max_leaves=20,
)


@given(TREES)
def test_what_a_dumper_writes_reads_back_equal(tree):
    for text in (
        yaml.safe_dump(tree),
        yaml.safe_dump(tree, default_flow_style=True),
        yaml.safe_dump(tree, default_style='"'),
    ):
        parts = read(f"---\n{text}\n")
        assert [natural(part.value) for part in parts] == ([] if tree is None else [tree])


@given(TREES)
def test_json_reads_back_equal(tree):
    for text in (json.dumps([tree]), json.dumps([tree], ensure_ascii=False, indent=1)):
        assert natural(one(text)) == [tree]
        assert natural(documents.read_json_tree(text.encode())) == [tree]


@given(st.binary(max_size=200) | st.text("-.#%{}[]:,&*!|>'\"\t\n\r a01<?@", max_size=80).map(str.encode))
def test_nothing_raises_and_streaming_finds_the_same(data):
    whole = list(documents.read_yaml(data))
    assert all(isinstance(part, Document | Unreadable) for part in whole)
    parts = list(documents.stream_yaml(data))
    if not any(isinstance(part, Item | Head) for part in parts):
        assert parts == whole


def test_the_corpus_of_the_examples_reads(request):
    examples = Path(request.config.rootpath, "examples")
    for path in sorted(examples.rglob("*.yaml")):
        assert not any(isinstance(part, Unreadable) for part in read(path.read_bytes())), path
