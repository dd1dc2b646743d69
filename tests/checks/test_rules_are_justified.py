"""Policies that say why they exist."""

import pytest

from audit.settings import Annotations, Settings
from tests.checks.objects import pod, policy

CHECK = "rules-are-justified"
WHY = ", annotations: {segaudit.io/justification: 'CHG-1: the shop'}"


def test_where_nobody_says_why_that_is_one_finding(judged):
    cluster = judged(pod() + policy("{}") + policy("{}", "q") + policy("{}", namespace="y"))
    assert cluster.verdicts(CHECK) == {
        "": "failed",
        "x/p": "not_applicable",
        "x/q": "not_applicable",
        "y/p": "not_applicable",
    }
    assert cluster.messages(CHECK)[""].startswith(
        "No policy has the annotation segaudit.io/justification (3 policies)"
    )
    assert set(cluster.remedies(CHECK).values()) == {""}


@pytest.mark.parametrize("other", ["", ", annotations: {segaudit.io/justification: ' '}"])
def test_where_others_do_each_that_does_not_is_one(judged, other):
    cluster = judged(pod() + policy("{}", metadata=WHY) + policy("{}", "q", metadata=other))
    assert cluster.verdicts(CHECK) == {"x/p": "passed", "x/q": "failed"}
    assert set(cluster.rows(CHECK)["severity"]) == {"low"}


def test_the_key_is_configured(judged):
    settings = Settings(annotations=Annotations(justification="acme.example/why"))
    text = pod() + policy("{}", metadata=", annotations: {acme.example/why: because}")
    assert judged(text, settings).verdicts(CHECK) == {"x/p": "passed"}
    assert judged(text).failed(CHECK) == {""}


def test_without_policies_there_is_nothing_to_justify(judged):
    assert judged(pod()).verdicts(CHECK) == {}


def test_a_label_of_that_name_is_no_annotation(judged):
    text = pod() + policy("{}", metadata=", labels: {segaudit.io/justification: why}")
    assert judged(text).failed(CHECK) == {""}
