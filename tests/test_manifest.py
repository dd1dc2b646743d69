import json

import pytest

from audit import manifest
from audit.manifest import Digest


def test_it_reads_what_it_writes_and_the_same_gives_the_same_bytes(record):
    made = record({"report.html": b"<html>", "csv/pods.csv": b"pod\r\n"})
    assert manifest.decode(made.encode()) == made
    assert made.encode() == record({"csv/pods.csv": b"pod\r\n", "report.html": b"<html>"}).encode()


def test_it_holds_hash_and_size_of_every_file(record):
    read = json.loads(record({"a": b"x"}).encode())
    assert read["files"] == {
        "a": {"sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "size": 1}
    }
    assert read["schema_version"] == 1
    assert read["previous"] is None


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../above",
        "a/../../above",
        "a//b",
        "./a",
        "",
        "manifest.json",
        ".hidden",
        "a/.b",
        "a\0b",
        "..",
    ],
)
def test_a_manifest_that_names_a_file_elsewhere_is_none_of_ours(record, name):
    assert manifest.decode(record({name: b""}).encode()) is None


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"tool": "other"}'])
def test_what_is_no_manifest_is_none(text):
    assert manifest.decode(text) is None


def test_a_newer_schema_is_none_of_ours(record):
    later = record({}).encode().replace(b'"schema_version": 1', b'"schema_version": 2')
    assert manifest.decode(later) is None


def test_fields_to_come_are_passed_over(record):
    made = record({"a": b""})
    assert manifest.decode(made.encode().replace(b'"tool"', b'"later": 1,\n"tool"')) == made


def test_the_digest_is_of_the_bytes():
    assert Digest.of(b"") == Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0)
