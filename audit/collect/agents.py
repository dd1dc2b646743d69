"""What is kept of network plug-ins: their objects, reduced to what shows how they are set up.

Mostly these are DaemonSets and ConfigMaps. The table `agents` has what else tells: pods of DaemonSets, where
an input has them in full; Deployments by name; Networks of OpenShift; nodes on which nothing is to start.

Arguments, environment variables and ConfigMaps may hold anything, secrets too. So of each only settings that
are listed here are kept, and of these only values that are a plain word or number; all else is passed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from audit.collect import objects
from audit.collect.objects import Described, Object, Text

CONFIG_MAPS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "amazon-vpc-cni": (("kube-system",), ("enable-network-policy-controller",)),
    "cilium-config": (
        ("kube-system", "cilium", "cilium-system", "d8-cni-cilium"),
        (
            "enable-k8s-networkpolicy",
            "enable-policy",
            "enable-sctp",
            "policy-audit-mode",
            "policy-cidr-match-mode",
        ),
    ),
    "eni-config": (("kube-system",), ("disable_network_policy",)),
    "kube-flannel-cfg": (("kube-flannel", "kube-system"), ()),
}
"""ConfigMaps by name: the namespaces in which they are looked for, and the keys that are kept."""

DEPLOYMENTS: Final = frozenset(("kube-ovn-controller",))
"""Deployments that are looked at."""
GROUPS: Final = frozenset(("crd.projectcalico.org", "projectcalico.org"))
"""API groups whose definitions are found without the plug-in that they are of."""
ROLE: Final = "kindnet"
"""The ClusterRole that is looked at, where an input has it: by its rules is seen what its plug-in does."""

_FLAGS: Final = frozenset(
    (
        "admin-network-policy",
        "baseline-admin-network-policy",
        "enable-network-policy",
        "enable-np",
        "enable-policy",
        "network-policy-enforcing-mode",
        "policy-audit-mode",
        "run-firewall",
    )
)
_VALUED: Final[Mapping[str, tuple[str, ...]]] = {
    "enable-policy": ("always", "default", "never"),
    "network-policy-enforcing-mode": ("standard", "strict"),
}
"""Those of `_FLAGS` that are no switches, and what may stand behind them."""
_VARIABLES: Final = frozenset(("EXPECT_NPC", "FELIX_BPFENABLED", "NETWORK_POLICY_ENFORCING_MODE"))
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{0,32}")
_FLAG: Final = re.compile(r"--?([a-z-]+)(?:=(.*))?", re.DOTALL)


class SdnConfig(Object, omit_defaults=True):
    """openshiftSDNConfig."""

    mode: Text = None


class DefaultNetwork(Object, omit_defaults=True):
    """spec.defaultNetwork of the operator's Network."""

    type: Text = None
    openshift_sdn_config: SdnConfig | None = msgspec.field(name="openshiftSDNConfig", default=None)


class NetworkSpec(Object, omit_defaults=True):
    """spec of a Network."""

    network_type: Text = None
    default_network: DefaultNetwork | None = None


class Network(Object):
    """OpenShift's object that says which plug-in its operator runs."""

    metadata: Described | None = None
    spec: NetworkSpec | None = None


class AgentPodSpecOnNode(objects.AgentPodSpec):
    """spec of a pod."""

    node_name: Text = None


class AgentPodStatus(Object):
    """status of a pod, as far as it says that the pod is ready."""

    conditions: list[objects.Condition | None] | None = None


class AgentPod(Object):
    """A pod, which may be that of a network plug-in."""

    metadata: Described | None = None
    spec: AgentPodSpecOnNode | None = None
    status: AgentPodStatus | None = None


class PolicyRule(Object):
    """A rule of a ClusterRole."""

    resources: list[Text] | None = None


class Looked(Object):
    """Of an object of a kind that is not kept, unless it shows a network plug-in."""

    metadata: Described | None = None


class ClusterRole(Looked):
    """A ClusterRole."""

    rules: list[PolicyRule | None] | None = None


class DefinitionSpec(Object):
    """spec of a CustomResourceDefinition."""

    group: Text = None


class Definition(Looked):
    """A CustomResourceDefinition."""

    spec: DefinitionSpec | None = None


def daemon_set_text(daemon_set: objects.DaemonSet, labels: Mapping[str, str | None]) -> str:
    """What is kept of a DaemonSet, as JSON."""
    spec = daemon_set.spec or objects.DaemonSetSpec()
    pod = (spec.template and spec.template.spec) or objects.AgentPodSpec()
    containers = [_container(one) for one in pod.containers or [] if one]
    kept = {
        "metadata": {"labels": labels},
        "spec": {"template": {"spec": {"nodeSelector": pod.node_selector or {}, "containers": containers}}},
        "status": daemon_set.status,
    }
    return _text(kept)


def config_map_text(config_map: objects.ConfigMap) -> str | None:
    """What is kept of a ConfigMap, as JSON; None of all that are not those of a plug-in."""
    metadata = config_map.metadata or objects.Described()
    namespaces, keys = CONFIG_MAPS.get(metadata.name or "", ((), ()))
    if metadata.namespace not in namespaces:
        return None
    found = config_map.data or {}
    data = {key: value for key in keys if (value := found.get(key) or "") and _WORD.fullmatch(value)}
    return _text({"metadata": {"labels": metadata.labels or {}}, "data": data})


def may_be_agent(pod: objects.Pod) -> bool:
    """Whether a pod may be that of a plug-in: what sets up a node's network runs in it, from a DaemonSet."""
    return bool(pod.spec and pod.spec.host_network) and _daemon_set(pod.metadata) is not None


def pod_text(pod: AgentPod) -> str | None:
    """What is kept of a pod of a DaemonSet, as JSON; None if what it runs is not known."""
    spec = pod.spec or AgentPodSpecOnNode()
    if not any(one and one.name for one in spec.containers or []):
        return None
    conditions = (pod.status and pod.status.conditions) or []
    ready = [one.status == "True" for one in conditions if one and one.type == "Ready"]
    return _text(
        {
            "owner": _daemon_set(pod.metadata),
            "labels": (pod.metadata and pod.metadata.labels) or {},
            "node": spec.node_name or "",
            "ready": ready[0] if ready else None,
            "containers": [_container(one) for one in spec.containers or [] if one],
        }
    )


def deployment_text(deployment: objects.Deployment) -> str | None:
    """What is kept of a Deployment, as JSON; None of all but `DEPLOYMENTS`."""
    if not deployment.metadata or deployment.metadata.name not in DEPLOYMENTS:
        return None
    template = (deployment.spec and deployment.spec.template) or objects.AgentTemplate()
    containers = (template.spec and template.spec.containers) or []
    return _text({"containers": [_container(one) for one in containers if one]})


def node_text(node: objects.Node) -> str | None:
    """That nothing is to start on the node, as JSON; None of all other nodes."""
    return _text({"unschedulable": True}) if node.spec and node.spec.unschedulable else None


def role_text(role: ClusterRole) -> str | None:
    """Whether the ClusterRole `ROLE` may read policies, as JSON; None of all others."""
    if not role.metadata or role.metadata.name != ROLE:
        return None
    resources = {resource for rule in role.rules or [] if rule for resource in rule.resources or []}
    return _text({"networkpolicies": "networkpolicies" in resources})


def definition_text(definition: Definition) -> str | None:
    """The API group of a CustomResourceDefinition of `GROUPS`, as JSON; None of all others."""
    group = (definition.spec and definition.spec.group) or ""
    return _text({"group": group}) if group in GROUPS else None


def installation_text(_: Looked) -> str:
    """That Calico's operator is told to install it."""
    return _text({})


LOOKED_AT: Final[Mapping[tuple[str, str], tuple[type[Looked], Callable[[Any], str | None]]]] = {
    ("rbac.authorization.k8s.io", "ClusterRole"): (ClusterRole, role_text),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): (Definition, definition_text),
    ("operator.tigera.io", "Installation"): (Looked, installation_text),
}
"""Kinds that are not kept, and what is made of those objects that show a plug-in, by group and kind.

They are of use where an input has them: a cluster is not asked for them, as there more is known.
"""


def _daemon_set(metadata: Described | None) -> str | None:
    """The name of the DaemonSet that owns the object."""
    owners = (metadata and metadata.owner_references) or []
    return next((one.name for one in owners if one and one.kind == "DaemonSet"), None)


def _text(kept: object) -> str:
    return msgspec.json.encode(kept).decode()


def _container(container: objects.AgentContainer) -> dict[str, Any]:
    settings = dict(_flags([*(container.command or []), *(container.args or [])]))
    settings |= {
        one.name: one.value
        for one in container.env or []
        if one and one.name in _VARIABLES and one.value is not None and _WORD.fullmatch(one.value)
    }
    return {"name": container.name or "", "image": container.image or "", "settings": settings}


def _flags(words: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The settings among the words of a command: `--flag=value`, and `--flag` for true.

    A switch of Go's libraries takes no word behind it for its value; what takes one is in `_VALUED`.
    """
    for word, following in zip(words, [*words[1:], ""], strict=False):
        found = _FLAG.fullmatch(word or "")
        if not found or found[1] not in _FLAGS:
            continue
        value = found[2]
        if value is None:
            value = "true"
            if found[1] in _VALUED:
                value = following if following in _VALUED[found[1]] else ""
        if _WORD.fullmatch(value):
            yield f"--{found[1]}", value
