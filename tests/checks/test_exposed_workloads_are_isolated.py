"""Exposed workloads, isolated and not, and what is offered for them."""

import pytest

from tests import manifests
from tests.checks.objects import ingress, pod, policy, service
from tests.compose.objects import read_in_part

CHECK = "exposed-workloads-are-isolated"
PORTS = "[{containerPort: 8080}]"
WEB = pod("web", ports=PORTS)
PUBLISHED = service(ports="[{port: 80, targetPort: 8080}]", more=", type: LoadBalancer")
OPEN = WEB + PUBLISHED
NARROW = policy(ingress("{ports: [{port: 8080}]}"))


def test_an_exposed_workload_that_no_policy_selects(judged):
    (row,) = judged(OPEN).rows(CHECK).itertuples()
    assert (row.status, row.severity) == ("failed", "critical")
    assert row.message == (
        "Pod x/web (1 pod) is exposed to outside by LoadBalancer on TCP 8080, and no policy selects it for "
        "ingress: every pod of every namespace and whoever gets to its address may connect, on every port."
    )


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (NARROW, "passed"),
        # it has no port 9090, so nobody can want that open
        (policy(ingress("{ports: [{port: 8080}, {port: 9090}]}")), "failed"),
        (policy(ingress("{}")), "failed"),
        (policy(ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}")), "failed"),
        # two halves are the whole
        (policy(ingress("{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}")), "failed"),
        (policy(ingress("{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}")), "passed"),
        (policy(ingress("{from: [{namespaceSelector: {}}]}")), "passed"),
        (policy("{podSelector: {}}"), "passed"),
    ],
)
def test_what_policies_open(judged, more, status):
    assert judged(OPEN + more).verdicts(CHECK) == {"x/web": status}


def test_a_port_that_is_declared_is_served(judged):
    text = pod("web", ports="[{containerPort: 8080}, {containerPort: 9090}]") + PUBLISHED
    assert judged(text + policy(ingress("{ports: [{port: 9090}]}"))).verdicts(CHECK) == {"x/web": "passed"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (WEB, "Nothing leads to it from outside."),
        (
            pod("web", ports=PORTS, more=", hostNetwork: true"),
            "What leads to it begins in the cloud's own network, or is its node's.",
        ),
        (
            WEB + PUBLISHED.replace(
                "namespace: x}",
                "namespace: x, annotations: {networking.gke.io/load-balancer-type: Internal}}",
            ),
            "What leads to it begins in the cloud's own network, or is its node's.",
        ),
        (
            pod("web", ports=PORTS, more=", hostNetwork: true") + PUBLISHED,
            "All its pods run in their node's network: see host-network-pods-are-accepted.",
        ),
    ],
)  # fmt: skip
def test_not_applicable(judged, text, reason):
    (row,) = judged(text).rows(CHECK).itertuples()
    assert (row.status, row.message) == ("not_applicable", reason)


def test_where_ingresses_could_not_be_read_nothing_is_known_to_be_inside(judged):
    for text, status in ((WEB, "not_assessed"), (OPEN, "failed"), (OPEN + NARROW, "not_assessed")):
        cluster = judged(text)
        cluster.judge(read_in_part(cluster.snapshot, {"ingresses": "forbidden"}))
        assert cluster.verdicts(CHECK) == {"x/web": status}


def test_policies_that_are_not_evaluated_may_change_it(judged):
    cilium = "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: x}}\n"
    assert judged(OPEN + cilium).verdicts(CHECK) == {"x/web": "not_assessed"}


# -- what is offered --------------------------------------------------------------------------------


def offered(cluster):
    return cluster.remedies(CHECK)["x/web"]


def test_the_policy_opens_what_is_published_and_no_more(judged, mended):
    cluster = judged(OPEN + pod("other", labels="{app: other}"))
    remedy = offered(cluster)
    assert " ".join(line[2:] for line in remedy.splitlines() if line.startswith("#")) == (
        "Closes ingress for 1 pod of namespace x with app=a, to which 2 pods of namespace x and every "
        "address that is no pod's may connect now; what is published, TCP 8080, stays open to everyone."
    )
    (found,) = manifests.parse(remedy)
    assert found["metadata"] == {"name": "published-web", "namespace": "x"}
    assert found["spec"] == {
        "podSelector": {"matchLabels": {"app": "a"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": 8080}]}],
    }
    after = mended(cluster, remedy)
    assert after.verdicts(CHECK)["x/web"] == "passed"
    assert after.verdicts("rules-name-their-peers") == {"x/published-web ingress[0]": "passed"}
    assert set(after.facts.exposure["allowed"]) == {"any"}


def test_rules_that_are_too_wide_keep_the_ports_that_are_served(judged, mended):
    cluster = judged(OPEN + policy(ingress("{ports: [{port: 8080}, {port: 9090}]}")))
    remedy = offered(cluster)
    (found,) = manifests.parse(remedy)
    assert found["spec"]["ingress"] == [{"ports": [{"protocol": "TCP", "port": 8080}]}]
    assert "This closes, for the pods that it selects, every port" in remedy.replace("\n# ", " ")
    assert mended(cluster, remedy).verdicts(CHECK) == {"x/web": "passed"}


@pytest.mark.parametrize(
    "text",
    [
        pod("web", labels="{}", ports="[{containerPort: 8080, hostPort: 80}]"),
        OPEN
        + pod("shut", labels="{app: a, tier: shut}")
        + policy("{podSelector: {matchLabels: {tier: shut}}}"),
    ],
    ids=["no label", "an isolated pod with the same labels"],
)
def test_where_labels_do_not_tell_its_pods_the_namespace_is_closed(judged, mended, text):
    cluster = judged(text)
    remedy = offered(cluster)
    assert manifests.parse(remedy)[0]["metadata"]["name"] == "default-deny-ingress"
    assert mended(cluster, remedy).verdicts(CHECK)["x/web"] == "passed"
    assert remedy.startswith("# Closes ingress for 1 pod of namespace x")


def test_two_workloads_of_one_name_have_policies_of_two_names(judged):
    owner = "ownerReferences: [{{kind: {}, name: web, controller: true}}], namespace: x"
    pods = [
        pod(f"{kind.lower()}-1", labels=f"{{app: a, kind: {kind}}}").replace(
            "namespace: x", owner.format(kind)
        )
        for kind in ("DaemonSet", "StatefulSet")
    ]
    remedies = judged("".join(pods) + PUBLISHED).rows(CHECK)["remediation"].tolist()
    names = [manifests.parse(remedy)[0]["metadata"]["name"] for remedy in remedies]
    assert names == ["published-web", "published-web-2"]
