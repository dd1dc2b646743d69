"""The kinds of policies: every API whose objects say who may connect to whom.

One table, for collecting them and for saying what those that are not evaluated
could change. Kinds are told apart by group and kind, never by kind alone:
`NetworkPolicy` is a kind of four groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Scope = Literal["namespaced", "cluster"]
Layer = Literal["L3/L4", "L7", "preview"]
"""What a kind decides about: addresses and ports; requests; nothing (it only shows what it would decide)."""


@dataclass(frozen=True)
class PolicyKind:
    """A kind of policy."""

    group: str
    kind: str
    plural: str
    """As the API's paths and `frames.KINDS` name it; that of another group than networking.k8s.io has its
    group behind a dot."""
    scope: Scope
    layer: Layer

    @property
    def evaluated(self) -> bool:
        """Whether it is the NetworkPolicy of Kubernetes itself."""
        return self.plural == "networkpolicies"

    @property
    def governs(self) -> bool:
        """Whether it is not evaluated and may change what connects at L3/L4."""
        return self.layer == "L3/L4" and not self.evaluated


_CALICO: Final = ("projectcalico.org", "crd.projectcalico.org")
_ANTREA: Final = ("crd.antrea.io", "security.antrea.tanzu.vmware.com")

_TABLE: Final[tuple[tuple[tuple[str, ...], str, str, Scope, Layer], ...]] = (
    (("networking.k8s.io", "extensions"), "NetworkPolicy", "networkpolicies", "namespaced", "L3/L4"),
    (("policy.networking.k8s.io",), "AdminNetworkPolicy", "adminnetworkpolicies", "cluster", "L3/L4"),
    (
        ("policy.networking.k8s.io",),
        "BaselineAdminNetworkPolicy",
        "baselineadminnetworkpolicies",
        "cluster",
        "L3/L4",
    ),
    (
        ("policy.networking.k8s.io", "networking.k8s.aws"),
        "ClusterNetworkPolicy",
        "clusternetworkpolicies",
        "cluster",
        "L3/L4",
    ),
    (
        ("networking.k8s.aws",),
        "ApplicationNetworkPolicy",
        "applicationnetworkpolicies",
        "namespaced",
        "L3/L4",
    ),
    (_CALICO, "NetworkPolicy", "networkpolicies", "namespaced", "L3/L4"),
    (_CALICO, "GlobalNetworkPolicy", "globalnetworkpolicies", "cluster", "L3/L4"),
    (_CALICO, "StagedNetworkPolicy", "stagednetworkpolicies", "namespaced", "preview"),
    (_CALICO, "StagedGlobalNetworkPolicy", "stagedglobalnetworkpolicies", "cluster", "preview"),
    (
        _CALICO,
        "StagedKubernetesNetworkPolicy",
        "stagedkubernetesnetworkpolicies",
        "namespaced",
        "preview",
    ),
    (("cilium.io",), "CiliumNetworkPolicy", "ciliumnetworkpolicies", "namespaced", "L3/L4"),
    (
        ("cilium.io",),
        "CiliumClusterwideNetworkPolicy",
        "ciliumclusterwidenetworkpolicies",
        "cluster",
        "L3/L4",
    ),
    (_ANTREA, "NetworkPolicy", "networkpolicies", "namespaced", "L3/L4"),
    (_ANTREA, "ClusterNetworkPolicy", "clusternetworkpolicies", "cluster", "L3/L4"),
    (("k8s.ovn.org",), "EgressFirewall", "egressfirewalls", "namespaced", "L3/L4"),
    (("network.openshift.io",), "EgressNetworkPolicy", "egressnetworkpolicies", "namespaced", "L3/L4"),
    (("k8s.cni.cncf.io",), "MultiNetworkPolicy", "multi-networkpolicies", "namespaced", "L3/L4"),
    (("networking.gke.io",), "FQDNNetworkPolicy", "fqdnnetworkpolicies", "namespaced", "L3/L4"),
    (("crd.nsx.vmware.com",), "SecurityPolicy", "securitypolicies", "namespaced", "L3/L4"),
    (("security.istio.io",), "AuthorizationPolicy", "authorizationpolicies", "namespaced", "L7"),
    (("security.istio.io",), "PeerAuthentication", "peerauthentications", "namespaced", "L7"),
    (("security.istio.io",), "RequestAuthentication", "requestauthentications", "namespaced", "L7"),
    (("policy.linkerd.io",), "AuthorizationPolicy", "authorizationpolicies", "namespaced", "L7"),
    (("policy.linkerd.io",), "Server", "servers", "namespaced", "L7"),
    (("policy.linkerd.io",), "ServerAuthorization", "serverauthorizations", "namespaced", "L7"),
    (("kuma.io",), "MeshTrafficPermission", "meshtrafficpermissions", "namespaced", "L7"),
    (("kuma.io",), "TrafficPermission", "trafficpermissions", "cluster", "L7"),
    (("consul.hashicorp.com",), "ServiceIntentions", "serviceintentions", "namespaced", "L7"),
)
_KUBERNETES: Final = ("networking.k8s.io", "extensions")

KINDS: Final[Mapping[tuple[str, str], PolicyKind]] = {
    (group, kind): PolicyKind(
        group, kind, plural if group in _KUBERNETES else f"{plural}.{group}", scope, layer
    )
    for groups, kind, plural, scope, layer in _TABLE
    for group in groups
}
"""Every kind, by group and kind."""

GOVERNING: Final = tuple(sorted({kind.plural for kind in KINDS.values() if kind.governs}))
"""Kinds that are not evaluated and decide about addresses and ports, by plural name."""


def group_of(api_version: str) -> str:
    """The group of an apiVersion; empty for the core API."""
    return api_version.rpartition("/")[0]


def find(api_version: str, kind: str) -> PolicyKind | None:
    """The kind of policy that an object of this apiVersion and kind is, or None."""
    return KINDS.get((group_of(api_version), kind))
