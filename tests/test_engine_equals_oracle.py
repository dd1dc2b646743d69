"""The product and the oracle agree, cell by cell, on clusters that Hypothesis makes.

A cell is an answer to one question: is this pod isolated, may these two connect over this port. A
difference is printed with the whole cluster, shrunk to the least that still shows it.
"""

import ipaddress
import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import acceptance, manifests, strategies
from tests.answers import OracleAnswers, ProductAnswers
from tests.oracle import peers
from tests.oracle_metrics import DIRECTIONS, interesting_ports, written_rules
from tests.oracle_values import Object, mapping, network, sequence

OUTSIDE = ("203.0.113.7", "2001:db8::7", "192.168.0.1")
PATIENT = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def outside_addresses(oracle: OracleAnswers) -> list[str]:
    """Addresses at which an answer can change: both ends of every block and except, and their neighbours."""
    written = [
        cidr
        for policy, direction in itertools.product(oracle.cluster.policies, DIRECTIONS)
        for rule in written_rules(policy, direction)
        for peer in peers(rule, direction)
        for block in [mapping(peer.get("ipBlock"))]
        for cidr in [block.get("cidr"), *sequence(block.get("except"))]
    ]
    found = set(OUTSIDE)
    for block in map(network, written):
        if block is not None:
            make, top = type(block[0]), (1 << block.max_prefixlen) - 1
            ends = {int(block[0]) - 1, int(block[0]), int(block[-1]), int(block[-1]) + 1}
            found |= {str(make(end)) for end in ends if 0 <= end <= top}
    mapped = ipaddress.ip_network("::ffff:0:0/96")
    return sorted(a for a in found if ipaddress.ip_address(a) not in mapped)


def isolation_differences(oracle: OracleAnswers, product: ProductAnswers) -> list[str]:
    if oracle.pods() != product.pods():
        return [f"pods: {oracle.pods() ^ product.pods()}"]
    lines = []
    for pod in sorted(oracle.pods()):
        for question in ("isolated", "reach"):
            right, said = getattr(oracle, question)(pod), getattr(product, question)(pod)
            lines += [] if right == said else [f"{question} {pod}: {said}, and should be {right}"]
    return lines


def namespace_differences(oracle: OracleAnswers, product: ProductAnswers) -> list[str]:
    if oracle.namespaces() != product.namespaces():
        return [f"namespaces: {oracle.namespaces() ^ product.namespaces()}"]
    lines = []
    for ns in sorted(oracle.namespaces()):
        for question in ("default_deny", "nullified"):
            right, said = getattr(oracle, question)(ns), getattr(product, question)(ns)
            lines += [] if right == said else [f"{question} {ns}: {said}, and should be {right}"]
    return lines


def connection_differences(oracle: OracleAnswers, product: ProductAnswers) -> list[str]:
    pods, addresses = sorted(oracle.pods()), outside_addresses(oracle)
    own = {pod: {str(a) for a in oracle.cluster.pod(pod).addresses} for pod in pods}
    pairs = list(itertools.permutations(pods, 2))
    pairs += [(pod, a) for pod in pods for a in addresses if a not in own[pod]]
    pairs += [(a, pod) for pod in pods for a in addresses if a not in own[pod]]
    lines = []
    for source, destination in pairs:
        for port in interesting_ports(oracle.cluster):
            right = oracle.connected(source, destination, *port)
            if product.connected(source, destination, *port) != right:
                lines.append(f"{source} -> {destination} {port}: {not right}, and should be {right}")
    return lines


def differences(objects: list[Object]) -> list[str]:
    oracle = OracleAnswers(objects)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "in"
        source.mkdir()
        manifests.write(objects, source / "cluster.json")
        if not oracle.pods():
            return []
        product = ProductAnswers(source, Path(scratch) / "out")
        return [
            *isolation_differences(oracle, product),
            *namespace_differences(oracle, product),
            *connection_differences(oracle, product),
        ]


@PATIENT
@given(strategies.clusters())
def test_agree_on_clusters_that_a_server_would_take(objects):
    assert not differences(objects)


@PATIENT
@given(strategies.clusters(defects=True))
def test_agree_on_clusters_with_parts_that_a_server_would_refuse(objects):
    assert not differences(objects)


@PATIENT
@given(strategies.clusters(most_pods=3), st.randoms(use_true_random=False))
def test_order_of_objects_with_names_of_their_own_changes_nothing(objects, random):
    numbered = [
        {**o, "metadata": {**o["metadata"], "name": f"{o['metadata']['name']}-{i}"}}
        if o["kind"] != "Namespace"
        else o
        for i, o in enumerate(objects)
    ]
    shuffled = list(numbered)
    random.shuffle(shuffled)
    tables = []
    for each in (numbered, shuffled):
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / "in"
            source.mkdir()
            manifests.write(each, source / "cluster.json")
            if OracleAnswers(each).pods():
                product = ProductAnswers(source, Path(scratch) / "out")
                tables.append((product.pod_rows, product.namespace_rows, product.connections))
            else:
                tables.append(None)
    assert tables[0] == tables[1]


@acceptance.needed
@pytest.mark.parametrize("case", acceptance.CASES, ids=lambda path: path.name)
def test_agree_on_clusters_with_known_answers(case, tmp_path):
    product = ProductAnswers(case / "manifests", tmp_path / "out")
    oracle = OracleAnswers(manifests.read(case / "manifests"))
    assert not isolation_differences(oracle, product)
    assert not namespace_differences(oracle, product)
    assert not connection_differences(oracle, product)
