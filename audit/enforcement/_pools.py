"""Node pools: nodes that their maker keeps together, and of these that look alike."""

from collections.abc import Mapping
from typing import Final

from audit.enforcement._evidence import Node

_POOL_LABELS: Final = (
    "cloud.google.com/gke-nodepool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "alibabacloud.com/nodepool-id",
    "doks.digitalocean.com/node-pool",
    "k8s.scaleway.com/pool-name",
)
"""Labels by which makers of nodes name their pools."""
_COMPUTE: Final = "eks.amazonaws.com/compute-type"
FARGATE, VIRTUAL = "fargate", "virtual-kubelet"
WINDOWS: Final = "windows"


def beyond(node: Node) -> str:
    """Why no agent for Linux runs on a node: fargate, virtual-kubelet or windows; empty of all others."""
    if node.labels.get(_COMPUTE) == FARGATE:
        return FARGATE
    if node.labels.get("type") == VIRTUAL:
        return VIRTUAL
    return WINDOWS if node.windows else ""


def pool(node: Node) -> str:
    """The name of the pool of a node: what its maker calls it, or else what it runs."""
    named = named_pool(node.labels)
    kind = beyond(node)
    if kind in {FARGATE, VIRTUAL}:
        return kind
    if not named:
        return kind or "linux"
    return f"{named} (windows)" if kind else named


def named_pool(labels: Mapping[str, str]) -> str:
    """What the maker of a node calls its pool, or nothing."""
    return next((labels[label] for label in _POOL_LABELS if labels.get(label)), "")
