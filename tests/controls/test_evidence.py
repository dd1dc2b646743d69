"""The rules of `frameworks.md`, one by one, and what holds of all counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import checks
from audit.controls import Counts, Plugin, Status, evidence
from audit.frameworks import Control

CONTROL = Control("1", "a control", "Look at it.")
BY_ID = {check.id: check for check in checks.load()}
EFFECT = BY_ID["namespace-denies-ingress-by-default"]
"""A verdict on what policies let through."""
PAPER = BY_ID["rules-are-justified"]
ENFORCES = Plugin.ENFORCES


def judged(counts, plugin=ENFORCES, check=PAPER):
    return evidence(CONTROL, {check: counts}, plugin)


@pytest.mark.parametrize(
    ("counts", "status", "reason"),
    [
        (Counts(passed=3), Status.SUPPORTS, "Of 3 verdicts: 3 passed."),
        (Counts(passed=1), Status.SUPPORTS, "Of 1 verdict: 1 passed."),
        (Counts(passed=3, waived=1), Status.IN_PART, "Of 4 verdicts: 1 waived, 3 passed."),
        (Counts(passed=3, not_assessed=1), Status.IN_PART, "Of 4 verdicts: 1 not assessed, 3 passed."),
        (Counts(passed=3000, failed=1), Status.CONTRADICTS, "Of 3,001 verdicts: 1 failed, 3,000 passed."),
        (Counts(failed=1, not_assessed=9), Status.CONTRADICTS, "Of 10 verdicts: 1 failed, 9 not assessed."),
        (Counts(not_assessed=2), Status.NOT_ASSESSED, "Of 2 verdicts: 2 not assessed."),
        (Counts(), Status.NOT_ASSESSED, "There is nothing to judge."),
    ],
)
def test_a_status_follows_from_the_verdicts(counts, status, reason):
    found = judged(counts)
    assert (found.status, found.reason) == (status, reason)


def test_without_a_check_it_is_left_to_be_done_by_hand():
    assert evidence(CONTROL, {}, ENFORCES).status is Status.BY_HAND


@pytest.mark.parametrize("more", [Counts(), Counts(not_assessed=1)])
def test_findings_that_are_accepted_make_no_evidence(more):
    assert judged(Counts(waived=2) + more).status is Status.CONTRADICTS


@pytest.mark.parametrize("check", [EFFECT, PAPER])
def test_it_supports_in_part_at_most_where_policies_are_not_known_to_be_enforced_everywhere(check):
    found = judged(Counts(passed=3), Plugin.NOT_EVERYWHERE, check)
    assert found.status is Status.IN_PART
    assert found.reason.endswith(" Policies are not enforced, or not known to be, on all nodes.")


def test_what_policies_let_through_is_nothing_where_no_policy_has_an_effect():
    found = judged(Counts(passed=3), Plugin.NOWHERE, EFFECT)
    assert found.status is Status.CONTRADICTS
    assert found.reason.endswith(" No policy has an effect here.")
    # what is written in them is there all the same
    assert judged(Counts(passed=3), Plugin.NOWHERE, PAPER).status is Status.IN_PART


def test_the_checks_of_a_control_are_taken_together():
    both = {EFFECT: Counts(passed=1), PAPER: Counts(failed=1)}
    assert evidence(CONTROL, both, ENFORCES).status is Status.CONTRADICTS
    assert evidence(CONTROL, both, ENFORCES).total == Counts(passed=1, failed=1)


COUNTS = st.builds(Counts, *[st.integers(0, 3)] * 4)
MAPPED = st.dictionaries(st.sampled_from([EFFECT, PAPER, BY_ID["boundaries-hold"]]), COUNTS)
ORDER = [Status.CONTRADICTS, Status.NOT_ASSESSED, Status.IN_PART, Status.SUPPORTS]


@given(MAPPED, st.sampled_from(Plugin))
def test_a_status_never_says_more_than_the_verdicts(counts, plugin):
    found = evidence(CONTROL, counts, plugin)
    total = found.total
    clean = not (total.failed or total.waived or total.not_assessed)
    assert (found.status is Status.BY_HAND) == (not counts)
    assert (found.status is Status.SUPPORTS) == bool(total.passed and clean and plugin is ENFORCES)
    if found.status is Status.IN_PART:
        assert total.passed
        assert not total.failed
    if total.failed:
        assert found.status is Status.CONTRADICTS
    if found.status is Status.NOT_ASSESSED:
        assert total == Counts(not_assessed=total.not_assessed)
    assert found.reason.endswith(".")


@given(MAPPED.filter(bool), st.sampled_from(Plugin), st.builds(Counts, st.just(0), *[st.integers(0, 3)] * 3))
def test_nothing_but_what_passed_makes_it_better(counts, plugin, worse):
    before = evidence(CONTROL, counts, plugin).status
    check = next(iter(counts))
    after = evidence(CONTROL, {**counts, check: counts[check] + worse}, plugin).status
    assert ORDER.index(after) <= ORDER.index(before)
