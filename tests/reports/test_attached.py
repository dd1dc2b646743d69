import hashlib
import json

import msgspec
import pytest

from reports import attached
from reports.attached import attachments, left_out, written
from reports.model import Evidence, FontFile, Logo, Look
from reports.to_csv import write_csv
from tests.reports import sample

FINDINGS = msgspec.structs.replace(sample.pods(12), name="findings")
CHECKS = msgspec.structs.replace(sample.pods(10), name="checks")


def made(**changes):
    return sample.report(data=(sample.pods(12), FINDINGS, CHECKS), **changes)


def test_what_goes_with_the_pdf_is_what_lies_beside_it():
    report = made()
    files = {file.name: file for file in attachments(report)}
    assert list(files) == ["checks.csv", "findings.csv", "hashes.json"]
    assert files["findings.csv"].data == write_csv(FINDINGS)
    assert [file.relationship for file in files.values()] == ["Data", "Data", "Supplement"]
    assert all(file.description for file in files.values())


def test_hashes_are_of_everything_it_was_made_of_and_of_every_table():
    evidence = (Evidence("snapshot", "snapshot.zip", "1" * 64, 7), Evidence("waivers", "waivers.yaml"))
    look = Look(logo=Logo(b"png", "Logo", "2" * 64), fonts=(FontFile("fonts/a.ttf", b"font", frozenset()),))
    (hashes,) = [f for f in attachments(made(made_of=evidence, look=look)) if f.name == "hashes.json"]
    told = json.loads(hashes.data)
    assert told["made_of"] == {
        "snapshot": {"file": "snapshot.zip", "sha256": "1" * 64, "size": 7},
        "waivers": None,
    }
    assert told["logo"] == "2" * 64
    assert told["fonts"] == {"fonts/a.ttf": hashlib.sha256(b"font").hexdigest()}
    data = write_csv(FINDINGS)
    assert told["files"]["csv/findings.csv"] == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "rows": 12,
        "carried": True,
    }
    assert [path for path, file in told["files"].items() if not file["carried"]] == ["csv/pods.csv"]


def test_a_file_above_the_limit_is_left_out_and_has_its_hash(monkeypatch):
    size = len(write_csv(FINDINGS))
    monkeypatch.setattr(attached, "LARGEST", size)
    assert not left_out(FINDINGS)
    monkeypatch.setattr(attached, "LARGEST", size - 1)
    assert left_out(FINDINGS)
    assert written(FINDINGS).sha256
    assert [file.name for file in attachments(made())] == ["checks.csv", "hashes.json"]
    assert not left_out(sample.pods(12))


def test_a_table_that_cannot_be_written_has_no_hash_and_stops_nothing():
    broken = msgspec.structs.replace(FINDINGS, frame=FINDINGS.frame.drop(columns="note"))
    report = sample.report(data=(broken,))
    assert written(broken).sha256 == ""
    (hashes,) = attachments(report)
    assert json.loads(hashes.data)["files"] == {}


@pytest.mark.parametrize("name", ["controls", "findings", "checks"])
def test_tables_that_are_evidence_are_carried(name):
    assert written(msgspec.structs.replace(FINDINGS, name=name)).carried
