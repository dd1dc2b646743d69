"""CIS K3s Benchmark v1.12: the numbers of CIS Kubernetes for K3s."""

from audit.frameworks._model import Platform, framework, renumbered
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_K3S = framework(
    *renumbered(CIS_KUBERNETES, {control.id: control.id for control in CIS_KUBERNETES.controls}),
    id="cis-k3s-1.12",
    name="CIS K3s Benchmark v1.12",
    platform=Platform.K3S,
    variant_of=CIS_KUBERNETES.id,
)
