"""Custom resources: of some a controller makes pods, which an input of files does not have yet."""

from collections.abc import Mapping
from typing import Final

_BUILT_IN: Final = (".k8s.io", ".openshift.io")
"""Ends of API groups whose objects are no workloads; those that are have a table of their own."""
_OF_PODS: Final = frozenset(
    (
        "containers",
        "image",
        "instances",
        "nodePools",
        "nodeSets",
        "podMetadata",
        "podSpec",
        "podTemplate",
        "replicas",
        "serviceAccountName",
        "template",
    )
)
"""Fields of a spec, or of its parts, by which the kinds of well-known operators describe pods."""


def is_custom(group: str) -> bool:
    """Whether an API group may be one that a CustomResourceDefinition serves."""
    return "." in group and not group.endswith(_BUILT_IN)


def describes_pods(tree: Mapping[str, object]) -> bool:
    """Whether the spec of an object, or a part of it, looks like one from which pods are made."""
    spec = tree.get("spec")
    if not isinstance(spec, Mapping):
        return False
    parts = (spec, *(part for part in spec.values() if isinstance(part, Mapping)))
    return any(not _OF_PODS.isdisjoint(part) for part in parts)
