"""The scopes of the configuration: which namespaces and pods are in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.exposure.cluster import Cluster, Subject, owners
from audit.settings import Chosen, Scope


@dataclass(frozen=True)
class Members:
    """What is in a scope."""

    scope: Scope
    namespaces: NDArray[np.bool_]
    """By number of the namespace: it is in the scope whole or in part."""
    pods: NDArray[np.bool_]
    """By row of `Cluster.pods`."""


def members(scopes: Sequence[Scope], cluster: Cluster) -> list[Members]:
    """What is in each scope."""
    return [_members(scope, cluster) for scope in scopes]


def sensitive(found: Sequence[Members], cluster: Cluster) -> dict[Subject, str]:
    """The subjects in sensitive scopes, each with the name of the first scope that it is in.

    Namespaces, workloads with a pod in it, and policies that select one, or are in a namespace that is in it
    whole.
    """
    named: dict[Subject, str] = {}
    for one in found:
        if one.scope.sensitive:
            named = dict.fromkeys(subjects(one, cluster), one.scope.name) | named
    return named


def subjects(one: Members, cluster: Cluster) -> Iterator[Subject]:
    """The namespaces, workloads and policies in a scope."""
    chosen = np.flatnonzero(one.namespaces).tolist()
    yield from (("Namespace", cluster.namespaces[n], cluster.namespaces[n]) for n in chosen)
    yield from owners(cluster, one.pods)
    identities = np.zeros(len(cluster.engine.ends.identities), np.bool_)
    identities[cluster.identity_of_pod[one.pods]] = True
    inside = one.namespaces[cluster.namespace_of_policy]
    for number in np.flatnonzero(inside).tolist():
        if one.scope.pod_selector is None or identities[cluster.engine.selected[number]].any():
            policy = cluster.policies[number]
            yield "NetworkPolicy", policy.namespace, policy.name


def _members(scope: Scope, cluster: Cluster) -> Members:
    namespaces, pods = chosen(scope, cluster)
    if scope.pod_selector is not None:
        namespaces &= np.bincount(cluster.namespace_of_pod[pods], minlength=len(namespaces)) > 0
    return Members(scope, namespaces, pods)


def chosen(what: Chosen, cluster: Cluster) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The namespaces and the pods that are chosen; of those namespaces perhaps not all pods, or none."""
    ends = cluster.engine.ends
    namespaces: NDArray[np.bool_] = np.isin(cluster.namespaces, list(what.namespaces))
    if what.namespace_selector is not None:
        namespaces |= ends.namespaces(what.namespace_selector.meant(()))
    elif not what.namespaces:
        namespaces[:] = True
    pods: NDArray[np.bool_] = namespaces[cluster.namespace_of_pod]
    if what.pod_selector is not None:
        labels = cluster.pods["labels"].to_numpy(np.int64)
        pods &= ends.pod_labels.matches(what.pod_selector.meant(()), labels)
    return namespaces, pods
