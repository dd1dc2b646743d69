"""Support bundles in the layout of Replicated's troubleshoot: a folder a kind, a file a namespace.

`cluster-resources/pods/NAMESPACE.json` holds a typed list, in older bundles an
array of objects without kind; `cluster-resources/pods-errors.json` says what
could not be listed. A bundle has only what its collector asked for: a kind
without a file was not asked for, which is another thing than having none.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from audit.collect.files.sink import UNKNOWN, TypeMeta

FOLDER: Final = "cluster-resources"
_ERRORS: Final = "-errors"

LAYOUT: Final[Mapping[str, TypeMeta]] = {
    "pods": TypeMeta("v1", "Pod"),
    "namespaces": TypeMeta("v1", "Namespace"),
    "services": TypeMeta("v1", "Service"),
    "nodes": TypeMeta("v1", "Node"),
    "deployments": TypeMeta("apps/v1", "Deployment"),
    "replicasets": TypeMeta("apps/v1", "ReplicaSet"),
    "statefulsets": TypeMeta("apps/v1", "StatefulSet"),
    "daemonsets": TypeMeta("apps/v1", "DaemonSet"),
    "jobs": TypeMeta("batch/v1", "Job"),
    "cronjobs": TypeMeta("batch/v1", "CronJob"),
    "ingress": TypeMeta("networking.k8s.io/v1", "Ingress"),
    "network-policy": TypeMeta("networking.k8s.io/v1", "NetworkPolicy"),
    "networkpolicies": TypeMeta("networking.k8s.io/v1", "NetworkPolicy"),
    "endpoints": TypeMeta("v1", "Endpoints"),
    "endpointslices": TypeMeta("discovery.k8s.io/v1", "EndpointSlice"),
}
"""What the folders, and the files of cluster-wide kinds, hold."""


def _folder(parts: tuple[str, ...]) -> tuple[str, ...]:
    """What stands behind `cluster-resources`, which is the first folder or lies in it."""
    for depth in (0, 1):
        if parts[depth : depth + 1] == (FOLDER,):
            return parts[depth + 1 :]
    return ()


def bare(parts: tuple[str, ...]) -> TypeMeta:
    """What objects without kind in that file are."""
    inside = _folder(parts)
    if not 1 <= len(inside) <= 2 or not inside[-1].endswith(".json"):
        return UNKNOWN
    return LAYOUT.get(inside[0].removesuffix(".json"), UNKNOWN)


def refused(parts: tuple[str, ...]) -> TypeMeta:
    """The kind whose errors the file holds, if it holds errors."""
    inside = _folder(parts)
    stem = inside[0].removesuffix(".json") if len(inside) == 1 else ""
    return LAYOUT.get(stem.removesuffix(_ERRORS), UNKNOWN) if stem.endswith(_ERRORS) else UNKNOWN


def refusals(data: bytes | memoryview) -> list[str]:
    """Where listing failed: the namespaces that a file of errors names, or one empty name; none if none."""
    try:
        errors = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return [""]
    if isinstance(errors, dict):
        return sorted(namespace for namespace, error in errors.items() if error)
    return [""] if errors else []
