"""Waivers that count, that do not, that do not yet, and that nobody can judge."""

import pytest

from audit import checks, waivers
from audit.config import moment
from tests.checks.conftest import TAKEN
from tests.compose.objects import read_in_part

CHECK = "waivers-are-current"
CLUSTER = """
{apiVersion: v1, kind: Pod, metadata: {name: open, namespace: shop, labels: {app: open}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: closed, namespace: shop, labels: {app: closed}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: closed}}}
"""
TERMS = {"reason": "r", "owner": "o", "approved_by": "a", "created": "2026-11-01", "expires": "2026-11-30"}


@pytest.fixture
def told(judged, tmp_path):
    """Status, severity and message of one waiver; a term that is None is left out."""

    def tell(cluster=CLUSTER, *, whom="namespace: shop, name: open", states=None, **terms):
        made = judged(cluster)
        if states:
            made.judge(read_in_part(made.snapshot, states))
        path = tmp_path / "waivers.yaml"
        pairs = [f"{key}: {value}" for key, value in (TERMS | terms).items() if value is not None]
        path.write_text(
            f"waivers: [{{check: pods-are-isolated-for-ingress, {whom}, {', '.join(pairs)}}}]", "utf-8"
        )
        applied = waivers.apply(made.results, waivers.read(path), made.facts, moment(TAKEN))
        (rows,) = (result.subjects for result in applied.results if result.check.id == CHECK)
        (row,) = rows.itertuples()
        assert (row.kind, row.name) == (
            "Waiver",
            f"pods-are-isolated-for-ingress/{whom.partition('name: ')[2]}",
        )
        assert bool(row.id) == (row.status == "failed")
        return row.status, row.severity, row.message

    return tell


def test_without_waivers_there_is_nothing_to_judge(judged):
    cluster = judged(CLUSTER)
    assert not len(cluster.rows(CHECK))
    row = checks.summary(cluster.results).set_index("check").loc[CHECK]
    assert (row["subjects"], row["reason"]) == (0, "")


def test_one_that_counts_and_accepts_something_passes(told):
    assert told() == ("passed", "medium", "It counts until 2026-11-30.")


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        ({"expires": "2026-11-22"}, "ended on 2026-11-22, and names 1 finding"),
        ({"owner": None}, "is not complete: owner is missing, and names 1 finding"),
        ({"reason": None, "expires": None}, "is not complete: reason and expires are missing, and names 1"),
        ({"expires": "2027-11-29"}, "is to last from 2026-11-01 to 2027-11-29: 366 days are the most"),
        ({"whom": "namespace: shop, name: gone"}, "matches nothing: take it out, or name what is meant"),
        ({"whom": "namespace: shop, name: gone", "owner": None}, "owner is missing, and matches nothing"),
    ],
)
def test_one_that_does_not_count_or_accepts_nothing_fails(told, terms, wrong):
    status, severity, message = told(**terms)
    assert (status, severity) == ("failed", "medium")
    assert message.startswith("Waiver shop/pods-are-isolated-for-ingress/")
    assert wrong in message


def test_one_whose_subject_is_no_finding_today_is_low(told):
    status, severity, message = told(whom="namespace: shop, name: closed")
    assert (status, severity) == ("failed", "low")
    assert "what it names is passed" in message


def test_one_that_begins_later_is_not_applicable(told):
    status, _, message = told(created="2026-11-24")
    assert (status, message) == ("not_applicable", "It begins on 2026-11-24.")


@pytest.mark.parametrize("whom", ["namespace: shop, name: open", "namespace: shop, name: gone"])
@pytest.mark.parametrize("kind", ["pods", "networkpolicies"])
def test_where_its_check_is_not_assessed_neither_is_it(told, whom, kind):
    states = {kind: ("forbidden", "the server said no")}
    status, _, message = told(whom=whom, states=states)
    assert status == "not_assessed"
    assert message == "What pods-are-isolated-for-ingress says of what it names is not assessed."
    # that it has ended is known all the same
    assert told(whom=whom, states=states, expires="2026-11-22")[0] == "failed"


def test_a_part_of_the_input_that_cannot_be_read_may_hold_what_it_names(told):
    assert told(CLUSTER + "---\n{{ template }}\n", whom="namespace: shop, name: gone")[0] == "not_assessed"
