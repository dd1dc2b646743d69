"""What the report says of the network plug-in."""

import pytest

from reports.text import plain
from tests.compose.objects import CLOSED, pod
from tests.enforcement.objects import (
    AWS,
    AWS_ON,
    CALICO,
    EKS,
    FLANNEL,
    aws_agent,
    daemon_set,
    k3s,
    node,
    text,
)


def said(report, *objects):
    made = report(pod("a") + CLOSED + text(*objects).removeprefix("---\n"))
    return plain(made.page_one.enforcement), next(s for s in made.sections if s.anchor == "enforcement")


BY_ITSELF = "Flannel is a network and does not enforce policies by itself."
IN_VAIN = "What follows is by policy, and no policy has an effect."
HOLDS = "What follows is by policy, and holds where policies are enforced."
UNKNOWN = "Whether the network plug-in enforces policies cannot be told."
FARGATE = node("f", labels={"eks.amazonaws.com/compute-type": "fargate"})
AWS_SET = daemon_set("aws-node", AWS, aws_agent(on=True), ready=1)


@pytest.mark.parametrize(
    ("objects", "sentence"),
    [
        (
            [node("a"), node("b"), daemon_set("calico-node", CALICO, ready=2)],
            "Policies are enforced (Calico 3.31.2, 2 of 2 nodes).",
        ),
        (
            [daemon_set("calico-node", CALICO)],
            "Once these manifests are applied, policies are enforced (Calico 3.31.2).",
        ),
        (
            [daemon_set("kube-flannel-ds", FLANNEL)],
            (
                "Once these manifests are applied, policies are not enforced (Flannel 0.27.4). "
                f"{BY_ITSELF} {IN_VAIN}"
            ),
        ),
        (
            [node(), daemon_set("kube-flannel-ds", FLANNEL, ready=1)],
            f"Policies are not enforced (Flannel 0.27.4). {BY_ITSELF} {IN_VAIN}",
        ),
        (
            [k3s("b", "agent")],
            (
                f"{UNKNOWN} No server of k3s is among the nodes, so that whether it runs with "
                f"--disable-network-policy is not known. {HOLDS}"
            ),
        ),
        (
            [node("a", **EKS), FARGATE, AWS_SET, AWS_ON],
            (
                "Policies are enforced on 1 of 2 nodes (AWS VPC CNI 1.20.4-eksbuild.1), not on 1; see "
                f"enforcement. {HOLDS}"
            ),
        ),
        (
            [node("a"), FARGATE, AWS_SET],
            (f"Policies are not enforced on 1 of 2 nodes, of 1 it cannot be told; see enforcement. {HOLDS}"),
        ),
        (
            [],
            f"{UNKNOWN} Neither a node nor a network plug-in is in what was read. {HOLDS}",
        ),
    ],
)
def test_the_sentence_above_the_figures(report, objects, sentence):
    assert said(report, *objects)[0] == sentence


def test_the_section_has_a_row_a_pool(report):
    _, section = said(report, node("a", **EKS), FARGATE, AWS_SET, AWS_ON)
    (table,) = section.blocks
    rows = [tuple(plain(cell) for cell in row) for group in table.groups for row in group.rows]
    assert rows[0][:4] == ("blue", "1", "AWS VPC CNI 1.20.4-eksbuild.1", "enforced")
    assert "Shown by DaemonSet kube-system/aws-node." in rows[0][4]
    assert rows[0][5].startswith("SCTP, pods without an owner, AdminNetworkPolicy")
    assert rows[1][:4] == ("fargate", "1", "", "not enforced")
