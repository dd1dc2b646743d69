"""CIS AKS Benchmark v1.8: the numbers of CIS Kubernetes for AKS."""

from audit.frameworks._model import Control, Platform, framework, renumbered
from audit.frameworks.cis_eks import CIS_EKS
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_AKS = framework(
    *renumbered(CIS_KUBERNETES, {"4.2.4": "5.2.5"}),
    Control(
        "4.4.1",
        "The latest CNI version is used",
        covers="The version that was seen on each node pool stands in csv/enforcement.csv.",
        does_not_cover="Which version is the latest.",
        by_hand="Compare these versions with the releases of the plug-in.",
    ),
    *renumbered(CIS_KUBERNETES, {"4.4.2": "5.3.2", "4.6.1": "5.6.1", "4.6.3": "5.6.4"}),
    *renumbered(CIS_EKS, {"5.4.4": "5.4.4"}),
    id="cis-aks-1.8",
    name="CIS AKS Benchmark v1.8",
    platform=Platform.AKS,
    variant_of=CIS_KUBERNETES.id,
)
