"""YAML that is offered applies as it is, and makes its finding go away, whatever the names in it are."""

from pathlib import Path

import pytest
import yaml

from audit.checks import _manifests
from tests import manifests

SHARED = Path(__file__).parent.parent / "clusters"
MISTAKES = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, version: "1e3"}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {containers: [{name: c, ports: [{name: dns, protocol: UDP, containerPort: 5353}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, protocol: UDP, port: 53,
  targetPort: dns}]}
---
apiVersion: v1
kind: Service
metadata: {name: web-svc, namespace: shop, labels: {svc: web}}
spec: {clusterIP: 10.96.0.80, selector: {app: web, version: "1e3"}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {name: port, namespace: shop, uid: u-1, resourceVersion: "7", generation: 2, labels: {on: "yes",
    team: "0123"}}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}, {port: 9090}]}]}
status: {}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: address, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress],
  egress: [{to: [{ipBlock: {cidr: 10.96.0.80/32}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: labels, namespace: shop}
spec: {podSelector: {matchLabels: {svc: web}},
  ingress: [{from: [{podSelector: {matchLabels: {app: web-svc}}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: letter, namespace: shop}
spec: {podSelector: {matchLabels: {app: wbe}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: host-bits, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/24, except: [10.1.2.9/30]}}],
    ports: [{port: "80", protocol: tcp}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny-egress, namespace: shop}
spec: {podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: shop}
spec: {podSelector: {}, ingress: [{}, {from: [{podSelector: {}}]}, {}]}
"""


def mending_finds_nothing_left(cluster, mended):
    offered = {}
    for result in cluster.results:
        for row in result.subjects[result.subjects["status"] == "failed"].itertuples():
            if row.remediation and (row.check, row.remediation) not in offered:
                offered[row.check, row.remediation] = row
    for (check, remedy), row in offered.items():
        after = mended(cluster, remedy).rows(check)
        same = (
            (after["namespace"] == row.namespace)
            & (after["name"] == row.name)
            & (after["status"] == "failed")
        )
        assert not (same & (after["rule"] == row.rule)).any(), (check, row.name, remedy)
    return {check for check, _ in offered}


def test_each_offer_mends_its_finding(judged, mended):
    found = mending_finds_nothing_left(judged(MISTAKES), mended)
    assert found >= {
        "allow-all-does-not-undo-default-deny",
        "ip-blocks-are-not-cluster-ips",
        "namespace-denies-egress-by-default",
        "policies-are-well-formed",
        "policies-select-pods-not-services",
        "policies-select-something",
        "rules-use-pod-ports-not-service-ports",
    }


@pytest.mark.parametrize("name", ["three-tiers-before", "default-deny-undone-by-an-allow-all"])
def test_each_offer_mends_its_finding_in(name, judged, mended):
    text = "\n---\n".join(p.read_text("utf-8") for p in sorted((SHARED / name / "manifests").iterdir()))
    mending_finds_nothing_left(judged(text), mended)


def test_what_closes_egress_leaves_dns_open_where_it_is(judged):
    remedy = judged(MISTAKES).remedies("namespace-denies-egress-by-default")["shop"]
    assert remedy.startswith("# Closes egress for")
    (policy,) = manifests.parse(remedy)
    # the name is taken by a policy of another kind, which must not be overwritten
    assert policy["metadata"] == {"name": "default-deny-egress-2", "namespace": "shop"}
    (rule,) = policy["spec"]["egress"]
    assert rule["ports"] == [{"protocol": "UDP", "port": 5353}]
    assert rule["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}


def test_dns_servers_themselves_stay_open(judged, mended):
    cluster = judged(MISTAKES)
    for direction in ("ingress", "egress"):
        remedy = cluster.remedies(f"namespace-denies-{direction}-by-default")["kube-system"]
        assert [p["metadata"]["name"] for p in manifests.parse(remedy)] == [
            f"default-deny-{direction}",
            f"allow-dns-servers-{direction}",
        ]
        assert (
            mended(cluster, remedy).verdicts(f"namespace-denies-{direction}-by-default")["kube-system"]
            == "passed"
        )


def test_a_correction_keeps_all_else_and_drops_what_the_server_sets(judged):
    remedy = judged(MISTAKES).remedies("rules-use-pod-ports-not-service-ports")[
        "shop/port ingress[0].ports[0]"
    ]
    assert yaml.safe_load(remedy) == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "port", "namespace": "shop", "labels": {"on": "yes", "team": "0123"}},
        "spec": {
            "podSelector": {"matchLabels": {"app": "web"}},
            "ingress": [{"ports": [{"protocol": "TCP", "port": 8080}, {"port": 9090}]}],
        },
    }


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "y",
        "No",
        "null",
        "~",
        "",
        "0123",
        "1e3",
        "12e5",
        "0x1F",
        "1_000",
        "2026-11-23",
        ".5",
        "=",
        "<<",
        "- a",
    ],
)
def test_what_kubernetes_would_not_read_as_a_string_is_quoted(value):
    (found,) = manifests.parse(
        _manifests.document({"apiVersion": "v1", "kind": "X", "a": value, value or "k": 1})
    )
    assert found["a"] == value
    assert type(found["a"]) is str


def test_hostile_names_stay_names():
    name = "a\n---\nkind: Secret\n# \u2028 'x' \"y\""
    text = _manifests.applicable(f"of {name}", [_manifests.document({"kind": "X", "name": name})])
    assert text.splitlines()[0].startswith("# of a\\n---")
    assert list(yaml.safe_load_all(text)) == [{"kind": "X", "name": name}]


def test_a_long_remark_is_wrapped_and_each_line_is_a_comment():
    remark = f"closes {'what is open ' * 20}in {'x' * 90}."
    text = _manifests.applicable(remark, ["kind: X\n"])
    *comment, document = text.splitlines()
    assert all(line.startswith("# ") for line in comment)
    assert max(map(len, comment[:-1])) <= 76
    assert " ".join(line.removeprefix("# ") for line in comment) == remark
    assert document == "kind: X"
