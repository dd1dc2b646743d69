"""The shortest way through a boundary, held to the oracle, and in a few cases by hand."""

import ipaddress
import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.collect.files import collect_files
from audit.config import Settings
from audit.facts import evaluate
from audit.label_selectors import LabelSelector
from audit.policy.hops import Hops
from audit.queries.boundaries import judge
from audit.settings import Boundary, BoundaryEnd, BoundaryPort
from tests import manifests, strategies
from tests.answers import OracleAnswers
from tests.oracle_metrics import interesting_ports
from tests.oracle_values import address
from tests.test_engine_equals_oracle import PATIENT, outside_addresses

OUTSIDE = ("203.0.113.0/24", "2001:db8::/32", "128.0.0.0/1")
"""Ranges in which no pod has its address."""


def judged(objects, *boundaries):
    with tempfile.TemporaryDirectory() as scratch:
        manifests.write(objects, Path(scratch) / "cluster.json")
        snapshot = collect_files(Path(scratch), taken="2026-11-23T02:00:00Z", tool_version="0")
    facts = evaluate(snapshot, Settings(boundaries=boundaries))
    return list(judge(facts, Hops(facts.cluster.engine)))


def ends():
    """Sides of boundaries."""
    labels = st.sampled_from([None, {"app": "a"}, {"env": "b"}])
    selectors = labels.map(lambda found: None if found is None else LabelSelector(match_labels=found))
    some = st.sets(st.sampled_from(strategies.NAMESPACES), min_size=1)
    names = some.map(lambda found: tuple(sorted(found)))
    pods = st.builds(BoundaryEnd, namespaces=names, pod_selector=selectors)
    outside = st.sampled_from(OUTSIDE).map(lambda cidr: BoundaryEnd(cidrs=(cidr,)))
    return st.one_of(pods, pods, outside)


class Naive:
    """Breadth first over single pods and addresses."""

    def __init__(self, objects, boundary):
        self.answers = OracleAnswers(objects)
        ends = [(port.protocol, (port.port, port.end_port or port.port)) for port in boundary.ports]
        own = [(protocol, number) for protocol, numbers in ends for number in numbers]
        self.ports = list(dict.fromkeys([*interesting_ports(self.answers.cluster), *own]))
        self.source, self.destination = self.side(boundary.source), self.side(boundary.destination)
        self.boundary = boundary

    def side(self, end):
        pods = {pod.id for pod in self.answers.cluster.pods if end.has_pods and self.has(end, pod)}
        wanted = [ipaddress.ip_network(cidr) for cidr in end.cidrs]
        return pods | {a for a in outside_addresses(self.answers) if any(address(a) in one for one in wanted)}

    @staticmethod
    def has(end, pod):
        labels = {} if end.pod_selector is None else end.pod_selector.match_labels
        return pod.namespace in end.namespaces and all(pod.labels.get(k) == v for k, v in labels.items())

    def connected(self, one, other, ports):
        if one == other or not {one, other} & self.answers.pods():
            return False
        return any(self.answers.connected(one, other, *port) for port in ports)

    def last(self):
        """The ports of the last connection."""
        meant = {
            (port.protocol, number)
            for port in self.boundary.ports
            for number in range(port.port, (port.end_port or port.port) + 1)
        }
        return [port for port in self.ports if not meant or port in meant]

    def hops(self):
        """How many connections the shortest way has; 0 if there is none."""
        level, seen = self.source, set(self.source) | self.destination
        for hop in range(1, self.boundary.hops + 1):
            pairs = itertools.product(level, self.destination)
            if any(self.connected(one, other, self.last()) for one, other in pairs):
                return hop
            between = self.answers.pods() - seen
            level = {pod for pod in between if any(self.connected(one, pod, self.ports) for one in level)}
            seen |= level
        return 0


PORTS = st.one_of(
    st.just(()),
    st.sampled_from([(BoundaryPort(80),), (BoundaryPort(1, "UDP", 443),), (BoundaryPort(443),)]),
)


@PATIENT
@given(strategies.clusters(), ends(), ends(), PORTS, st.integers(1, 3))
def test_the_way_is_as_long_as_the_oracle_has_it(objects, source, destination, ports, hops):
    if not OracleAnswers(objects).pods():
        return
    boundary = Boundary(name="b", source=source, destination=destination, ports=ports, hops=hops)
    [found] = judged(objects, boundary)
    assert len(found.way) == Naive(objects, boundary).hops()
    assert all(step.allowed != ((), (), ()) for step in found.way)


def labelled(name, namespace, app):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app}},
        "spec": {"containers": []},
    }


def lets_in(namespace, name, *peers, ports=()):
    rule = {"from": list(peers), **({"ports": list(ports)} if ports else {})}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule] if peers else []},
    }


def of(name):
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


PROD_BEHIND_SHARED = [
    labelled("web", "dev", "web"),
    labelled("proxy", "shared", "proxy"),
    labelled("db", "prod", "db"),
    lets_in("prod", "from-shared", of("shared"), ports=[{"port": 5432}]),
]
DEV, PROD = BoundaryEnd(namespaces=("dev",)), BoundaryEnd(namespaces=("prod",))


@pytest.mark.parametrize(("hops", "ways"), [(1, 0), (2, 2), (5, 2)])
def test_over_others_what_is_closed_directly_may_be_open(hops, ways):
    [found] = judged(PROD_BEHIND_SHARED, Boundary(name="b", source=DEV, destination=PROD, hops=hops))
    assert [(str(step.source), str(step.destination), str(step.allowed)) for step in found.way] == [
        ("Pod dev/web", "Pod shared/proxy", "All"),
        ("Pod shared/proxy", "Pod prod/db", "TCP 5432"),
    ][:ways]


@pytest.mark.parametrize(("port", "crossed"), [(5432, True), (443, False)])
def test_ports_are_those_of_the_last_connection(port, crossed):
    ports = (BoundaryPort(port),)
    boundary = Boundary(name="b", source=DEV, destination=PROD, hops=2, ports=ports)
    [found] = judged(PROD_BEHIND_SHARED, boundary)
    assert bool(found.way) == crossed


def test_addresses_outside_are_a_side_too():
    outside = BoundaryEnd(cidrs=("203.0.113.0/24",))
    inward = Boundary(name="in", source=outside, destination=PROD, hops=3)
    outward = Boundary(name="out", source=PROD, destination=outside)
    into, out = judged(PROD_BEHIND_SHARED, inward, outward)
    assert [step.source for step in into.way] == ["203.0.113.0-203.0.113.255", "Pod shared/proxy"]
    assert [step.destination for step in out.way] == ["203.0.113.0-203.0.113.255"]


def test_a_pod_on_both_sides_crosses_nothing_alone():
    boundary = Boundary(name="b", source=DEV, destination=DEV)
    one, other = (labelled(name, "dev", "web") for name in ("a", "b"))
    assert not judged([one], boundary)[0].way
    assert len(judged([one, other], boundary)[0].way) == 1


def test_a_pod_that_both_sides_choose_alone_crosses_nothing():
    two = [labelled(name, "dev", "web") for name in ("a", "b")]
    two[0]["metadata"]["labels"]["only"] = "a"
    one = BoundaryEnd(pod_selector=LabelSelector(match_labels={"only": "a"}))
    assert not judged(two, Boundary(name="b", source=one, destination=one))[0].way


def test_pods_with_addresses_in_the_ranges_are_counted():
    addressed = [{**labelled("web", "dev", "web"), "status": {"podIP": "10.1.0.1"}}, *PROD_BEHIND_SHARED[2:]]
    [found] = judged(
        addressed, Boundary(name="b", source=BoundaryEnd(cidrs=("10.1.0.0/16",)), destination=PROD)
    )
    assert found.source.within == 1


def test_policies_that_are_not_evaluated_leave_it_in_doubt():
    other = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "prod"},
        "spec": {},
    }
    boundary = Boundary(name="b", source=DEV, destination=PROD)
    [found] = judged([*PROD_BEHIND_SHARED, other], boundary)
    assert (found.way, found.doubtful) == ((), "NetworkPolicy/p")
    elsewhere = {**other, "metadata": {"name": "p", "namespace": "shared"}}
    assert judged([*PROD_BEHIND_SHARED, elsewhere], boundary)[0].doubtful == ""
