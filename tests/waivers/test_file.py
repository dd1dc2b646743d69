"""Waivers: which findings they take away, when, and what is refused."""

from datetime import UTC, datetime

import pytest

from audit import checks, waivers
from audit.collect.files import collect_files
from audit.config import Settings
from audit.errors import UsageError
from audit.facts import evaluate

CHECK = "namespace-denies-ingress-by-default"
AS_OF = datetime(2026, 11, 23, 2, tzinfo=UTC)
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


@pytest.fixture
def results(tmp_path):
    directory = tmp_path / "in"
    directory.mkdir()
    pods = [
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: {ns}}}, spec: {{containers: []}}}}"
        for ns in ("shop", "bank")
    ]
    (directory / "pods.yaml").write_text("\n---\n".join(pods), "utf-8")
    snapshot = collect_files(directory, taken="2026-11-23T02:00:00Z", tool_version="0")
    return checks.run(evaluate(snapshot, Settings()))


def statuses(results, check=CHECK):
    rows = next(result.subjects for result in results if result.check.id == check)
    return dict(zip(rows["name"], rows["status"], strict=True))


def test_a_whole_and_current_waiver_takes_the_finding_of_its_subject(read, results):
    waived = waivers.apply(results, read(WHOLE), AS_OF)
    assert statuses(waived) == {"bank": "failed", "shop": "waived"}
    assert statuses(waived, "namespace-denies-egress-by-default") == {"bank": "failed", "shop": "failed"}
    rows = next(result.subjects for result in waived if result.check.id == CHECK)
    people = "approved by the security lead, owner team shop"
    text = f"from 2026-11-01 until 2026-11-30, {people}, SEC-1: moved next month"
    assert rows.set_index("name")["waiver"].to_dict() == {"bank": "", "shop": text}
    assert checks.summary(waived).set_index("check").loc[CHECK, ["failed", "waived"]].tolist() == [1, 1]
    assert read(WHOLE).lapsed(AS_OF) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("expires: 2026-11-30", "expires: 2026-11-22", "It ended on 2026-11-22."),
        ("created: 2026-11-01", "created: 2026-11-24", "It begins on 2026-11-24."),
        (
            "expires: 2026-11-30",
            "expires: 2027-11-03",
            "It is to last from 2026-11-01 to 2027-11-03: 366 days are the most.",
        ),
        ("  owner: team shop\n", "", "It is not complete: owner is missing."),
        ("reason: moved next month", "reason: ' '", "It is not complete: reason is missing."),
    ],
)
def test_what_does_not_count_leaves_the_finding_and_is_told(read, results, old, new, reason):
    found = read(WHOLE.replace(old, new))
    assert statuses(waivers.apply(results, found, AS_OF)) == {"bank": "failed", "shop": "failed"}
    assert [lapsed.reason for lapsed in found.lapsed(AS_OF)] == [reason]


def test_a_waiver_holds_through_its_last_day(read, results):
    last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert statuses(waivers.apply(results, read(WHOLE), last))["shop"] == "waived"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CHECK, "no-such-check", "3: waivers[0].check: there is no such check; allowed are allow-all-"),
        (
            "owner: team",
            "selector: {a: b}\n  owner: team",
            "7: waivers[0].selector: not supported by this version",
        ),
        (
            "owner: team",
            "ownr: team",
            "7: waivers[0].ownr: unknown key; allowed are check, namespace, name, reason",
        ),
        (
            "created: 2026-11-01",
            "created: tomorrow",
            "10: waivers[0].created: allowed is a date such as 2026-11-23",
        ),
        ("  name: shop\n", "", "3: waivers[0]: name is missing"),
        ("waivers:", "waiver:", "2: waiver: unknown key; allowed are waivers"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(read, old, new, message):
    with pytest.raises(UsageError) as error:
        read(WHOLE.replace(old, new))
    assert f"waivers.yaml:{message}" in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot read the file of waivers"):
        waivers.read(tmp_path / "none.yaml")
