from tests.checks.objects import pod, policy
from tests.enforcement.objects import AWS, AWS_ON, CALICO, EKS, FLANNEL, aws_agent, daemon_set, node, text

CHECK = "plug-in-enforces-policies"
POLICY = policy("{podSelector: {}}")


def test_a_plug_in_that_enforces(judged):
    cluster = judged(pod() + text(node(), daemon_set("calico-node", CALICO, ready=1)))
    assert cluster.verdicts(CHECK) == {"/linux": "passed"}


def test_a_plug_in_that_does_not(judged):
    cluster = judged(pod() + text(node(), daemon_set("kube-flannel-ds", FLANNEL, ready=1)))
    assert cluster.failed(CHECK) == {"/linux"}
    assert cluster.messages(CHECK)["/linux"] == (
        "Node pool linux (1 node): policies have no effect. Flannel is a network and does not enforce "
        "policies by itself."
    )
    (row,) = cluster.rows(CHECK).itertuples()
    assert (row.severity, row.kind) == ("critical", "NodePool")


def test_manifests_of_a_plug_in_that_does_not(judged):
    cluster = judged(POLICY + text(daemon_set("kube-flannel-ds", FLANNEL)))
    (message,) = cluster.messages(CHECK).values()
    assert message.startswith("Once these manifests are applied, policies have no effect. Flannel is")


def test_what_cannot_be_told_is_not_assessed(judged):
    cluster = judged(pod() + POLICY)
    for check in (
        CHECK,
        "plug-in-knows-the-policy-kind",
        "plug-in-honours-the-feature",
        "pods-are-within-reach-of-the-plug-in",
    ):
        (row,) = cluster.rows(check).itertuples()
        assert (row.kind, row.status) == ("Cluster", "not_assessed")
        assert "Neither a node nor a network plug-in" in row.message


def test_a_pool_out_of_reach_is_the_business_of_another_check(judged):
    fargate = node("f", labels={"eks.amazonaws.com/compute-type": "fargate"})
    agent = daemon_set("aws-node", AWS, aws_agent(on=True), ready=1)
    assert judged(pod() + text(node(**EKS), fargate, agent, AWS_ON)).verdicts(CHECK) == {
        "/blue": "passed",
        "/fargate": "not_applicable",
    }
    assert judged(pod() + text(fargate)).failed(CHECK) == {"/fargate"}


def test_a_pool_of_which_nothing_is_known_beside_one_that_enforces(judged):
    agent = daemon_set("calico-node", CALICO, ready=1, desired=2)
    assert judged(pod() + text(node("a"), node("b"), agent)).verdicts(CHECK) == {"": "not_assessed"}
