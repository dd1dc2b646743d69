"""CIS RKE2 Benchmark v1.12: the numbers of CIS Kubernetes for RKE2."""

from audit.frameworks._model import Platform, framework, renumbered
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_RKE2 = framework(
    *renumbered(CIS_KUBERNETES, {control.id: control.id for control in CIS_KUBERNETES.controls}),
    id="cis-rke2-1.12",
    name="CIS RKE2 Benchmark v1.12",
    platform=Platform.RKE2,
    variant_of=CIS_KUBERNETES.id,
)
