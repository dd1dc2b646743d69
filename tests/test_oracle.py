"""The oracle itself, held to the clusters with known answers; test_traps.py holds it to the traps."""

import itertools
import json

import pytest

from tests import acceptance, manifests
from tests.answers import OracleAnswers
from tests.oracle_metrics import governable, ip_blocks, rule_addresses
from tests.oracle_services import service_mistakes

pytestmark = acceptance.needed


@pytest.fixture(params=acceptance.CASES, ids=lambda path: path.name)
def case(request):
    expected = json.loads((request.param / "expected.json").read_text("utf-8"))
    return OracleAnswers(manifests.read(request.param / "manifests")), expected


def test_isolation(case):
    oracle, right = case
    assert oracle.pods() == set(right["pods"])
    assert oracle.namespaces() == set(right["namespaces"])
    for pod, ways in right["isolation"].items():
        said = oracle.isolated(pod)
        if pod in right["host_network"]:
            assert said == "host"
        else:
            assert (said in {"both", "ingress"}, said in {"both", "egress"}) == (
                ways["ingress"],
                ways["egress"],
            )


def test_connections(case):
    oracle, right = case
    ends = right["pods"] + right["ips"]
    for probe, (source, destination) in itertools.product(right["probes"], itertools.product(ends, ends)):
        outside = source in right["ips"] and destination in right["ips"]
        if not outside and f"{source} -> {destination}" not in right["contested"][probe]:
            protocol, _, port = probe.partition("/")
            allowed = destination in right["allowed"][probe].get(source, [])
            assert oracle.explained(source, destination, protocol, int(port)) == allowed, (
                source,
                destination,
            )


def possible(entry, direction):
    """What may be said of a namespace: the answers know policies with an empty selector alone.

    Other selectors that together cover all labels are `every_pod` too.
    """
    known = entry[direction]
    if known["strict"]:
        return {"strict"}
    if known["default_deny"]:
        return {"every_pod"}
    if entry["pods"] == 0:
        return {"no_pods", "every_pod"}
    return {"current_pods", "every_pod"} if known["effective"] else {"none"}


def test_default_deny(case):
    oracle, right = case
    for ns, entry in right["metrics"]["default_deny"].items():
        assert len(governable(oracle.cluster, ns)) == entry["pods"]
        for direction, said in oracle.default_deny(ns).items():
            assert said in possible(entry, direction)
            assert (direction in oracle.nullified(ns)) == entry[direction]["nullified"]


def test_address_space(case):
    oracle, right = case

    def ordered(blocks):
        return sorted(blocks, key=lambda b: (b["policy"], b["direction"], b["rule"], b["peer"]))

    assert rule_addresses(oracle.cluster) == right["metrics"]["rule_addresses"]
    assert ordered(ip_blocks(oracle.cluster)) == ordered(right["metrics"]["ip_blocks"])


def test_service_mistakes(case):
    oracle, right = case
    keys = ("kind", "policy", "at", "service", "how", "ip")

    def ordered(mistakes):
        return sorted(tuple(str(m.get(key)) for key in keys) for m in mistakes)

    assert ordered(service_mistakes(oracle.cluster)) == ordered(right["metrics"]["service_mistakes"])
