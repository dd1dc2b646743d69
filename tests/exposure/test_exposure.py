"""Exposure held equal to looking at each pod for itself, by the second reading of policies."""

import ipaddress
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.policy.hops import Hops, TooManyError
from audit.settings import Settings
from tests import manifests, strategies
from tests.oracle import Cluster
from tests.oracle_metrics import blocks_of, interesting_ports, written_rules
from tests.oracle_values import network

RANGES = ((), ("10.0.0.0/8",), ("0.0.0.0/0",), ("192.0.2.0/24", "fd00::/8"), ("10.0.0.1/32",))
ORDER = ("none", "limited", "any")


@st.composite
def published(draw):
    """A small cluster, and balancers over some of its pods."""
    objects = list(draw(strategies.clusters()))
    for number, space in enumerate(strategies.NAMESPACES):
        selector = draw(st.sampled_from(({"app": "a"}, {"app": "b"}, {"env": "a"})))
        number_of, protocol = draw(st.sampled_from(strategies.NUMBERS)), draw(st.sampled_from(("TCP", "UDP")))
        port = {"port": number_of, "protocol": protocol}
        spec = {"type": "LoadBalancer", "selector": selector, "ports": [port]}
        ranges = draw(st.sampled_from(RANGES))
        spec |= {"loadBalancerSourceRanges": list(ranges)} if ranges else {}
        metadata = {"name": f"lb{number}", "namespace": space}
        objects.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    return objects


def read(objects, folder):
    manifests.write(objects, Path(folder) / "cluster.yaml")
    return evaluate(collect_files(Path(folder), taken="2026-11-23T02:00:00Z", tool_version="0"), Settings())


def pieces(cluster, ranges, version):
    """Address space cut wherever a block or a range is cut: the first address of each piece."""
    blocks = [
        block
        for policy in cluster.policies
        for rule in written_rules(policy, "Ingress")
        for block in blocks_of(rule, "Ingress")
    ]
    written = [w for block in blocks for w in (block.get("cidr"), *(block.get("except") or ()))]
    cut = [found for found in map(network, [*written, *ranges]) if found and found.version == version]
    bits = 32 if version == 4 else 128
    starts = {0, *(edge for each in cut for edge in (int(each[0]), int(each[-1]) + 1) if edge < 1 << bits)}
    make = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return [make(start) for start in sorted(starts)]


def let_in(cluster, pod, ranges, port):
    """What the pod's policies let in of some ranges, over each family of addresses that it has."""
    if pod.host_network:
        return "any"
    found = []
    for version in {address.version for address in pod.addresses} or {4, 6}:
        let = [known for known in map(network, ranges) if known.version == version]
        cut = pieces(cluster, ranges, version)
        asked = [address for address in cut if not ranges or any(address in known for known in let)]
        allowed = [cluster.admits(pod, "Ingress", address, address, port) for address in asked]
        found.append("any" if asked and all(allowed) else "limited" if any(allowed) else "none")
    return max(found, key=ORDER.index)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects=published())
def test_what_is_let_in_is_what_each_pod_says(objects):
    with tempfile.TemporaryDirectory() as folder:
        facts = read(objects, folder)
    cluster = Cluster(objects)
    for row in facts.exposure[facts.exposure["via"] == "LoadBalancer"].itertuples():
        ranges = () if row.sources == "any" else tuple(row.sources.split())
        namespace, _, name = row.workload.split("/")
        pod = cluster.pod(f"{namespace}/{name}")
        assert row.allowed == let_in(cluster, pod, ranges, (row.protocol, row.port))
        isolated = None if pod.host_network else cluster.isolated(pod, "Ingress")
        assert (None if pd.isna(row.ingress_isolated) else bool(row.ingress_isolated)) is isolated


def reached(cluster, pod):
    """The other pods that a pod may connect to."""
    ports = interesting_ports(cluster)
    return {
        other.id
        for other in cluster.pods
        if other is not pod and any(cluster.allowed(pod, other, *port, own_node=False) for port in ports)
    }


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects=published(), joined=st.booleans())
def test_what_is_next_is_what_each_pod_says(objects, joined):
    objects = strategies.in_one_namespace(objects) if joined else objects
    with tempfile.TemporaryDirectory() as folder:
        facts = read(objects, folder)
    cluster = Cluster(objects)
    near = {pod.id: reached(cluster, pod) for pod in cluster.pods}
    for row in facts.exposure.itertuples():
        namespace, _, name = row.workload.split("/")
        own = f"{namespace}/{name}"
        far, frontier = set(), {own}
        while frontier:
            frontier = set().union(*(near[each] for each in frontier)) - far
            far |= frontier
        for found, workloads, namespaces in (
            (near[own] - {own}, row.next_workloads, row.next_namespaces),
            (far - {own}, row.reachable_workloads, row.reachable_namespaces),
        ):
            assert workloads == len(found)
            assert namespaces == len({each.partition("/")[0] for each in found})


def test_what_would_take_too_much_memory_is_not_worked_out(monkeypatch, tmp_path):
    monkeypatch.setattr("audit.policy.hops._MOST", 0)
    metadata = {"name": "a", "namespace": "x", "labels": {"app": "a"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": []}}
    spec = {"type": "NodePort", "selector": {"app": "a"}, "ports": [{"port": 80}]}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
    facts = read([pod, service], tmp_path)
    with pytest.raises(TooManyError):
        Hops(facts.cluster.engine)
    (row,) = facts.exposure.to_dict("records")
    assert (row["allowed"], row["ingress_isolated"], row["first_that_matter"]) == ("any", False, "")
    assert facts.exposure[["next_workloads", "reachable_namespaces"]].isna().to_numpy().all()
