"""Rules for ingress whose ipBlocks allow too many addresses."""

import pytest

from audit.settings import Settings, Thresholds

CHECK = "ingress-cidrs-are-narrow"


def policy(*peers, types="Ingress"):
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: x}\n"
        f"spec: {{podSelector: {{}}, policyTypes: [{types}], "
        f"ingress: [{{from: [{', '.join(peers)}]}}]}}\n---\n"
    )


def block(cidr, *excepts):
    return f"{{ipBlock: {{cidr: {cidr!r}, except: {list(excepts)}}}}}"


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        ([block("0.0.0.0/0")], "0.0.0.0/0 lets in 4,294,967,296 IPv4 addresses: any IPv4 address there is"),
        ([block("0.0.0.0/1"), block("128.0.0.0/1")], "any IPv4 address there is"),
        (
            [block("10.0.0.0/15"), block("10.0.0.0/16")],
            "131,072 IPv4 addresses (private): more than the 65,536",
        ),
        ([block("192.168.0.0/16")], "the whole private range 192.168.0.0/16"),
        (
            [block("2001:db8::/31")],
            "2^97 IPv6 addresses (public): more than the 2^96 IPv6 addresses of a /32",
        ),
        ([block("8.0.0.0/7", "8.0.0.0/24")], "8.0.0.0/7 less its exceptions lets"),
    ],
)
def test_broad_rules_fail_with_what_remains(judged, peers, words):
    cluster = judged(policy(*peers))
    assert cluster.failed(CHECK) == {"x/p ingress[0]"}
    assert words in cluster.messages(CHECK)["x/p ingress[0]"]


@pytest.mark.parametrize("peers", [[block("10.1.0.0/16")], [block("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1")]])
def test_narrow_rules_pass(judged, peers):
    assert judged(policy(*peers)).verdicts(CHECK) == {"x/p ingress[0]": "passed"}


def test_a_section_without_effect_is_not_judged(judged):
    cluster = judged(policy(block("0.0.0.0/0"), types="Egress"))
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}


def test_the_threshold_is_the_configurations(judged):
    settings = Settings(thresholds=Thresholds(ipv4_prefix=24))
    assert judged(policy(block("203.0.112.0/23")), settings).failed(CHECK)
    assert not judged(policy(block("203.0.113.0/24")), settings).failed(CHECK)


def test_the_service_network_belongs_to_another_check(judged):
    settings = Settings(service_cidrs=("10.96.0.0/12",))
    cluster = judged(policy(block("10.96.0.0/12")), settings)
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("ip-blocks-are-not-cluster-ips") == {"x/p ingress[0].from[0]"}
    assert judged(policy(block("10.96.0.0/12"), block("0.0.0.0/0")), settings).failed(CHECK)


def test_networks_of_pods_and_nodes(judged):
    pods = "".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: p{i}, namespace: x}}, "
        f"status: {{podIP: 203.0.113.{i}}}}}\n---\n"
        for i in range(10)
    )
    nodes = "".join(
        f"{{apiVersion: v1, kind: Node, metadata: {{name: n{i}}}, "
        f"status: {{addresses: [{{type: InternalIP, address: 198.51.100.{i}}}]}}}}\n---\n"
        for i in range(3)
    )
    message = judged(pods + nodes + policy(block("203.0.113.0/28"), block("198.51.100.0/30"))).messages(CHECK)
    assert "the addresses of all 10 pods, and the addresses of all 3 nodes" in message["x/p ingress[0]"]
