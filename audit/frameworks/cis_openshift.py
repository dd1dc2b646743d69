"""CIS Red Hat OpenShift Benchmark v1.9.0: the numbers of CIS Kubernetes for OpenShift."""

from audit.frameworks._model import Platform, framework, renumbered
from audit.frameworks.cis_kubernetes import CIS_KUBERNETES

CIS_OPENSHIFT = framework(
    *renumbered(
        CIS_KUBERNETES,
        {"5.2.4": "5.2.5", "5.3.1": "5.3.1", "5.3.2": "5.3.2", "5.7.1": "5.6.1", "5.7.4": "5.6.4"},
    ),
    id="cis-openshift-1.9.0",
    name="CIS Red Hat OpenShift Benchmark v1.9.0",
    platform=Platform.OPENSHIFT,
    variant_of=CIS_KUBERNETES.id,
)
