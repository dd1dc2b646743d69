"""What kind of Kubernetes a cluster says that it is."""

from typing import Final

from audit.frames.labels import label_texts
from audit.frameworks import Platform
from audit.snapshot import Snapshot

_VERSIONS: Final = {
    "-gke.": Platform.GKE,
    "-eks-": Platform.EKS,
    "+k3s": Platform.K3S,
    "+rke2": Platform.RKE2,
}
"""What stands in the version of the server and of kubelets."""
_LABELS: Final = {
    "cloud.google.com/gke-nodepool": Platform.GKE,
    "eks.amazonaws.com/nodegroup": Platform.EKS,
    "eks.amazonaws.com/compute-type": Platform.EKS,
    "kubernetes.azure.com/cluster": Platform.AKS,
    "node.openshift.io/os_id": Platform.OPENSHIFT,
}
"""Labels that the makers of nodes set."""
_OPENSHIFT: Final = "config.openshift.io"
"""The API group that every OpenShift serves. That a resource is defined proves nothing."""


def platform(snapshot: Snapshot) -> Platform | None:
    """The platform, where all that tells one tells the same; None for plain Kubernetes, or if none is told.

    Whose machines the nodes are says nothing: anybody may run Kubernetes on those of a cloud.
    """
    told = {*_by_version(snapshot), *_by_group(snapshot), *_by_label(snapshot)}
    return told.pop() if len(told) == 1 else None


def _by_version(snapshot: Snapshot) -> set[Platform]:
    kubelets = snapshot["nodes"]["kubelet_version"].astype("str").unique().tolist()
    versions = [snapshot.provenance.server_version, *kubelets]
    return {name for part, name in _VERSIONS.items() if any(part in version for version in versions)}


def _by_group(snapshot: Snapshot) -> set[Platform]:
    served = {version.partition("/")[0] for version in snapshot.provenance.api_groups}
    kept = snapshot["agents"]["api_version"].astype("str").unique().tolist()
    objects = {version.partition("/")[0] for version in kept}
    return {Platform.OPENSHIFT} if _OPENSHIFT in served | objects else set()


def _by_label(snapshot: Snapshot) -> set[Platform]:
    sets = label_texts(snapshot["labels"], snapshot["nodes"]["labels"].unique().tolist())
    keys = {key for labels in sets.values() for key in labels}
    return {name for label, name in _LABELS.items() if label in keys}
