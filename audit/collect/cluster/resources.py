"""What is read of a cluster, and so the rights that it takes: lists, and a few ConfigMaps by name.

The table follows from the kinds that the collector knows, so that a kind which it learns is read, and a test
holds the ClusterRole of `cronjob/` to be exactly `permissions()`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from audit.collect import kinds
from audit.collect.agents import CONFIG_MAPS as CONFIG_MAPS_OF_AGENTS
from audit.policy import kinds as policy_kinds

_GONE: Final = frozenset(("extensions",))
"""Groups that no server has served since Kubernetes 1.22."""
_CLUSTER_WIDE: Final = frozenset(("Namespace", "Node"))
SAME: Final = {"projectcalico.org": "crd.projectcalico.org"}
"""Groups that serve the objects of another: they are read there where that is served.

Calico's API server shows what is stored under the second; read in both, each policy would count twice.
"""


class Resource(NamedTuple):
    """A kind of objects to list."""

    group: str
    kind: str
    plural: str
    """As `frames.KINDS` has it."""
    namespaced: bool

    @property
    def path_name(self) -> str:
        """As the API's paths and RBAC have it: the plural without a group."""
        return self.plural.removesuffix(f".{self.group}")


class ConfigMap(NamedTuple):
    """A ConfigMap to get."""

    namespace: str
    name: str


class Permission(NamedTuple):
    """A right as RBAC has it."""

    group: str
    resource: str
    verb: str
    name: str = ""


def _resources() -> Iterator[Resource]:
    for kind in dict.fromkeys(kinds.KINDS.values()):
        yield Resource(kind.groups[0], kind.kind, kind.plural, kind.kind not in _CLUSTER_WIDE)
    for kept in dict.fromkeys(kinds.KEPT_KINDS.values()):
        if kept.listed:
            yield Resource(kept.groups[0], kept.kind, kept.plural, kept.namespaced)
    for (group, _), policy in policy_kinds.KINDS.items():
        if group not in _GONE:
            yield Resource(group, policy.kind, policy.plural, policy.scope == "namespaced")


RESOURCES: Final = tuple(_resources())
"""All that is listed, where it is served."""

CONFIG_MAPS: Final = tuple(
    ConfigMap(namespace, name)
    for name, (namespaces, _) in CONFIG_MAPS_OF_AGENTS.items()
    for namespace in namespaces
)
"""All that is got by name: how network plug-ins are set up."""


def permissions() -> frozenset[Permission]:
    """The rights that reading a whole cluster takes."""
    listed = {Permission(one.group, one.path_name, "list") for one in RESOURCES}
    return frozenset(listed | {Permission("", "configmaps", "get", one.name) for one in CONFIG_MAPS})
