"""Rules with an ipBlock that is a Service's ClusterIP."""

from tests import manifests
from tests.checks.objects import API, egress, endpoints, pod, policy

CHECK = "ip-blocks-are-not-cluster-ips"
CLUSTER = """
{apiVersion: v1, kind: Service, metadata: {name: api, namespace: x}, spec: {clusterIP: 10.96.0.10,
  selector: {app: a}}}
---
{apiVersion: v1, kind: Service, metadata: {name: kubernetes, namespace: default},
  spec: {clusterIP: 10.96.0.1}}
---
{apiVersion: v1, kind: Service, metadata: {name: headless, namespace: x}, spec: {clusterIP: None}}
---
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec:
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {}}, {ipBlock: {cidr: %s}}]}]
  ingress: [{from: [{ipBlock: {cidr: 10.96.0.10/32}}]}]
---
"""
CIDRS = (
    "{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: kubernetes}, "
    "spec: {cidrs: [10.96.0.0/16]}}"
)


def test_a_cluster_ip_is_named_with_its_service(judged):
    cluster = judged(CLUSTER + POLICY % "10.96.0.10/32")
    assert cluster.verdicts(CHECK) == {"x/p egress[0].to[1]": "failed", "x/p ingress[0]": "not_applicable"}
    message = cluster.messages(CHECK)["x/p egress[0].to[1]"]
    assert "the ipBlock 10.96.0.10/32 is the ClusterIP of Service x/api. No pod has this address" in message
    assert "podSelector:" in cluster.remedies(CHECK)["x/p egress[0].to[1]"]


def test_the_api_server_has_no_pods_to_name(judged):
    cluster = judged(CLUSTER + POLICY % "10.96.0.1/32")
    assert cluster.messages(CHECK)["x/p egress[0].to[1]"].endswith(
        "Name the pods or the addresses behind it."
    )
    assert cluster.remedies(CHECK)["x/p egress[0].to[1]"] == ""


def test_the_api_server_has_endpoints_where_they_are_seen(judged, mended):
    rule = "{to: [{ipBlock: {cidr: 10.96.0.1/32}}], ports: [{port: 443}]}"
    cluster = judged(pod() + API + endpoints("172.18.0.2, 172.18.0.3", 6443) + policy(egress(rule)))
    assert cluster.failed(CHECK) == {"x/p egress[0].to[0]"}
    remedy = cluster.remedies(CHECK)["x/p egress[0].to[0]"]
    (offered,) = manifests.parse(remedy)
    (opened,) = offered["spec"]["egress"]
    assert opened["to"] == [{"ipBlock": {"cidr": "172.18.0.2/32"}}, {"ipBlock": {"cidr": "172.18.0.3/32"}}]
    assert [port["port"] for port in opened["ports"]] == [443, 6443]
    after = mended(cluster, remedy)
    assert not after.failed(CHECK)
    assert not after.failed("rules-use-pod-ports-not-service-ports")


def test_a_wider_block_is_a_note(judged):
    cluster = judged(CLUSTER + POLICY % "10.96.0.0/24")
    assert cluster.verdicts(CHECK)["x/p egress[0]"] == "passed"
    assert "holds the ClusterIP of default/kubernetes, x/api" in cluster.messages(CHECK)["x/p egress[0]"]


def test_the_service_network_is_known_and_never_inferred(judged):
    assert judged(CLUSTER + POLICY % "10.96.7.0/24").failed(CHECK) == set()
    cluster = judged(CLUSTER + POLICY % "10.96.7.0/24" + CIDRS)
    assert "lies in the service network 10.96.0.0" in cluster.messages(CHECK)["x/p egress[0].to[1]"]
