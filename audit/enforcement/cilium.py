"""Cilium: enforces unless it is set never to, or only to watch."""

from collections.abc import Iterator, Mapping
from typing import Final

from audit.enforcement._abilities import BY_IDENTITY, FIRST_PORT, NO_SCTP
from audit.enforcement._agents import Container, release
from audit.enforcement._evidence import Evidence
from audit.enforcement._model import (
    Abilities,
    Feature,
    Finding,
    annotated,
    cannot_tell,
    enforced,
    not_enforced,
)

_CONFIG: Final = "cilium-config"
_AZURE: Final = "kubernetes.azure.com/ebpf-dataplane"
_TRUE: Final = ("true", "t", "1")
_FALSE: Final = ("false", "f", "0")
"""What is read as a boolean, in whatever case."""
_FIRST_RANGES: Final = (1, 16)
"""The release with ranges of ports; before it endPort was passed over."""


def find(evidence: Evidence) -> Iterator[Finding]:
    """Its DaemonSet, with the ConfigMap that says how."""
    agents = list(evidence.running("cilium-agent", "cilium/cilium", names=("cilium",)))
    plugin = "Cilium"
    if any(node.labels.get(_AZURE) == "cilium" for node in evidence.nodes):
        plugin = "Azure CNI powered by Cilium"
    written = evidence.config_maps.get(_CONFIG)
    settings = dict(written or {})
    for agent in agents:
        if agent.name == "anetd":
            continue
        container = agent.container("cilium-agent", "cilium/cilium")
        version = container.version if container else ""
        off, mode = _off(settings | _arguments(container))
        if off:
            yield not_enforced(plugin, agent, off, version=version, mode=mode)
        elif written is None and not evidence.config_known:
            reason = f"Whether it enforces or only watches, ConfigMap {_CONFIG} says, which was not read."
            yield cannot_tell(plugin, agent, reason, version=version)
        else:
            reason = "Its agent enforces policies, and no setting keeps it from that."
            yield enforced(
                plugin,
                agent,
                reason,
                version=version,
                mode=mode,
                abilities=abilities(version, settings or {}),
            )
    if not agents:
        yield from annotated(evidence, "Cilium", "network.cilium.io/", "io.cilium.network.")


def _arguments(container: Container | None) -> dict[str, str]:
    """What the agent is told on its command line, which goes before the ConfigMap."""
    given = container.settings if container else {}
    return {key.removeprefix("--"): value for key, value in given.items() if key.startswith("--")}


def _off(settings: Mapping[str, str]) -> tuple[str, str]:
    """Why it does not enforce, if so, and its mode."""
    settings = {key: value.lower() for key, value in settings.items()}
    if settings.get("policy-audit-mode") in _TRUE:
        return "Cilium only watches (policy-audit-mode): it lets through what policies forbid.", "audit"
    if settings.get("enable-policy") == "never":
        return "Cilium is set never to enforce policies (enable-policy: never).", "never"
    if settings.get("enable-k8s-networkpolicy") in _FALSE:
        return "Cilium is set to pass over NetworkPolicies (enable-k8s-networkpolicy: false).", ""
    always = settings.get("enable-policy") == "always"
    return "", "always" if always else ""


def abilities(version: str, settings: Mapping[str, str]) -> Abilities:
    """What it ignores by version and settings."""
    ignores = {Feature.POD_BLOCKS: BY_IDENTITY}
    if settings.get("enable-sctp", "").lower() not in _TRUE:
        ignores[Feature.SCTP] = NO_SCTP
    number = release(version)
    if number is not None and number < _FIRST_RANGES:
        ignores[Feature.END_PORT] = FIRST_PORT
    return Abilities(ignores=ignores, knows=frozenset(("cilium.io",)))
