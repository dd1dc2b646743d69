"""Objects become policies as Go decodes, defaults and validates them; every defect is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.policy.addresses import Block
from audit.policy.model import (
    EVERYTHING,
    NO_PORT,
    NOTHING,
    DefectivePeer,
    Direction,
    NamedPort,
    Operator,
    PodPeer,
    PortSpan,
    Requirement,
    Rule,
    Selector,
)
from audit.policy.parse import parse

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS


def policy(**spec):
    return parse({"metadata": {"name": "p", "namespace": "n"}, "spec": spec})


def paths(found):
    return [defect.path for defect in found.defects]


def only_rule(**rule):
    found = policy(ingress=[rule])
    return found.ingress[0], paths(found)


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, {INGRESS}),
        ({"ingress": [{}]}, {INGRESS}),
        ({"egress": []}, {INGRESS}),
        ({"egress": None}, {INGRESS}),
        ({"egress": [{}]}, {INGRESS, EGRESS}),
        ({"policyTypes": []}, {INGRESS}),
        ({"policyTypes": None, "egress": [None]}, {INGRESS, EGRESS}),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, {EGRESS}),
        ({"policyTypes": ["Ingress"], "egress": [{}]}, {INGRESS}),
        ({"policyTypes": ["Ingress", "Egress"]}, {INGRESS, EGRESS}),
        ({"policyTypes": ["ingress"]}, set()),
        ({"policyTypes": "Ingress"}, set()),
    ],
)
def test_types(spec, types):
    found = policy(**spec)
    assert found.types == types
    assert bool(found.defects) == (spec.get("policyTypes") in (["ingress"], "Ingress"))


@pytest.mark.parametrize(
    "selector", [None, {}, {"matchLabels": {}}, {"matchLabels": None}, {"matchExpressions": []}]
)
def test_an_empty_pod_selector_in_every_spelling(selector):
    assert policy(podSelector=selector).selector == EVERYTHING
    assert policy().selector == EVERYTHING


def test_requirements_are_sorted_and_strings():
    found = policy(
        podSelector={
            "matchLabels": {"b": "1", "a": ""},
            "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["y", "x", "y"]}],
        }
    )
    assert found.selector == Selector(
        (
            Requirement("a", Operator.IN, ("",)),
            Requirement("b", Operator.IN, ("1",)),
            Requirement("c", Operator.NOT_IN, ("x", "y")),
        )
    )
    assert not found.defects


@pytest.mark.parametrize(
    "selector",
    [
        "app=web",
        [],
        {"matchLabels": ["app"]},
        {"matchExpressions": {"key": "a"}},
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]},
        {"matchExpressions": [{"key": "a", "operator": "in", "values": ["x"]}]},
        {"matchExpressions": [{"operator": "Exists"}]},
        {"matchExpressions": [None]},
        {"matchLabels": {"a": "-x"}},
        {"matchLabels": {"a": "x" * 64}},
        {"matchLabels": {"a b": "x"}},
        {"matchLabels": {"Example.com/a": "x"}},
    ],
)
def test_a_selector_that_would_be_refused_selects_nothing_and_is_told(selector):
    found = policy(podSelector=selector, ingress=[{}])
    assert found.selector == NOTHING
    assert found.types == {INGRESS}
    assert all(path.startswith("spec.podSelector") for path in paths(found))
    assert found.defects


def test_a_number_as_label_counts_as_written_and_is_told():
    found = policy(podSelector={"matchLabels": {"a": 1, "b": True}})
    assert found.selector == Selector(
        (Requirement("a", Operator.IN, ("1",)), Requirement("b", Operator.IN, ("true",)))
    )
    assert paths(found) == ["spec.podSelector.matchLabels.a", "spec.podSelector.matchLabels.b"]


@pytest.mark.parametrize("rule", [{}, {"from": None}, {"from": [], "ports": None}, {"ports": []}])
def test_absent_null_and_empty_lists_match_everything(rule):
    assert only_rule(**rule) == (Rule(None, None), [])


def test_a_null_rule_is_an_empty_one():
    assert policy(ingress=[None]).ingress == (Rule(),)


@pytest.mark.parametrize("section", [{}, "all", 5])
def test_a_section_that_is_no_list_has_no_rule(section):
    found = policy(ingress=section)
    assert (found.ingress, paths(found)) == ((), ["spec.ingress"])


def test_a_list_of_the_wrong_shape_matches_nothing():
    rule, told = only_rule(**{"from": {"podSelector": {}}, "ports": {"port": 80}})
    assert (rule, told) == (Rule((), ()), ["spec.ingress[0].from", "spec.ingress[0].ports"])
    assert policy(ingress=["all"]).ingress == (Rule((), ()),)


@pytest.mark.parametrize(
    ("peer", "read"),
    [
        ({"podSelector": {}}, PodPeer(EVERYTHING)),
        ({"podSelector": {}, "namespaceSelector": None}, PodPeer(EVERYTHING)),
        ({"podSelector": None, "namespaceSelector": {}}, PodPeer(EVERYTHING, EVERYTHING)),
        ({"namespaceSelector": {}}, PodPeer(EVERYTHING, EVERYTHING)),
    ],
)
def test_peers_of_pods(peer, read):
    assert only_rule(**{"from": [peer]}) == (Rule((read,)), [])


@pytest.mark.parametrize(
    "peer",
    [
        {},
        None,
        {"podSelector": None},
        "web",
        {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}},
        {"ipBlock": {}},
        {"ipBlock": {"cidr": "10.0.0.0"}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x"]}},
        {"ipBlock": {"cidr": "10.0.0.0/8", "except": "10.1.0.0/16"}},
        {"ipBlock": "10.0.0.0/8"},
    ],
)
def test_a_peer_that_would_be_refused_keeps_its_place_and_names_nobody(peer):
    rule, told = only_rule(**{"from": [peer, {"podSelector": {}}]})
    assert rule.peers == (DefectivePeer(), PodPeer(EVERYTHING))
    assert told
    assert all(path.startswith("spec.ingress[0].from[0]") for path in told)


def test_blocks_count_by_value_and_odd_spelling_is_told():
    rule, told = only_rule(
        **{"from": [{"ipBlock": {"cidr": "10.1.2.3/8", "except": ["10.0.0.0/8", "11.0.0.0/16"]}}]}
    )
    assert rule.peers is not None
    block = rule.peers[0]
    assert isinstance(block, Block)
    assert (block.text, block.prefix, block.ranges()) == ("10.1.2.3/8", 8, [])
    base = "spec.ingress[0].from[0].ipBlock"
    assert sorted(told) == [f"{base}.cidr", f"{base}.except[0]", f"{base}.except[1]"]


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        ({}, PortSpan("TCP")),
        (None, PortSpan("TCP")),
        ({"protocol": None, "port": None}, PortSpan("TCP")),
        ({"protocol": "UDP"}, PortSpan("UDP")),
        ({"port": 53}, PortSpan("TCP", 53, 53)),
        ({"port": 80, "endPort": 90}, PortSpan("TCP", 80, 90)),
        ({"port": 80, "endPort": 80}, PortSpan("TCP", 80, 80)),
        ({"port": "http", "protocol": "SCTP"}, NamedPort("SCTP", "http")),
    ],
)
def test_ports(entry, read):
    assert only_rule(ports=[entry]) == (Rule(None, (read,)), [])


@pytest.mark.parametrize(
    "entry",
    [
        {"port": "80"},
        {"port": "HTTP"},
        {"port": "a--b"},
        {"port": "x" * 16},
        {"port": "http", "endPort": 90},
        {"endPort": 90},
        {"port": 0},
        {"port": 65536},
        {"port": True},
        {"port": 80, "endPort": 70000},
        {"protocol": "tcp", "port": 80},
        {"protocol": "ICMP"},
        80,
    ],
)
def test_a_port_that_would_be_refused_matches_nothing(entry):
    rule, told = only_rule(ports=[entry, {"port": 81}])
    assert rule.ports == (NO_PORT, PortSpan("TCP", 81, 81))
    assert told


def test_a_range_that_ends_before_it_begins_is_told_and_empty():
    rule, told = only_rule(ports=[{"port": 90, "endPort": 80}])
    assert rule.ports == (PortSpan("TCP", 90, 80),)
    assert told == ["spec.ingress[0].ports[0].endPort"]


def test_unknown_fields_are_told_and_dropped():
    found = policy(podSelector={"matchLables": {"a": "x"}}, ingres=[{}], ingress=[{"form": []}])
    assert found.selector == EVERYTHING
    assert sorted(paths(found)) == ["spec.ingres", "spec.ingress[0].form", "spec.podSelector.matchLables"]


def test_equal_parts_are_read_once_and_told_at_each_place():
    bad = {"port": "80"}
    found = policy(ingress=[{"ports": [bad]}, {"ports": [bad]}])
    assert paths(found) == ["spec.ingress[0].ports[0].port", "spec.ingress[1].ports[0].port"]


FIELDS = [
    "podSelector",
    "policyTypes",
    "ingress",
    "egress",
    "from",
    "to",
    "ports",
    "port",
    "protocol",
    "endPort",
    "ipBlock",
    "cidr",
    "except",
    "matchLabels",
    "matchExpressions",
    "key",
    "operator",
    "values",
    "x",
]
scalars = st.none() | st.booleans() | st.integers(-5, 70000)
trees = st.recursive(
    scalars | st.sampled_from(["", "web", "TCP", "In", "10.0.0.0/8", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=25,
)


@given(trees)
def test_whatever_a_manifest_holds_gives_a_policy(spec):
    found = parse({"metadata": {"name": "p"}, "spec": spec})
    assert found.namespace == "default"
    for direction in Direction:
        for rule in found.written(direction):
            assert rule.ports is None or all(isinstance(p, PortSpan | NamedPort) for p in rule.ports)
