"""CustomResourceDefinitions that take anything, of the kinds that an audit looks for."""

from collections.abc import Iterator
from typing import Any, Final

from audit.policy.kinds import KINDS

Document = dict[str, Any]

_BUILT_IN: Final = ("networking.k8s.io", "extensions")
_PROTECTED: Final = ("k8s.io", "kubernetes.io")
_VERSIONS: Final = {
    "policy.networking.k8s.io": "v1alpha1",
    "networking.k8s.aws": "v1alpha1",
    "projectcalico.org": "v3",
    "crd.projectcalico.org": "v1",
    "cilium.io": "v2",
    "crd.antrea.io": "v1beta1",
    "security.antrea.tanzu.vmware.com": "v1alpha1",
    "k8s.ovn.org": "v1",
    "network.openshift.io": "v1",
    "k8s.cni.cncf.io": "v1beta1",
    "networking.gke.io": "v1alpha1",
    "crd.nsx.vmware.com": "v1alpha1",
    "security.istio.io": "v1",
    "policy.linkerd.io": "v1alpha1",
    "kuma.io": "v1alpha1",
    "consul.hashicorp.com": "v1alpha1",
}
_OTHER_VERSIONS: Final = {
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"): "v1alpha2",
    ("policy.linkerd.io", "Server"): "v1beta3",
    ("policy.linkerd.io", "ServerAuthorization"): "v1beta1",
}
"""Of kinds that are younger or older than their group."""
_GATEWAY: Final = "gateway.networking.k8s.io"
_MORE: Final = (
    (_GATEWAY, "v1", "Gateway", "gateways"),
    (_GATEWAY, "v1", "HTTPRoute", "httproutes"),
    (_GATEWAY, "v1", "GRPCRoute", "grpcroutes"),
    (_GATEWAY, "v1alpha2", "TCPRoute", "tcproutes"),
    (_GATEWAY, "v1alpha2", "TLSRoute", "tlsroutes"),
    (_GATEWAY, "v1alpha2", "UDPRoute", "udproutes"),
    ("route.openshift.io", "v1", "Route", "routes"),
    ("apps.openshift.io", "v1", "DeploymentConfig", "deploymentconfigs"),
    ("argoproj.io", "v1alpha1", "Rollout", "rollouts"),
)
"""Kinds that are no policies, all namespaced."""
_OF_CLUSTERS: Final = (
    ("config.openshift.io", "v1", "Network", "networks"),
    ("operator.openshift.io", "v1", "Network", "networks"),
)
"""The same, of the cluster."""


def crd(group: str, version: str, kind: str, plural: str, *, namespaced: bool) -> Document:
    """A definition whose objects may hold any fields; their status is written with the rest."""
    metadata: Document = {"name": f"{plural}.{group}"}
    if any(group == suffix or group.endswith(f".{suffix}") for suffix in _PROTECTED):
        metadata["annotations"] = {"api-approved.kubernetes.io": "unapproved, for tests"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [served],
        },
    }


def policy_crds() -> list[Document]:
    """Of each kind of policy that is not built in, of the Gateway API, of OpenShift's and Argo's kinds."""
    more = [crd(*kind, namespaced=kind in _MORE) for kind in (*_MORE, *_OF_CLUSTERS)]
    return list(_policies()) + more


def _policies() -> Iterator[Document]:
    for (group, name), kind in KINDS.items():
        if group not in _BUILT_IN:
            version = _OTHER_VERSIONS.get((group, name)) or _VERSIONS[group]
            plural = kind.plural.partition(".")[0]
            yield crd(group, version, name, plural, namespaced=kind.scope == "namespaced")


def crd_for(document: Document) -> Document:
    """The definition that lets `document` in, with its version; the rest is known or guessed."""
    group, _, version = document["apiVersion"].rpartition("/")
    kind = document["kind"]
    for known in policy_crds():
        spec = known["spec"]
        if (spec["group"], spec["names"]["kind"]) == (group, kind):
            spec["versions"][0]["name"] = version
            return known
    namespaced = "namespace" in document.get("metadata", {})
    return crd(group, version, kind, _plural(kind.lower()), namespaced=namespaced)


def _plural(singular: str) -> str:
    if singular.endswith("y") and singular[-2:-1] not in "aeiou":
        return f"{singular[:-1]}ies"
    return f"{singular}es" if singular.endswith(("s", "x", "ch", "sh")) else f"{singular}s"
