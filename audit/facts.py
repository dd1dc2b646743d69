"""Facts: what the checks, the queries and the report read of a snapshot."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from audit.exposure import cluster as clusters
from audit.exposure import isolation, owners, policies, services
from audit.exposure.cluster import Cluster
from audit.policy.identities import Ints
from audit.settings import Settings
from audit.snapshot import Snapshot


@dataclass(frozen=True)
class Facts:
    """A snapshot, evaluated. The frames have the columns of `audit.frames`."""

    snapshot: Snapshot
    settings: Settings
    cluster: Cluster
    """The pods that count, the parsed policies, and the engine for questions about pairs."""
    pods: pd.DataFrame
    """POD_ISOLATION; row i is row i of `cluster.pods`."""
    finished_pods: pd.DataFrame
    namespaces: pd.DataFrame
    """NAMESPACE_FACTS; row i is namespace number i."""
    workloads: pd.DataFrame
    services: pd.DataFrame
    """SERVICE_FACTS; row i is row i of the snapshot's `services`."""
    selected_by_service: list[Ints]
    """For each Service the rows of the pods that it selects."""
    policies: pd.DataFrame
    """POLICY_FACTS; row i of those that are evaluated is `cluster.policies[i]`."""
    rules: pd.DataFrame
    defects: pd.DataFrame

    @cached_property
    def reach(self) -> pd.DataFrame:
        """POD_FACTS; as `pods`. Worked out when it is first asked for: a comparison, say, does without."""
        return isolation.with_reach(self.cluster, self.pods)


def evaluate(snapshot: Snapshot, settings: Settings) -> Facts:
    """Work out what the policies of `snapshot` mean."""
    cluster = clusters.build(snapshot)
    unevaluated = policies.unevaluated(snapshot, cluster)
    selected = services.selected(snapshot, cluster)
    pods = isolation.pods(cluster, unevaluated)
    return Facts(
        snapshot=snapshot,
        settings=settings,
        cluster=cluster,
        pods=pods,
        finished_pods=isolation.finished_pods(cluster),
        namespaces=isolation.namespaces(
            cluster,
            unevaluated,
            settings.systems,
            owners.owners(snapshot, cluster.namespaces, settings.annotations.owner),
        ),
        workloads=isolation.workloads(cluster, pods, unevaluated, settings.systems),
        services=services.services(snapshot, selected),
        selected_by_service=selected,
        policies=policies.policies(snapshot, cluster),
        rules=policies.rules(cluster),
        defects=policies.defects(snapshot, cluster),
    )
