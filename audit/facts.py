"""Facts: what the checks, the queries and the report read of a snapshot."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from audit import enforcement
from audit.enforcement import Pool
from audit.exposure import cluster as clusters
from audit.exposure import (
    exposure,
    isolation,
    owners,
    platform,
    policies,
    scopes,
    services,
    statements,
    ways,
)
from audit.exposure.blast import Blast
from audit.exposure.cluster import Cluster, Subject
from audit.exposure.container_ports import ContainerPorts
from audit.exposure.possible import Possible
from audit.exposure.scopes import Members
from audit.exposure.ways import Way
from audit.frameworks import Platform
from audit.policy.identities import Ints
from audit.policy.model import Direction
from audit.settings import Settings
from audit.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
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
    def ways(self) -> list[Way]:
        """The ways in from outside."""
        return ways.ways(self.snapshot, self.cluster, self.selected_by_service, self.container_ports)

    @cached_property
    def exposed(self) -> dict[Subject, str]:
        """The workloads that a way leads to, each with what the first is called."""
        return ways.exposed(self.ways, self.cluster)

    @cached_property
    def workload_of_pod(self) -> Ints:
        """The row of `workloads` that each pod belongs to."""
        grouped = self.pods.groupby(["namespace", "workload"], observed=True, sort=True)
        numbers: Ints = grouped.ngroup().to_numpy().astype(np.int64)
        return numbers

    @cached_property
    def exposure(self) -> pd.DataFrame:
        """EXPOSURE: the ways with what policies let in by them, and where they lead."""
        blast = Blast(
            self.snapshot,
            self.settings,
            self.cluster,
            self.workload_of_pod,
            self.workloads,
            self.namespaces,
            self.sensitive,
        )
        unevaluated = self.namespaces["unevaluated_policies"].tolist()
        return exposure.exposure(self.snapshot, self.cluster, self.ways, blast, unevaluated)

    @cached_property
    def scopes(self) -> list[Members]:
        """What is in the scopes of the configuration."""
        return scopes.members(self.settings.scopes, self.cluster)

    @cached_property
    def sensitive(self) -> dict[Subject, str]:
        """The subjects in sensitive scopes, each with the name of the first."""
        return scopes.sensitive(self.scopes, self.cluster)

    @cached_property
    def container_ports(self) -> ContainerPorts:
        """The ports that the containers of the pods declare."""
        return ContainerPorts(self.cluster, self.snapshot["ports"])

    @cached_property
    def possible(self) -> dict[Direction, Possible]:
        """With whom pods may connect that are not isolated for a direction."""
        return {direction: Possible(self.cluster, direction) for direction in Direction}

    @cached_property
    def platform(self) -> Platform | None:
        """What kind of Kubernetes the cluster says that it is."""
        return platform.platform(self.snapshot)

    @cached_property
    def pools(self) -> list[Pool]:
        """The node pools, each with what its network plug-in does with policies."""
        return enforcement.pools(self.snapshot)

    @cached_property
    def enforcement(self) -> pd.DataFrame:
        """ENFORCEMENT: the same as a table."""
        return enforcement.table(self.pools)

    @cached_property
    def reach(self) -> pd.DataFrame:
        """POD_FACTS; as `pods`. Worked out when it is first asked for: a comparison, say, does without."""
        of_pods = services.of_pods(self.snapshot, self.selected_by_service, len(self.pods))
        return isolation.with_reach(self.cluster, self.pods.assign(services=of_pods))


def evaluate(snapshot: Snapshot, settings: Settings) -> Facts:
    """Work out what the policies of `snapshot` mean."""
    cluster = clusters.build(snapshot)
    unevaluated = policies.unevaluated(snapshot, cluster)
    selected = services.selected(snapshot, cluster)
    pods = isolation.pods(cluster, unevaluated)
    of_namespaces = owners.owners(snapshot, cluster.namespaces, settings.annotations.owner)
    told = statements.statements(
        cluster.policy_rows,
        dict(zip(cluster.namespaces, of_namespaces, strict=True)),
        settings.annotations,
    )
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
            of_namespaces,
        ),
        workloads=isolation.workloads(cluster, pods, unevaluated, settings.systems),
        services=services.services(snapshot, selected),
        selected_by_service=selected,
        policies=policies.policies(snapshot, cluster, told),
        rules=policies.rules(cluster, told),
        defects=policies.defects(snapshot, cluster),
    )
