"""Pods -> identities: the classes of pods that no policy can tell apart.

Two pods are one identity if they have the same namespace and, as far as any
policy mentions them, the same labels (a mentioned key's value, *other* or
absent), the same numbers for the same port names, and addresses in the same
cells. Of a hostNetwork pod only the addresses count. Work grows with
identities, never with pods times pods.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.policy.addresses import Block, Cells
from audit.policy.model import Direction, NamedPort, PodPeer, Policy, Selector

FAMILY_BIT = {4: 1, 6: 2}
BOTH_FAMILIES = 3
NOT_IN_A_NAMESPACE = -1

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pods:
    """The pods that count, one row each, and the sets that they refer to.

    `namespace`, `labels` and `ports` number a namespace and sets of the frames `frames.LABELS` and
    `frames.PORTS`; `addresses` has the columns of `frames.ADDRESSES`.
    """

    namespace: Ints
    labels: Ints
    ports: Ints
    host_network: NDArray[np.bool_]
    addresses: pd.DataFrame
    label_sets: pd.DataFrame
    port_sets: pd.DataFrame


@dataclass(frozen=True)
class Identities:
    """The classes, ordered by namespace; hostNetwork ones come first, in no namespace."""

    of_pod: Ints
    """The identity of each pod."""
    namespace: Ints
    """The number of its namespace; NOT_IN_A_NAMESPACE of hostNetwork pods."""
    labels: Ints
    """A set of labels that some pod of it has; any does, as no policy can tell them apart."""
    ports: Ints
    """A set of container ports that some pod of it has."""
    families: NDArray[np.int8]
    """Address families as FAMILY_BITs; both where the pods have no address, which then hinders nothing."""
    bounds: Ints
    """Namespace n has the identities from `bounds[n]` to `bounds[n + 1]`, that one left out."""
    cells: Ints
    """Cells of addresses, an identity's beside each other; ..."""
    cell_bounds: Ints
    """... identity i has `cells[cell_bounds[i]:cell_bounds[i + 1]]`."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self.namespace)


def identify(pods: Pods, policies: Iterable[Policy], cells: Cells, namespaces: int) -> Identities:
    """The identities of `pods` under `policies`, whose blocks have cut `cells`."""
    policies = list(policies)
    alone = pods.host_network
    namespace = np.where(alone, NOT_IN_A_NAMESPACE, pods.namespace)
    labels = np.where(alone, -1, label_classes(pods.label_sets, policies, _size(pods.labels))[pods.labels])
    ports = np.where(alone, -1, _port_classes(pods.port_sets, policies, _size(pods.ports))[pods.ports])
    at = cells.locate(*(pods.addresses[c].to_numpy() for c in ("family", "high", "low")))
    owner = pods.addresses["pod"].to_numpy().astype(np.int64)
    places = number_sets(owner, at, len(namespace))
    key = namespace - NOT_IN_A_NAMESPACE
    for part in (labels + 1, ports + 1, places):
        key = _paired(key, part)
    _, first, of_pod = np.unique(key, return_index=True, return_inverse=True)
    bits = np.zeros(len(namespace), np.int8)
    for family, bit in FAMILY_BIT.items():
        bits[owner[pods.addresses["family"].to_numpy() == family]] |= bit
    chosen = np.isin(owner, first)
    pairs = np.unique(np.stack([of_pod[owner[chosen]], at[chosen]], axis=1), axis=0).reshape(-1, 2)
    return Identities(
        of_pod=of_pod,
        namespace=namespace[first],
        labels=pods.labels[first],
        ports=pods.ports[first],
        families=np.where(bits == 0, BOTH_FAMILIES, bits)[first].astype(np.int8),
        bounds=np.searchsorted(namespace[first], np.arange(namespaces + 1)),
        cells=pairs[:, 1],
        cell_bounds=np.searchsorted(pairs[:, 0], np.arange(len(first) + 1)),
    )


def number_sets(owner: Ints, item: Ints, owners: int) -> Ints:
    """Numbers for the owners 0 to `owners` - 1: two have one number if and only if they have the same items.

    Row i says that `owner[i]` has `item[i]` (0 or more). Exact: no hashes.
    """
    if not len(owner):
        return np.zeros(owners, np.int64)
    width = int(item.max()) + 1
    rows = np.unique(owner.astype(np.int64) * width + item)
    owner, item = rows // width, rows % width
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    number = np.zeros(owners, np.int64)
    by_place = np.argsort(place, kind="stable")
    for now in np.split(by_place, np.flatnonzero(np.diff(place[by_place])) + 1):
        # all owners that have an item at this place of their list; the others keep the number that they have
        _, longer = np.unique(number[owner[now]] * width + item[now], return_inverse=True)
        number[owner[now]] = number.max() + 1 + longer
    dense: Ints = np.unique(number, return_inverse=True)[1]
    return dense


def stretches(first: Ints, last: Ints) -> Ints:
    """The numbers from each of `first` to before that of `last` beside it, one stretch after another."""
    size = last - first
    begins = np.cumsum(size) - size
    numbers: Ints = np.repeat(first - begins, size) + np.arange(size.sum())
    return numbers


def label_classes(label_sets: pd.DataFrame, policies: Iterable[Policy], sets: int) -> Ints:
    """Numbers for the sets of labels 0 to `sets` - 1: equal for those that no pod selector can tell apart."""
    mentioned: dict[str, set[str]] = {}
    for selector in {s for policy in policies for s in pod_selectors(policy)}:
        for requirement in selector.requirements:
            mentioned.setdefault(requirement.key, set()).update(requirement.values)
    rows = label_sets[label_sets["key"].isin(list(mentioned)) & (label_sets["set"] < sets)]
    keys, values = rows["key"].cat, rows["value"].cat
    pair = keys.codes.to_numpy().astype(np.int64) * (len(values.categories) + 1) + values.codes.to_numpy()
    key_code = {key: code for code, key in enumerate(keys.categories)}
    value_code = {value: code for code, value in enumerate(values.categories)}
    known = [
        key_code[key] * (len(values.categories) + 1) + value_code[value]
        for key, wanted in mentioned.items()
        if key in key_code
        for value in wanted
        if value in value_code
    ]
    other = keys.codes.to_numpy().astype(np.int64) * (len(values.categories) + 1) + len(values.categories)
    item = np.where(np.isin(pair, known), pair, other)
    return number_sets(rows["set"].to_numpy().astype(np.int64), item, sets)


def pod_selectors(policy: Policy) -> Iterator[Selector]:
    """All selectors of the policy that are matched on pods."""
    yield policy.selector
    for direction in Direction:
        for rule in policy.written(direction):
            yield from (peer.pods for peer in rule.peers or () if isinstance(peer, PodPeer))


def blocks(policy: Policy) -> Iterator[Block]:
    """All ipBlocks of the policy that have effect."""
    for direction in policy.types:
        for rule in policy.written(direction):
            yield from (peer for peer in rule.peers or () if isinstance(peer, Block))


def _port_classes(port_sets: pd.DataFrame, policies: Iterable[Policy], sets: int) -> Ints:
    names = {
        port.name
        for policy in policies
        for direction in Direction
        for rule in policy.written(direction)
        for port in rule.ports or ()
        if isinstance(port, NamedPort)
    }
    rows = port_sets[port_sets["name"].isin(list(names)) & (port_sets["set"] < sets)]
    item = rows["name"].cat.codes.to_numpy().astype(np.int64)
    for part in (rows["protocol"].cat.codes.to_numpy(), rows["number"].to_numpy()):
        item = _paired(item, part.astype(np.int64))
    return number_sets(rows["set"].to_numpy().astype(np.int64), item, sets)


def _paired(a: Ints, b: Ints) -> Ints:
    """Numbers of the pairs, in the order of the pairs; both are 0 or more, and `a` is dense."""
    if not len(a):
        return a
    numbers: Ints = np.unique(a * (int(b.max()) + 1) + b, return_inverse=True)[1]
    return numbers


def _size(numbers: Ints) -> int:
    return int(numbers.max()) + 1 if len(numbers) else 1
