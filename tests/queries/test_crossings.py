"""Reach between namespaces is what the oracle finds pod by pod."""

import itertools

import numpy as np
from hypothesis import HealthCheck, given, settings

from audit.facts import Facts
from audit.policy.ports import ALL
from audit.queries.crossings import OF_NO_GROUP, Crossings
from tests import strategies
from tests.queries.naive import Naive, facts_of

PATIENT = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def crossings(facts: Facts) -> Crossings:
    """Between all namespaces, by their number."""
    identities = facts.cluster.engine.ends.identities
    pods = np.bincount(facts.cluster.identity_of_pod, minlength=len(identities))
    hops = facts.cluster.hops
    assert hops is not None
    count = len(facts.cluster.namespaces)
    return Crossings(hops, facts.cluster.engine.sets, identities.namespace, pods, count)


@PATIENT
@given(strategies.clusters())
def test_they_are_what_the_oracle_finds_pod_by_pod(objects):
    naive = Naive(objects)
    if not naive.pods:
        return
    facts = facts_of(objects)
    of, sets = crossings(facts), facts.cluster.engine.sets
    for source, destination in itertools.product(naive.pods, repeat=2):
        found = of.of(facts.cluster.namespaces.index(source))
        place = facts.cluster.namespaces.index(destination)
        assert found.pods[place] == naive.reached(source, destination), (source, destination)
        said = sets[int(found.connections[place])]
        right = naive.connected(source, destination)
        assert {port for port in naive.ports if said.holds(*port)} == right, (source, destination)
        if found.free[place]:
            assert said == ALL
            assert all(ports == set(naive.ports) for _, ports in naive.pairs(source, destination))


def pod(namespace, name, **labels):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "a", "image": "a"}]},
    }


def policy(namespace, spec):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": namespace},
        "spec": spec,
    }


def between(objects, source, destination):
    facts = facts_of(objects)
    found = crossings(facts).of(facts.cluster.namespaces.index(source))
    place = facts.cluster.namespaces.index(destination)
    told = str(facts.cluster.engine.sets[int(found.connections[place])])
    return int(found.pods[place]), told, bool(found.free[place])


def test_without_policies_everything_is_free():
    objects = [pod("a", "x"), pod("b", "y"), pod("b", "z")]
    assert between(objects, "a", "b") == (2, "All", True)


def test_a_pod_with_itself_is_no_pair():
    assert between([pod("a", "x")], "a", "a") == (0, "", False)
    assert between([pod("a", "x"), pod("a", "y")], "a", "a") == (2, "All", True)


def test_one_pod_that_is_restricted_restricts():
    objects = [
        pod("a", "x"),
        pod("b", "y", app="db"),
        pod("b", "z"),
        policy(
            "b",
            {
                "podSelector": {"matchLabels": {"app": "db"}},
                "ingress": [{"ports": [{"port": 5432}]}],
            },
        ),
    ]
    assert between(objects, "a", "b") == (2, "All", False)
    assert between([*objects[:2], objects[-1]], "a", "b") == (1, "TCP 5432", False)


def test_of_groups_that_are_asked_about_alone():
    facts = facts_of([pod("a", "x"), pod("b", "y"), pod("c", "z")])
    identities = facts.cluster.engine.ends.identities
    groups = np.array([0, 1, OF_NO_GROUP])[identities.namespace]
    hops = facts.cluster.hops
    assert hops is not None
    two = Crossings(hops, facts.cluster.engine.sets, groups, np.ones(3, np.int64), 2)
    assert two.of(0).pods.tolist() == [0, 1]
