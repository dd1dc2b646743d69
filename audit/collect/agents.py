"""What is kept of network plug-ins: DaemonSets and ConfigMaps, reduced to what shows how they are set up.

Arguments, environment variables and ConfigMaps may hold anything, secrets too. So of each only settings that
are listed here are kept, and of these only values that are a plain word or number; all else is passed over.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from audit.collect import objects

CONFIG_MAPS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "amazon-vpc-cni": (("kube-system",), ("enable-network-policy-controller",)),
    "cilium-config": (
        ("kube-system", "cilium"),
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

_FLAGS: Final = frozenset(
    ("enable-network-policy", "enable-np", "network-policy-enforcing-mode", "run-firewall")
)
_VARIABLES: Final = frozenset(("EXPECT_NPC", "NETWORK_POLICY_ENFORCING_MODE"))
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{0,32}")
_FLAG: Final = re.compile(r"--?([a-z-]+)(?:=(.*))?", re.DOTALL)


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
    return msgspec.json.encode(kept).decode()


def config_map_text(config_map: objects.ConfigMap) -> str | None:
    """What is kept of a ConfigMap, as JSON; None of all that are not those of a plug-in."""
    metadata = config_map.metadata or objects.Described()
    namespaces, keys = CONFIG_MAPS.get(metadata.name or "", ((), ()))
    if metadata.namespace not in namespaces:
        return None
    found = config_map.data or {}
    data = {key: value for key in keys if (value := found.get(key) or "") and _WORD.fullmatch(value)}
    return msgspec.json.encode({"metadata": {"labels": metadata.labels or {}}, "data": data}).decode()


def _container(container: objects.AgentContainer) -> dict[str, Any]:
    settings = dict(_flags([*(container.command or []), *(container.args or [])]))
    settings |= {
        one.name: one.value
        for one in container.env or []
        if one and one.name in _VARIABLES and one.value is not None and _WORD.fullmatch(one.value)
    }
    return {"name": container.name or "", "image": container.image or "", "settings": settings}


def _flags(words: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The settings among the words of a command: `--flag=value`, `--flag value`, and `--flag` for true."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        found = _FLAG.fullmatch(word or "")
        if not found or found[1] not in _FLAGS:
            continue
        value = found[2]
        if value is None:
            value = following if following in ("true", "false") else "true"
        if _WORD.fullmatch(value):
            yield f"--{found[1]}", value
