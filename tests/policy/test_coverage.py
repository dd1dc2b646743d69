"""What other rules allow too, held to the oracle, and in a few cases by hand."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audit.collect.files import collect_files
from audit.config import Settings
from audit.facts import evaluate
from audit.policy.coverage import Coverage
from audit.policy.model import Direction
from tests import manifests, strategies
from tests.answers import OracleAnswers
from tests.oracle_redundancy import Redundancy
from tests.oracle_values import address
from tests.test_engine_equals_oracle import PATIENT, outside_addresses


def coverages(objects):
    """Of both directions, and the allowances by `namespace/policy ingress[0]`."""
    with tempfile.TemporaryDirectory() as scratch:
        manifests.write(objects, Path(scratch) / "cluster.json")
        facts = evaluate(
            collect_files(Path(scratch), taken="2026-11-23T02:00:00Z", tool_version="0"), Settings()
        )
    found = {direction: Coverage(facts.cluster.engine, direction) for direction in Direction}
    return {
        f"{one.policy.namespace}/{one.policy.name} {direction}[{one.index}]": (coverage, one)
        for direction, coverage in found.items()
        for one in coverage.allowances
    }


def oracle(objects):
    answers = OracleAnswers(objects)
    return Redundancy(answers.cluster, [address(a) for a in outside_addresses(answers)])


@PATIENT
@given(strategies.clusters(defects=True).map(strategies.in_one_namespace), st.data())
def test_agrees_with_the_oracle(objects, data):
    if not OracleAnswers(objects).pods():
        return
    right, found = oracle(objects), coverages(objects)
    assert {rule.id for rule in right.rules} == set(found)
    for rule in right.rules:
        coverage, one = found[rule.id]
        assert (coverage.idle(one) is not None) == right.idle(rule), rule.id
        some = data.draw(st.lists(st.sampled_from(right.rules), unique_by=lambda r: r.id))
        for others in (right.rules, some):
            counts = {found[o.id][1] for o in others}.__contains__
            now, for_good = coverage.now(one, counts), coverage.for_good(one, counts)
            whole = not right.idle_in_part(rule)
            assert now == (whole and right.covered(rule, others)), rule.id
            assert now or not whole or not for_good
            assert coverage.covered(one, counts) == (now or for_good)


@PATIENT
@given(
    strategies.clusters(most_pods=3).map(strategies.in_one_namespace),
    st.lists(strategies.pods("b"), min_size=1, max_size=3),
)
def test_for_good_is_so_whatever_pods_there_are(objects, others):
    if not OracleAnswers(objects).pods():
        return
    found = coverages(objects)
    others = [{**p, "metadata": {**p["metadata"], "name": f"b{i}"}} for i, p in enumerate(others)]
    later = strategies.in_one_namespace([o for o in objects if o["kind"] != "Pod"] + others)
    right = oracle(later)
    for rule in right.rules:
        coverage, one = found[rule.id]
        if coverage.for_good(one, lambda _: True):
            assert right.covered(rule, right.rules), rule.id
