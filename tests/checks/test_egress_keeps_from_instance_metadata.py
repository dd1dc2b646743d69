"""Workloads that egress rules let ask for the credentials of their node."""

import pytest

from audit.settings import Settings

CHECK = "egress-keeps-from-instance-metadata"
NODE = "---\n{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {providerID: %s}}\n---\n"
AWS = NODE % "aws:///eu-west-1a/i-1"
POD = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: x, labels: {app: web}}, spec: {}}\n---\n"
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec: {podSelector: {}, policyTypes: [Egress], egress: %s}
"""
ANYWHERE = "[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]"


@pytest.mark.parametrize(
    ("egress", "status", "severity"),
    [
        (ANYWHERE, "failed", "high"),
        ("[{}]", "failed", "high"),
        ("[{ports: [{port: 80}]}]", "failed", "high"),
        ("[{to: [{ipBlock: {cidr: 169.254.0.0/16}}], ports: [{port: 443}]}]", "failed", "low"),
        ("[{to: [{ipBlock: {cidr: 'fd00::/8'}}]}]", "failed", "high"),
        ("[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}]}]", "passed", ""),
        ("[{to: [{ipBlock: {cidr: 8.8.8.0/24}}]}]", "passed", ""),
        ("[{to: [{namespaceSelector: {}}]}]", "passed", ""),
        ("[{ports: [{port: 53, protocol: UDP}, {port: 53}]}]", "passed", ""),
        ("[]", "passed", ""),
    ],
)
def test_what_rules_let_through(judged, egress, status, severity):
    cluster = judged(AWS + POD + POLICY % egress)
    (row,) = cluster.rows(CHECK).itertuples()
    assert row.status == status
    assert not severity or row.severity == severity


def test_the_sentence_names_workload_ports_and_cloud(judged):
    cluster = judged(AWS + POD + POLICY % ANYWHERE)
    assert cluster.messages(CHECK)["x/web"].startswith(
        "Pod x/web (1 pod): its egress rules let it connect to 169.254.169.254 on every port, where AWS gives"
    )


@pytest.mark.parametrize(
    "nodes", ["", *(NODE % provider for provider in ("kind://docker/kind/n", "k3s://n", "''"))]
)
def test_where_no_cloud_is_seen_it_does_not_apply(judged, nodes):
    cluster = judged(nodes + POD + POLICY % ANYWHERE)
    assert cluster.verdicts(CHECK) == {"x/web": "not_applicable"}


def test_a_workload_without_isolation_belongs_to_another_check(judged):
    cluster = judged(
        AWS + POD + (POLICY % ANYWHERE).replace("podSelector: {}", "podSelector: {matchLabels: {a: b}}")
    )
    assert cluster.verdicts(CHECK) == {"x/web": "not_applicable"}
    assert "x/web" in cluster.failed("pods-are-isolated-for-egress")


@pytest.mark.parametrize("egress", [ANYWHERE, "[{to: [{ipBlock: {cidr: 'fd00::/8'}}]}]"])
def test_the_remedy_closes_this_address_and_no_other(judged, mended, egress):
    cluster = judged(AWS + POD + POLICY % egress)
    after = mended(cluster, cluster.remedies(CHECK)["x/web"])
    assert after.verdicts(CHECK) == {"x/web": "passed"}
    assert left(cluster) - left(after) == 1


def left(cluster):
    """How many addresses its one rule allows."""
    (row,) = cluster.facts.rules.itertuples()
    return int(row.ipv4_addresses or 0) + int(row.ipv6_addresses or 0)


@pytest.mark.parametrize("egress", ["[{}]", "[{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]"])
def test_what_only_the_author_knows_has_no_remedy(judged, egress):
    assert judged(AWS + POD + POLICY % egress).remedies(CHECK)["x/web"] == ""


def test_a_cloud_may_be_configured(judged):
    cluster = judged(POD + POLICY % ANYWHERE, Settings(cloud="Example Cloud"))
    (row,) = cluster.rows(CHECK).itertuples()
    assert row.status == "failed"
    assert "where Example Cloud gives the credentials of the node" in row.message
