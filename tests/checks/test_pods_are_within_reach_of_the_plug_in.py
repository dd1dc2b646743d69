from tests.checks.objects import pod
from tests.enforcement.objects import AWS, AWS_ON, CALICO, EKS, aws_agent, daemon_set, node, text

CHECK = "pods-are-within-reach-of-the-plug-in"
AWS_ON_NODES = (
    node("a", **EKS),
    node("f", labels={"eks.amazonaws.com/compute-type": "fargate"}),
    daemon_set("aws-node", AWS, aws_agent(on=True), ready=1),
    AWS_ON,
)


def owned(name, on, kind="ReplicaSet", host="false"):
    return (
        f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: x, ownerReferences: "
        f"[{{kind: {kind}, name: {name}, controller: true}}]}}, "
        f"spec: {{nodeName: {on}, hostNetwork: {host}, containers: []}}}}\n"
    )


def test_pods_on_fargate_and_pods_that_nobody_owns(judged):
    bare = pod("bare", more="}, status: {phase: Running").replace("spec: {", "spec: {nodeName: a, ")
    cluster = judged(owned("web", "a") + owned("job", "f") + bare + text(*AWS_ON_NODES))
    assert cluster.failed(CHECK) == {"x/job", "x/bare"}
    assert cluster.messages(CHECK)["x/job"] == (
        "ReplicaSet x/job (1 pod): it is on Fargate, where no plug-in enforces policies."
    )
    assert "without an owner" in cluster.messages(CHECK)["x/bare"]
    assert cluster.verdicts(CHECK)["x/web"] == "passed"


def test_pods_on_windows(judged):
    nodes = (node("a"), node("w", os="windows"), daemon_set("calico-node", CALICO, ready=1))
    cluster = judged(owned("web", "a") + owned("iis", "w") + owned("hp", "w", host="true") + text(*nodes))
    assert cluster.failed(CHECK) == {"x/iis"}
    assert cluster.verdicts(CHECK)["x/hp"] == "not_applicable"


def test_other_plug_ins_govern_pods_that_nobody_owns(judged):
    cluster = judged(pod() + text(node(), daemon_set("calico-node", CALICO, ready=1)))
    assert cluster.verdicts(CHECK)["x/a"] == "passed"


BESIDE = "annotations: {k8s.v1.cni.cncf.io/networks: macvlan}"


def test_pods_that_ask_for_further_networks(judged):
    calico = text(node(), daemon_set("calico-node", CALICO, ready=1))
    one = pod().replace("namespace: x", f"namespace: x, {BESIDE}")
    template = (
        "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: y}, "
        f"spec: {{template: {{metadata: {{{BESIDE}}}, spec: {{containers: []}}}}}}}}\n"
    )
    cluster = judged(one + pod("b") + template + calico)
    assert cluster.failed(CHECK) == {"x/a", "y/d"}
    assert cluster.messages(CHECK)["x/a"] == (
        "Pod x/a (1 pod): it is attached to further networks, "
        "where no policy of the cluster's own network holds."
    )
