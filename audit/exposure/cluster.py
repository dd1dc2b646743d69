"""Snapshot -> the pods that count, the NetworkPolicies, and the engine that judges them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.errors import CollectError
from audit.frames import LABELS
from audit.policy.addresses import Cells
from audit.policy.ends import Ends
from audit.policy.engine import Engine
from audit.policy.hops import Hops, worked_out
from audit.policy.identities import Ints, Pods, blocks, identify
from audit.policy.model import Policy
from audit.policy.parse import parse
from audit.policy.selectors import NAME_LABEL
from audit.snapshot import Snapshot

EVALUATED_APIS: Final = ("networking.k8s.io/v1", "extensions/v1beta1")
_FINISHED: Final = ("Succeeded", "Failed")
_FEW: Final = 64
"""Identities below this number are looked up one by one."""

Subject = tuple[str, str, str]
"""Kind, namespace and name of an object."""


@dataclass(frozen=True)
class Cluster:
    """One cluster, ready to be asked what its policies allow."""

    namespaces: list[str]
    """Names of all namespaces that exist, sorted; a namespace's number is its place here."""
    pods: pd.DataFrame
    """Rows of the snapshot's `pods` that count; pod i of the engine is row i."""
    finished: pd.DataFrame
    """Rows of the snapshot's `pods` that have finished: they neither count nor own their address."""
    policies: list[Policy]
    policy_rows: pd.DataFrame
    """Rows of the snapshot's `policies`, beside `policies`."""
    engine: Engine
    namespace_of_pod: Ints
    """The number of each pod's namespace."""
    addresses: pd.DataFrame
    """As `frames.ADDRESSES`, of the pods that count."""

    @property
    def identity_of_pod(self) -> Ints:
        """The identity of each pod."""
        return self.engine.ends.identities.of_pod

    def pods_of(self, identities: Ints) -> Ints:
        """The pods of these identities."""
        order, bounds = self._by_identity
        if len(identities) > _FEW:
            return np.flatnonzero(np.isin(self.identity_of_pod, identities))
        return np.concatenate([order[:0], *(order[bounds[i] : bounds[i + 1]] for i in identities.tolist())])

    @cached_property
    def hops(self) -> Hops | None:
        """Which identities reach which; None where policies have too much to do with each other."""
        return worked_out(self.engine)

    @cached_property
    def _by_identity(self) -> tuple[Ints, Ints]:
        """The pods in the order of their identities, and where in it each identity begins."""
        order = np.argsort(self.identity_of_pod, kind="stable")
        count = len(self.engine.ends.identities)
        return order, np.searchsorted(self.identity_of_pod[order], np.arange(count + 1))

    @property
    def namespace_of_policy(self) -> Ints:
        """The number of each policy's namespace."""
        return self.engine.namespaces


def build(snapshot: Snapshot) -> Cluster:
    """The cluster that `snapshot` shows."""
    policy_rows = evaluated(snapshot["policies"])
    policies = _parsed(policy_rows)
    namespaces = _namespaces(snapshot, policy_rows)
    everything = snapshot["pods"]
    counts = ~everything["phase"].isin(_FINISHED).to_numpy()
    rows = everything[counts].reset_index(drop=True)
    number = pd.Index(namespaces)
    pods = Pods(
        namespace=_numbers(number, rows["namespace"]),
        labels=rows["labels"].to_numpy(np.int64),
        ports=rows["ports"].to_numpy(np.int64),
        host_network=rows["host_network"].to_numpy(),
        addresses=_addresses(snapshot["addresses"], counts),
        label_sets=snapshot["labels"],
        port_sets=snapshot["ports"],
    )
    cells = Cells({block for policy in policies for block in blocks(policy)})
    identities = identify(pods, policies, cells, len(namespaces))
    ends = Ends(pods, identities, cells, _namespace_labels(snapshot, namespaces))
    return Cluster(
        namespaces=namespaces,
        pods=rows,
        finished=everything[~counts].reset_index(drop=True),
        policies=policies,
        policy_rows=policy_rows,
        engine=Engine(policies, _numbers(number, policy_rows["namespace"]), ends),
        namespace_of_pod=pods.namespace,
        addresses=pods.addresses,
    )


def owners(cluster: Cluster, pods: Ints | NDArray[np.bool_]) -> list[Subject]:
    """The workloads of these pods, each once."""
    columns = ["workload_kind", "namespace", "workload"]
    found = cluster.pods.loc[pods, columns].drop_duplicates().astype("str")
    return list(found.itertuples(index=False, name=None))


def _parsed(rows: pd.DataFrame) -> list[Policy]:
    try:
        return [parse(msgspec.json.decode(text, type=dict[str, Any])) for text in rows["object"].tolist()]
    except (msgspec.MsgspecError, RecursionError) as error:
        # what segaudit collects is JSON; only a snapshot that was altered can hold anything else
        raise CollectError("the snapshot holds a policy that is no JSON object; take it again") from error


def evaluated(policies: pd.DataFrame) -> pd.DataFrame:
    """The rows of the snapshot's `policies` that are NetworkPolicies of Kubernetes' own API."""
    return policies[are_evaluated(policies)].reset_index(drop=True)


def are_evaluated(policies: pd.DataFrame) -> pd.Series:
    """Which rows of the snapshot's `policies` those are."""
    return policies["kind"].isin(["NetworkPolicy"]) & policies["api_version"].isin(EVALUATED_APIS)


def _namespaces(snapshot: Snapshot, policies: pd.DataFrame) -> list[str]:
    """A namespace exists if there is a Namespace object, or a pod, a NetworkPolicy or a Service in it."""
    named = [snapshot["namespaces"]["name"]]
    named += [frame["namespace"] for frame in (snapshot["pods"], policies, snapshot["services"])]
    return sorted({str(name) for column in named for name in column.unique()})


def _numbers(index: pd.Index, names: pd.Series) -> Ints:
    """The place of each name; a category is looked up once, not once a row."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        places = index.get_indexer(names.cat.categories.astype("str"))
        return np.append(places, -1)[names.cat.codes.to_numpy()].astype(np.int64)
    return index.get_indexer(pd.Index(names)).astype(np.int64)


def _addresses(addresses: pd.DataFrame, counts: NDArray[np.bool_]) -> pd.DataFrame:
    """The addresses of the pods that count, by their new row."""
    kept: pd.DataFrame = addresses[counts[addresses["pod"].to_numpy()]]
    return kept.assign(pod=(np.cumsum(counts) - 1)[kept["pod"].to_numpy()])


def _namespace_labels(snapshot: Snapshot, namespaces: list[str]) -> pd.DataFrame:
    """The labels of the namespaces, by their number, as `frames.LABELS` has them.

    Concept page, "Targeting a Namespace by its name": the control plane sets the label with the
    namespace's name on all namespaces; so it is there whatever is written.
    """
    objects = snapshot["namespaces"]
    written = snapshot["labels"][lambda rows: rows["key"] != NAME_LABEL]
    number = _numbers(pd.Index(namespaces), objects["name"])
    rows = pd.DataFrame({"number": number, "set": objects["labels"]}).merge(written, on="set")
    return LABELS.frame(
        {
            "set": np.concatenate([rows["number"].to_numpy(), np.arange(len(namespaces))]),
            "key": [*rows["key"].astype("str"), *[NAME_LABEL] * len(namespaces)],
            "value": [*rows["value"].astype("str"), *namespaces],
        }
    )
