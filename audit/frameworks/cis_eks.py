"""CIS Amazon EKS Benchmark v1.8.0: the numbers of CIS Kubernetes for EKS."""

from audit.frameworks._model import Control, Platform, framework, renumbered
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_EKS = framework(
    *renumbered(
        CIS_KUBERNETES,
        {"4.2.4": "5.2.5", "4.3.1": "5.3.1", "4.3.2": "5.3.2", "4.5.1": "5.6.1", "4.5.2": "5.6.4"},
    ),
    Control(
        "5.4.4",
        "Network policy is enabled and set as appropriate",
        covers=(
            "Whether what runs on each node pool enforces policies, and whether each namespace has a "
            "NetworkPolicy."
        ),
        does_not_cover="How the network is set up in the cloud, which the cluster does not tell.",
        by_hand="Look at the cluster's network settings in the cloud's console.",
    ),
    id="cis-eks-1.8.0",
    name="CIS Amazon EKS Benchmark v1.8.0",
    platform=Platform.EKS,
    variant_of=CIS_KUBERNETES.id,
)
