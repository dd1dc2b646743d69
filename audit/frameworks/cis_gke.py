"""CIS GKE Benchmark v1.9.0: the numbers of CIS Kubernetes for GKE.

5.6.7 was "Network Policy is Enabled" up to v1.2.0, and is about certificates now.
"""

from audit.frameworks._model import Platform, framework, renumbered
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_GKE = framework(
    *renumbered(
        CIS_KUBERNETES,
        {"4.3.1": "5.3.1", "4.3.2": "5.3.2", "4.6.1": "5.6.1", "4.6.4": "5.6.4"},
    ),
    id="cis-gke-1.9.0",
    name="CIS GKE Benchmark v1.9.0",
    platform=Platform.GKE,
    variant_of=CIS_KUBERNETES.id,
)
