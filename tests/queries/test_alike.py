"""Namespaces are alike if nobody can tell them apart by reach, as the oracle finds it pod by pod."""

import itertools

import numpy as np
import pytest
from hypothesis import given

from audit.queries.alike import alike
from tests import strategies
from tests.queries.naive import Naive, facts_of
from tests.queries.test_crossings import PATIENT, pod, policy


def classes(objects, kinds=None):
    facts = facts_of(objects)
    hops = facts.cluster.hops
    assert hops is not None
    names = facts.cluster.namespaces
    chosen = np.zeros(len(names), np.int64) if kinds is None else np.array([kinds.get(n, 0) for n in names])
    found = alike(hops, facts.cluster.engine.ends.identities.namespace, chosen)
    return dict(zip(names, found.tolist(), strict=True))


@PATIENT
@given(strategies.clusters(most_pods=7))
def test_they_are_alike_if_the_oracle_cannot_tell_them_apart(objects):
    naive = Naive(objects)
    if not naive.pods:
        return
    found = classes(objects)
    for one, other in itertools.combinations(naive.pods, 2):
        assert (found[one] == found[other]) is naive.alike(one, other), (one, other)


def closed(namespace):
    return policy(namespace, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})


def test_open_ones_are_alike_though_each_reaches_other_ones():
    objects = [pod(name, "x") for name in "abcd"] + [closed("c"), closed("d")]
    found = classes(objects)
    assert found["a"] == found["b"]
    assert found["c"] == found["d"]
    assert found["a"] != found["c"]


def test_kinds_are_kept_apart():
    objects = [pod(name, "x") for name in "abc"]
    found = classes(objects, {"b": 1})
    assert found["a"] == found["c"] != found["b"]


@pytest.mark.parametrize("count", [7, 8, 9, 1023, 1025])
def test_rows_of_any_length(count):
    objects = [pod(f"n{i:04}", "x") for i in range(count)] + [closed("n0003")]
    found = classes(objects)
    assert found.pop("n0003") not in set(found.values())
    assert len(set(found.values())) == 1
