"""Causes that look like another, and corrections that have to be whole."""

import pytest
import yaml

from audit.policy.parse import parse
from tests import manifests
from tests.checks.objects import egress, ingress, pod, policy, service

SELECT, SERVICES, PEERS = (
    "policies-select-something",
    "policies-select-pods-not-services",
    "peers-match-something",
)
PORTS = "[{port: 80, targetPort: 8080}]"


def deployment(name, labels, replicas=0, namespace="x"):
    return (
        f"---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}, namespace: {namespace}}}, "
        f"spec: {{replicas: {replicas}, selector: {{matchLabels: {labels}}}, template: {{metadata: "
        f"{{labels: {labels}}}, spec: {{containers: []}}}}}}}}\n"
    )


def selecting(labels):
    return policy(f"{{podSelector: {{matchLabels: {labels}}}}}")


# -- what a selector was meant to pick ---------------------------------------------------------------


def test_a_label_that_pods_have_is_no_name_of_a_service(judged):
    """A letter is wrong in the other one."""
    text = pod(labels="{app: fe, tier: frontend}") + service("fe", selector="{app: fe}")
    cluster = judged(text + selecting("{app: fe, tier: fronted}"))
    assert cluster.failed(SERVICES) == set()
    assert "tier=fronted is one letter off tier=frontend" in cluster.messages(SELECT)["x/p"]


def test_pods_that_are_to_come_are_what_is_meant(judged):
    text = pod(labels="{app: web}") + service("web", selector="{app: web}")
    cluster = judged(
        text + deployment("admin", "{app: web, role: admin}") + selecting("{app: web, role: admin}")
    )
    [row] = (row for row in cluster.rows(SELECT).itertuples() if row.name == "p")
    assert (row.status, row.severity, row.remediation) == ("failed", "low", "")
    assert cluster.failed(SERVICES) == set()


def test_so_it_is_of_peers(judged):
    peer = "{from: [{podSelector: {matchLabels: {app: web, role: backup}}}]}"
    text = pod(labels="{app: web}") + service("web", selector="{app: web}") + pod("db", labels="{app: db}")
    cluster = judged(
        text
        + deployment("backup", "{app: web, role: backup}")
        + policy(ingress(peer, "{matchLabels: {app: db}}"))
    )
    assert cluster.failed(SERVICES) == set()
    assert not any(cluster.remedies(PEERS).values())


@pytest.mark.parametrize(("there", "wanted"), [("shard-1", "shard-2"), ("v1", "v2"), ("team-a", "team-b")])
def test_another_number_or_letter_is_no_slip(judged, there, wanted):
    cluster = judged(pod(labels=f"{{shard: {there}}}") + selecting(f"{{shard: {wanted}}}"))
    assert "one letter off" not in cluster.messages(SELECT)["x/p"]
    assert cluster.remedies(SELECT)["x/p"] == ""


def test_dns_servers_may_be_in_namespaces_that_manifests_lack(judged):
    to = "{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}"
    rule = egress(f"{{to: [{to}], ports: [{{port: 53}}]}}")
    assert judged(pod() + policy(rule)).failed(PEERS) == set()


# -- corrections --------------------------------------------------------------------------------------


def test_an_old_api_is_a_defect_and_no_correction_keeps_it(judged):
    rule = ingress("{from: [{podSelector: {}}], ports: [{port: 80}]}")
    text = pod(ports="[{containerPort: 8080}]") + service(ports=PORTS)
    cluster = judged(text + policy(rule).replace("networking.k8s.io/v1", "extensions/v1beta1"))
    assert "no API server since Kubernetes 1.16" in cluster.messages("policies-are-well-formed")["x/p"]
    for check in ("policies-are-well-formed", "rules-use-pod-ports-not-service-ports"):
        [offered] = [text for text in cluster.remedies(check).values() if text]
        assert manifests.parse(offered)[0]["apiVersion"] == "networking.k8s.io/v1"


def test_a_correction_mends_what_a_server_would_refuse_beside(judged):
    rule = "{from: [{ipBlock: {cidr: 203.0.113.7/24}}], ports: [{port: 80, protocol: tcp}, {port: 80}]}"
    cluster = judged(pod(ports="[{containerPort: 8080}]") + service(ports=PORTS) + policy(ingress(rule)))
    offered = [t for t in cluster.remedies("rules-use-pod-ports-not-service-ports").values() if t]
    assert offered
    assert [parse(yaml.safe_load(text)).defects for text in offered] == [()] * len(offered)


@pytest.mark.parametrize("beside", ["form: []", "ports: [{port: 9000, endPort: 8000}, {port: 80}]"])
def test_where_it_cannot_nothing_is_offered(judged, beside):
    ports = "" if "ports" in beside else ", ports: [{port: 80}]"
    rule = f"{{from: [{{podSelector: {{}}}}], {beside}{ports}}}"
    cluster = judged(pod(ports="[{containerPort: 8080}]") + service(ports=PORTS) + policy(ingress(rule)))
    check = "rules-use-pod-ports-not-service-ports"
    assert cluster.failed(check)
    assert not any(cluster.remedies(check).values())


def test_a_rule_that_a_defect_emptied_is_one_finding(judged):
    cluster = judged(pod() + policy(ingress("{form: [{podSelector: {}}], ports: [{port: 80}]}")))
    assert cluster.verdicts("rules-name-their-peers") == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("policies-are-well-formed") == {"x/p"}


# -- DNS ----------------------------------------------------------------------------------------------

DNS = pod("dns", "kube-system", "{k8s-app: kube-dns}") + service(
    "kube-dns", "kube-system", "{k8s-app: kube-dns}", "[{name: dns, port: 53, protocol: UDP}]"
)
CACHE = (
    "---\n{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: node-local-dns, namespace: kube-system}, "
    "spec: {template: {metadata: {labels: {k8s-app: node-local-dns}}, spec: {hostNetwork: true, "
    "containers: []}}}}\n"
)


def test_a_cache_on_the_nodes_stays_open(judged):
    text = judged(pod() + DNS + CACHE).remedies("namespace-denies-egress-by-default")["x"]
    [rule] = manifests.parse(text)[0]["spec"]["egress"]
    assert {"ipBlock": {"cidr": "169.254.20.10/32"}} in rule["to"]
    assert {"protocol": "TCP", "port": 53} in rule["ports"]
    assert "169.254.20.10" not in judged(pod() + DNS).remedies("namespace-denies-egress-by-default")["x"]


def test_what_keeps_the_servers_open_is_no_new_finding(judged, mended):
    cluster = judged(pod() + DNS)
    after = mended(cluster, cluster.remedies("namespace-denies-egress-by-default")["kube-system"])
    assert "kube-system" not in after.failed("allow-all-does-not-undo-default-deny")
    assert after.verdicts("namespace-denies-egress-by-default")["kube-system"] == "passed"


def test_servers_without_addresses_may_be_in_a_block(judged):
    template = deployment("coredns", "{k8s-app: kube-dns}", replicas=1, namespace="kube-system")
    dns = DNS.partition("---\n{apiVersion: v1, kind: Service")[2]
    ports = "[{port: 53, protocol: UDP}, {port: 53}]"
    out = policy(egress(f"{{to: [{{ipBlock: {{cidr: 10.0.0.0/8}}}}], ports: {ports}}}"))
    cluster = judged(pod() + template + "---\n{apiVersion: v1, kind: Service" + dns + out)
    assert cluster.verdicts("egress-allows-dns")["x/a"] == "passed"


# -- instance metadata --------------------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "status"), [("aws", "failed"), ("gce", "passed")])
def test_the_address_of_ipv6_is_one_clouds(judged, provider, status):
    node = f"---\n{{apiVersion: v1, kind: Node, metadata: {{name: n}}, spec: {{providerID: '{provider}://x'}}}}\n"
    cluster = judged(pod() + node + policy(egress("{to: [{ipBlock: {cidr: '::/0'}}], ports: [{port: 80}]}")))
    check = "egress-keeps-from-instance-metadata"
    assert cluster.verdicts(check) == {"x/a": status}
    assert ("connect to fd00:ec2::254 on TCP 80" in cluster.messages(check)["x/a"]) == (status == "failed")
