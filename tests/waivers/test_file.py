"""waivers.yaml: what it says, and what is refused."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from audit import waivers
from audit.errors import UsageError

CHECK = "namespace-denies-ingress-by-default"
SCHEMA = Path(waivers.__file__).parents[1] / "waivers.schema.json"
WHOLE = f"""
waivers:
- check: {CHECK}
  namespace: shop
  name: shop
  reason: moved next month
  owner: team shop
  approved_by: the security lead
  ticket: SEC-1
  created: 2026-11-01
  expires: 2026-11-30
"""


@pytest.fixture
def read(tmp_path):
    def from_text(text):
        path = tmp_path / "waivers.yaml"
        path.write_text(text, "utf-8")
        return waivers.read(path)

    return from_text


def test_a_waiver_is_printed_with_all_of_it_and_where_it_stands(read):
    (waiver,) = read(WHOLE).waivers
    people = "approved by the security lead, owner team shop"
    assert str(waiver) == f"from 2026-11-01 until 2026-11-30, {people}, SEC-1: moved next month"
    assert waiver.source == "waivers.yaml:3"
    assert waiver.subject == f"{CHECK}/shop"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("expires: 2026-11-30", "expires: 2026-11-22", "ended on 2026-11-22"),
        (
            "expires: 2026-11-30",
            "expires: 2027-11-03",
            "is to last from 2026-11-01 to 2027-11-03: 366 days are the most",
        ),
        (
            "created: 2026-11-01\n  expires: 2026-11-30",
            "expires: 2027-11-25",
            "is to last until 2027-11-25 and does not say when it was created: 366 days are the most",
        ),
        ("  owner: team shop\n", "", "is not complete: owner is missing"),
        ("reason: moved next month", "reason: ' '", "is not complete: reason is missing"),
        ("  expires: 2026-11-30\n", "", "is not complete: expires is missing"),
        ("  expires: 2026-11-30\n", "  expires:\n", "is not complete: expires is missing"),
        ("owner: team shop", "owner:", "is not complete: owner is missing"),
        (
            "  owner: team shop\n  approved_by: the security lead\n",
            "",
            "is not complete: owner and approved_by are missing",
        ),
    ],
)
def test_what_does_not_count_says_why(read, old, new, reason):
    (waiver,) = read(WHOLE.replace(old, new)).waivers
    assert waiver.terms.lapse(date(2026, 11, 23)) == reason
    assert not waiver.terms.hold(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2026-10-31", False), ("2026-11-01", True), ("2026-11-30", True), ("2026-12-01", False)],
)
def test_a_waiver_holds_from_its_first_day_through_its_last(read, day, holds):
    (waiver,) = read(WHOLE).waivers
    assert waiver.terms.hold(date.fromisoformat(day)) is holds


def test_a_waiver_need_not_say_when_it_was_created(read):
    (waiver,) = read(WHOLE.replace("  created: 2026-11-01\n", "")).waivers
    assert waiver.terms.hold(date(2026, 11, 23))


SELECTOR = "  selector: {SELECTOR}\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CHECK, "no-such-check", "3: waivers[0].check: there is no such check; allowed are allow-all-"),
        (
            CHECK,
            "waivers-are-current",
            "3: waivers[0].check: what waivers-are-current finds cannot be waived",
        ),
        ("owner: team", "rule: x\n  owner: team", "7: waivers[0].rule: not supported by this version"),
        ("owner: team", "ownr: team", "7: waivers[0].ownr: unknown key; allowed are check, reason, owner"),
        (
            "created: 2026-11-01",
            "created: tomorrow",
            "10: waivers[0].created: allowed is a date such as 2026-11-23",
        ),
        ("expires: 2026-11-30", "expires: [x]", "11: waivers[0].expires: allowed is a date such as"),
        ("owner: team shop", "owner: {a: b}", "7: waivers[0].owner: allowed is a text of at most 4096"),
        (f"check: {CHECK}\n  namespace", "namespace", "3: waivers[0]: check is missing"),
        (
            "  namespace: shop\n  name: shop\n",
            "",
            "3: waivers[0]: one at least of namespace, name and selector is missing",
        ),
        (
            "  namespace: shop\n  name: shop\n",
            "  selector: {}\n",
            "3: waivers[0]: one at least of namespace, name and selector is missing",
        ),
        (
            "  name: shop\n",
            "  selector: {matchLables: {a: b}}\n",
            "5: waivers[0].selector.matchLables: unknown key; allowed are matchLabels, matchExpressions",
        ),
        (
            "  name: shop\n",
            "  selector:\n    matchExpressions:\n    - {key: a, operator: in}\n",
            "7: waivers[0].selector.matchExpressions[0].operator: allowed is one of In, NotIn, Exists, ",
        ),
        (
            "  name: shop\n",
            "  selector:\n    matchExpressions:\n    - {key: a, operator: In}\n",
            "7: waivers[0].selector.matchExpressions[0].values: must be given with In and NotIn",
        ),
        (
            "  name: shop\n",
            "  selector:\n    matchLabels: {a b: c}\n",
            "6: waivers[0].selector.matchLabels: has a key that is no label name, as the API server has it",
        ),
        ("  name: shop\n", "  selector: [a]\n", "5: waivers[0].selector: allowed is a mapping with the keys"),
        ("waivers:", "waiver:", "2: waiver: unknown key; allowed are waivers"),
        ("  name: shop\n", "  name: shop\n  name: shop\n", "6: the file of waivers cannot be read: a key is"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(read, old, new, message):
    with pytest.raises(UsageError) as error:
        read(WHOLE.replace(old, new))
    assert f"waivers.yaml:{message}" in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot read the file of waivers"):
        waivers.read(tmp_path / "none.yaml")


def test_the_shipped_schema_is_that_of_the_structs():
    """To renew it: python -c 'import audit.waivers as w, sys; sys.stdout.buffer.write(w.schema())'."""
    assert SCHEMA.read_bytes() == waivers.schema()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("{}", True),
        (WHOLE, True),
        (f"waivers: [{{check: {CHECK}, name: a}}]", True),
        (f"waivers: [{{check: {CHECK}, selector: {{matchLabels: {{a: b}}}}}}]", True),
        (
            f"waivers: [{{check: {CHECK}, selector: {{matchExpressions: [{{key: a, operator: Exists}}]}}}}]",
            True,
        ),
        (f"waivers: [{{check: {CHECK}}}]", False),
        (f"waivers: [{{check: {CHECK}, name: a, kind: Pod}}]", False),
        ("waivers: [{check: x, name: a}]", False),
        ("waivers: [{name: a}]", False),
        (f"waivers: [{{check: {CHECK}, selector: {{matchExpressions: [{{key: a}}]}}}}]", False),
        (
            f"waivers: [{{check: {CHECK}, selector: {{matchExpressions: [{{key: a, operator: Is}}]}}}}]",
            False,
        ),
    ],
)
def test_the_schema_and_the_reader_agree(read, text, valid):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    # dates are texts for a schema
    tree = json.loads(json.dumps(yaml.safe_load(text), default=str))
    assert validator.is_valid(tree) is valid
    if valid:
        read(text)
    else:
        with pytest.raises(UsageError):
            read(text)


def test_a_folder_is_all_its_files(tmp_path):
    """As a ConfigMap is mounted: links to files that are somewhere hidden."""
    hidden = tmp_path / "..data"
    hidden.mkdir()
    for name, check in (("b.yaml", "namespaces-have-policies"), ("a.yml", "rules-are-justified")):
        (hidden / name).write_text(f"waivers:\n- {{check: {check}, namespace: x}}", "utf-8")
        (tmp_path / name).symlink_to(hidden / name)
    (tmp_path / "README.md").write_text("not read", "utf-8")
    (tmp_path / ".hidden.yaml").write_text("not: read", "utf-8")
    found = waivers.read(tmp_path)
    assert [(waiver.terms.check, waiver.source) for waiver in found.waivers] == [
        ("rules-are-justified", "a.yml:2"),
        ("namespaces-have-policies", "b.yaml:2"),
    ]
    assert [document["waivers"] for document in yaml.safe_load_all(found.data)] == [
        [{"check": "rules-are-justified", "namespace": "x"}],
        [{"check": "namespaces-have-policies", "namespace": "x"}],
    ]


def test_of_a_folder_the_file_is_named_that_is_wrong(tmp_path):
    (tmp_path / "a.yaml").write_text("waivers: []\n", "utf-8")
    (tmp_path / "b.yaml").write_text("waivers:\n- {check: none, namespace: x}\n", "utf-8")
    with pytest.raises(UsageError, match=r"b\.yaml:2: waivers\[0\]\.check: there is no such check"):
        waivers.read(tmp_path)


def test_an_empty_folder_has_no_waivers(tmp_path):
    assert waivers.read(tmp_path).waivers == ()
    assert waivers.read(tmp_path).data == b""


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(UsageError, match=r"folder of waivers .*: Permission denied; name another"):
        waivers.read(tmp_path)


def test_a_file_with_nothing_behind_its_key_has_none(read):
    assert read("waivers:\n").waivers == ()


def test_whom_a_waiver_names_is_not_left_out_by_leaving_it_empty(read):
    with pytest.raises(UsageError, match=r"waivers\[0\].name: allowed is"):
        read(WHOLE.replace("  name: shop\n", "  name:\n"))
