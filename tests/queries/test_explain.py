"""The answer for a pair names the policy and rule in both directions, and what overrides policies."""

from datetime import UTC, datetime

import pytest

from audit.collect.files import collect_files
from audit.errors import UsageError
from audit.facts import evaluate
from audit.queries.connections import connections
from audit.queries.explain import explain
from audit.settings import Settings

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop, labels: {{app: {app}}}}}
spec: {{hostNetwork: {host}, nodeName: {node}, containers: [{{name: c, image: i}}]}}
status: {{phase: {phase}, hostIP: {host_ip}, podIP: {ip}}}
---"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: api}}
    - ipBlock: {cidr: 203.0.113.0/24}
    ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.9, selector: {app: web}, ports: [{port: 80}]}
"""


def pod(name, ip, **told):
    usual = {"app": name, "node": "n1", "host_ip": "192.0.2.1", "host": "false", "phase": "Running"}
    return POD.format(name=name, ip=ip, **usual | told)


@pytest.fixture(name="facts")
def _facts(tmp_path):
    (tmp_path / "shop.yaml").write_text(
        pod("web", "10.0.0.1")
        + pod("web-2", "10.0.0.2", app="web", node="n2", host_ip="192.0.2.2")
        + pod("api", "10.0.0.3")
        + pod("agent", "192.0.2.1", host="true")
        + pod("done", "10.0.0.9", phase="Succeeded")
        + POLICY
    )
    taken = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    return evaluate(collect_files(tmp_path, taken=taken, tool_version="0"), Settings())


def test_the_rule_that_lets_in_is_named(facts):
    (answer,) = explain(facts, "shop/api", "shop/web")
    assert str(answer.allowed) == "TCP 80"
    assert not answer.egress.policies
    assert answer.ingress.policies == ("shop/web",)
    (hit,) = answer.ingress.hits
    assert (hit.policy, hit.rule, str(hit.connections)) == ("shop/web", "ingress[0].from[0]", "TCP 80")


def test_isolated_and_no_rule(facts):
    (answer,) = explain(facts, "shop/web-2", "shop/web")
    assert (str(answer.allowed), answer.ingress.hits, answer.ingress.policies) == ("", (), ("shop/web",))


def test_a_pod_reaches_itself(facts):
    (answer,) = explain(facts, "shop/web", "shop/web")
    assert str(answer.allowed) == "All"
    assert "itself" in answer.egress.exempt


@pytest.mark.parametrize(
    ("source", "destination", "allowed"),
    [
        ("192.0.2.1", "shop/web", "All"),
        ("shop/agent", "shop/web", "All"),
        ("192.0.2.2", "shop/web", ""),
        ("192.0.2.2", "shop/web-2", "All"),
        ("203.0.113.7", "shop/web", "TCP 80"),
        ("198.51.100.7", "shop/web", ""),
        ("10.0.0.3", "shop/web", "TCP 80"),
        ("shop/web", "2001:db8::1", ""),
        ("shop/web", "198.51.100.7", "All"),
    ],
)
def test_addresses_and_the_own_node(facts, source, destination, allowed):
    (answer,) = explain(facts, source, destination)
    assert str(answer.allowed) == allowed


def test_a_workload_is_each_of_its_kinds_of_pods(facts):
    assert [a.source for a in explain(facts, "shop/Pod/api", "shop/Pod/web")] == ["shop/api"]


def test_what_should_be_known_beside_the_answer_is_noted(facts):
    (host,) = explain(facts, "shop/agent", "shop/api")
    assert "no policy holds for it" in host.notes[0]
    (service,) = explain(facts, "shop/api", "10.96.0.9")
    assert "a Service's address" in service.notes[0]
    (families,) = explain(facts, "shop/web", "2001:db8::1")
    assert "no address family in common" in families.notes[0]


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("shop/done", "has finished"),
        ("shop/wep", "is shop/web "),
        ("shop/Pod/apy", "is shop/Pod/api "),
        ("nowhere/x", "name it as namespace/pod"),
        ("web", "neither namespace/pod"),
    ],
)
def test_an_end_that_is_not_there_is_refused_with_the_way_out(facts, end, why):
    with pytest.raises(UsageError, match=why):
        explain(facts, end, "shop/web")


def test_two_addresses_of_nobody_are_no_question(facts):
    with pytest.raises(UsageError, match="no pod has either"):
        explain(facts, "198.51.100.7", "203.0.113.7")


def rows(facts, level, **asked):
    found = [row for chunk in connections(facts, level, **asked) for row in chunk.itertuples(index=False)]
    return {(row.source, row.destination): (row.connections, row.scope) for row in found}


def test_connections_of_pods(facts):
    found = rows(facts, "pod")
    assert found["shop/api", "shop/web"] == ("TCP 80", "all")
    assert ("shop/web", "shop/web") not in found
    assert ("shop/web-2", "shop/web") not in found
    assert found["203.0.113.0-203.0.113.255", "shop/web"] == ("TCP 80", "all")
    assert not any(source[0].isdigit() and target[0].isdigit() for source, target in found)
    # the exemption for a pod's own node adds no row
    assert ("shop/agent", "shop/web") not in found
    assert not any("done" in end for pair in found for end in pair)


def test_connections_of_a_namespace_are_some_of_its_pairs(facts):
    found = rows(facts, "namespace")
    assert found["shop", "shop"] == ("All", "some")
    assert found["203.0.113.0-203.0.113.255", "shop"] == ("All", "some")


def test_connections_of_chosen_namespaces(facts):
    assert rows(facts, "pod", namespaces=frozenset({"elsewhere"})) == {}
    assert rows(facts, "pod", namespaces=frozenset({"shop"})) == rows(facts, "pod")
