"""Workloads whose egress rules forget DNS."""

import pytest

CHECK = "egress-allows-dns"
POD = "---\n{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: x, labels: {app: web}}, spec: {}}\n"
HOST = POD.replace("spec: {}", "spec: {hostNetwork: true}")
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec: {podSelector: {}, policyTypes: [Egress], egress: %s}
"""
NAMESPACE = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: kube-system}}\n"


def servers(target=53, namespace="kube-system", name="kube-dns", pod="coredns", host="false"):
    ports = ", ".join(
        f"{{name: d{p}, protocol: {p}, port: 53, targetPort: {target}}}" for p in ("UDP", "TCP")
    )
    return (
        f"---\n{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: {namespace}}}, "
        f"spec: {{selector: {{k8s-app: kube-dns}}, ports: [{ports}]}}}}\n"
        f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {pod}, namespace: {namespace}, "
        f"labels: {{k8s-app: kube-dns}}}}, spec: {{hostNetwork: {host}}}}}\n"
    )


DB = "{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}"
BOTH = "ports: [{port: 53, protocol: UDP}, {port: 53}]"
TO_DNS = (
    "to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, "
    "podSelector: {matchLabels: {k8s-app: kube-dns}}}]"
)


@pytest.mark.parametrize(
    ("egress", "status", "severity"),
    [
        (f"[{DB}]", "failed", "medium"),
        (f"[{DB}, {{{TO_DNS}, {BOTH}}}]", "passed", ""),
        (f"[{DB}, {{{TO_DNS}}}]", "passed", ""),
        (f"[{{{BOTH}}}]", "passed", ""),
        ("[{}]", "passed", ""),
        (f"[{DB}, {{{TO_DNS}, ports: [{{port: 53, protocol: UDP}}]}}]", "failed", "low"),
        (f"[{DB}, {{{TO_DNS}, ports: [{{port: 53}}]}}]", "failed", "medium"),
        (f"[{DB}, {{{TO_DNS.replace('kube-dns', 'dns')}, {BOTH}}}]", "not_applicable", ""),
        (f"[{{to: [{{ipBlock: {{cidr: 10.96.0.10/32}}}}], {BOTH}}}]", "failed", "medium"),
        ("[]", "not_applicable", ""),
    ],
)
def test_what_rules_leave_open(judged, egress, status, severity):
    cluster = judged(NAMESPACE + servers() + POD + POLICY % egress)
    assert cluster.verdicts(CHECK)["x/web"] == status
    (row,) = (row for row in cluster.rows(CHECK).itertuples() if row.name == "web")
    assert not severity or row.severity == severity


IPS = "spec: {clusterIP: 10.96.0.10, selector"
OF_NAME = TO_DNS.replace("kubernetes.io/metadata.name", "name")


@pytest.mark.parametrize(
    ("servers_", "rule", "owner"),
    [
        (
            servers().replace("spec: {selector", IPS),
            f"{{to: [{{ipBlock: {{cidr: 10.96.0.10/32}}}}], {BOTH}}}",
            "ip-blocks-are-not-cluster-ips",
        ),
        (servers(), f"{{{OF_NAME}, {BOTH}}}", "peers-match-something"),
    ],
)
def test_a_rule_that_means_dns_and_misses_it_is_told_by_the_check_of_the_cause(judged, servers_, rule, owner):
    cluster = judged(NAMESPACE + servers_ + POD + POLICY % f"[{DB}, {rule}]")
    assert cluster.verdicts(CHECK)["x/web"] == "not_applicable"
    assert cluster.messages(CHECK)["x/web"] == f"See {owner}."
    assert len([subject for subject in cluster.failed(owner) if subject.startswith("x/p egress[1]")]) == 1


def test_a_rule_that_means_dns_over_one_protocol_alone_is_not_the_cause_for_the_other(judged):
    rule = f"{{{OF_NAME}, ports: [{{port: 53, protocol: UDP}}]}}"
    cluster = judged(NAMESPACE + servers() + POD + POLICY % f"[{DB}, {rule}]")
    assert cluster.verdicts(CHECK)["x/web"] == "failed"


def test_the_sentence_says_what_is_closed_and_who_answers(judged):
    cluster = judged(NAMESPACE + servers() + POD + POLICY % f"[{DB}]")
    assert cluster.messages(CHECK)["x/web"] == (
        "Pod x/web (1 pod): it may connect to others, but DNS is closed for UDP and TCP: names cannot be "
        "looked up, and connections fail that its rules allow. The pods of Service kube-system/kube-dns "
        "listen on UDP 53 and TCP 53."
    )


@pytest.mark.parametrize(("port", "status"), [(53, "failed"), (5353, "passed")])
def test_the_port_is_that_of_the_servers_themselves(judged, port, status):
    openshift = servers(target=5353, namespace="openshift-dns", name="dns-default")
    ports = f"ports: [{{port: {port}, protocol: UDP}}, {{port: {port}}}]"
    rule = f"{{to: [{{namespaceSelector: {{}}}}], {ports}}}"
    cluster = judged(openshift + POD + POLICY % f"[{rule}]")
    assert cluster.verdicts(CHECK)["x/web"] == status


@pytest.mark.parametrize(("seen", "status"), [(True, "passed"), (False, "failed")])
def test_a_cache_on_the_node_counts_where_it_is_seen(judged, seen, status):
    owner = "ownerReferences: [{kind: DaemonSet, name: node-local-dns, controller: true}]"
    cache = (
        f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: cache-1, namespace: kube-system, {owner}}}, "
        "spec: {hostNetwork: true}}\n"
    )
    rule = f"{{to: [{{ipBlock: {{cidr: 169.254.20.10/32}}}}], {BOTH}}}"
    cluster = judged(NAMESPACE + servers() + (cache if seen else "") + POD + POLICY % f"[{rule}]")
    assert cluster.verdicts(CHECK)["x/web"] == status


@pytest.mark.parametrize(
    ("egress", "status"),
    [
        (f"[{DB}]", "failed"),
        (f"[{DB}, {{{TO_DNS}, {BOTH}}}]", "passed"),
        ("[{to: [{namespaceSelector: {}}], ports: [{port: 5353, protocol: UDP}, {port: 5353}]}]", "passed"),
    ],
)
def test_where_no_server_is_seen_the_port_decides(judged, egress, status):
    assert judged(POD + POLICY % egress).verdicts(CHECK) == {"x/web": status}


def test_whom_it_does_not_concern(judged):
    cluster = judged(NAMESPACE + servers() + HOST + POLICY % f"[{DB}]")
    assert cluster.verdicts(CHECK) == {"kube-system/coredns": "not_applicable", "x/web": "not_applicable"}
    open_ = judged(NAMESPACE + servers() + POD)
    assert "DNS is open" in open_.messages(CHECK)["x/web"]


@pytest.mark.parametrize("egress", [f"[{DB}]", f"[{DB}, {{{TO_DNS}, ports: [{{port: 53, protocol: UDP}}]}}]"])
@pytest.mark.parametrize("around", ["", NAMESPACE + servers(), NAMESPACE + servers(target=5353)])
def test_the_remedy_opens_dns(judged, mended, egress, around):
    cluster = judged(around + POD + POLICY % egress)
    remedy = cluster.remedies(CHECK)["x/web"]
    assert remedy.startswith("# NetworkPolicy x/p with one rule more, that for DNS; it closes nothing.\n")
    assert mended(cluster, remedy).verdicts(CHECK)["x/web"] == "passed"
