"""Who may come in from outside, by what, to which workload and port, what policies say, and what is next."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.exposure.admitted import Admitted
from audit.exposure.backends import Via
from audit.exposure.blast import Blast
from audit.exposure.cluster import Cluster, owners
from audit.exposure.ways import Way
from audit.frames import EXPOSURE
from audit.policy.identities import NOT_IN_A_NAMESPACE, Ints
from audit.policy.kinds import GOVERNING
from audit.policy.model import Direction
from audit.snapshot import READABLE, Snapshot

ANY: Final = "any"
NOT_ASSESSED: Final = "not_assessed"

_BY_NODES: Final = (Via.LOAD_BALANCER, Via.NODE_PORT)
_ORDER: Final = ["workload", "via", "object", "protocol", "port"]


def in_doubt(rows: pd.DataFrame) -> pd.Series:
    """Which rows of EXPOSURE tell what NetworkPolicies alone say, or nothing: others may change it."""
    return rows["allowed"].eq(NOT_ASSESSED) | rows["unevaluated_policies"].ne("")


def exposure(
    snapshot: Snapshot, cluster: Cluster, ways: Sequence[Way], blast: Blast, unevaluated: Sequence[str]
) -> pd.DataFrame:
    """The frame EXPOSURE: a row for each way and workload; `unevaluated` has a text for each namespace.

    Verdicts are by identity and port: of the pods of a workload the most open says what is let in.
    """
    admitted = Admitted(cluster, ways)
    doubtful = _Doubtful(snapshot, cluster)
    isolated = cluster.engine.isolated(Direction.INGRESS)
    policies = snapshot["services"]["external_traffic_policy"].astype("str").tolist()
    rows: list[dict[str, object]] = []
    for way in ways:
        senders = "" if way.through is None else _senders(cluster, way.through)
        by_nodes = way.via in _BY_NODES and way.service is not None
        for workload, pods in _by_workload(blast.of_pod[way.pods], way.pods):
            identities = np.unique(cluster.identity_of_pod[pods])
            governed = identities[cluster.engine.ends.namespace[identities] != NOT_IN_A_NAMESPACE]
            let = max(admitted.of(way, identity) for identity in identities.tolist()).word
            home = int(blast.home[workload])
            unknown = doubtful.is_(way, home, isolated[governed])
            reached = blast.of(workload, identities)
            rows.append(
                {
                    "via": str(way.via),
                    "object": way.object,
                    "sources": " ".join(way.sources) or ANY,
                    "workload": blast.names[workload],
                    "port": way.port,
                    "protocol": way.protocol,
                    "ingress_isolated": bool(isolated[governed].all()) if len(governed) else None,
                    "allowed": NOT_ASSESSED if unknown else let,
                    "next_workloads": reached.next_workloads,
                    "next_namespaces": reached.next_namespaces,
                    "reachable_workloads": reached.workloads,
                    "reachable_namespaces": reached.namespaces,
                    "first_that_matter": reached.first,
                    "internal": way.internal,
                    "through": senders,
                    "traffic_policy": (policies[way.service or 0] or "Cluster") if by_nodes else "",
                    "namespace": cluster.namespaces[home],
                    "pods": len(pods),
                    "unevaluated_policies": unevaluated[home],
                }
            )
    frame = EXPOSURE.frame({name: [row[name] for row in rows] for name in EXPOSURE.names})
    return frame.sort_values(_ORDER, kind="stable", ignore_index=True)


def _by_workload(workloads: Ints, pods: Ints) -> Iterator[tuple[int, Ints]]:
    """The pods of each workload, by its number."""
    for number in np.unique(workloads).tolist():
        yield number, pods[workloads == number]


def _senders(cluster: Cluster, pods: Ints) -> str:
    """The workloads of pods that send on what comes in."""
    return " ".join(sorted(f"{namespace}/{kind}/{name}" for kind, namespace, name in owners(cluster, pods)))


class _Doubtful:
    """Where policies that nobody could read may change the verdict."""

    def __init__(self, snapshot: Snapshot, cluster: Cluster) -> None:
        states = {kind: snapshot.state(kind) for kind in ("networkpolicies", *GOVERNING)}
        asked = [kind for kind, state in states.items() if state != "not asked" or kind == "networkpolicies"]
        unread = [snapshot.read_in(kind) for kind in asked if states[kind] not in READABLE]
        self._cluster = cluster
        self._namespaces = [any(name not in read for read in unread) for name in cluster.namespaces]
        self._peers = all(snapshot.state(kind) in READABLE for kind in ("namespaces", "pods"))

    def is_(self, way: Way, home: int, isolated: NDArray[np.bool_]) -> bool:
        """Whether the verdict on a way to pods of a namespace, isolated or not, is one of these."""
        if not len(isolated):
            return False
        if self._namespaces[home]:
            return True
        if not way.by_a_controller:
            return False
        # who sends on is a pod, with labels of its own and of its namespace, and policies at its end
        spaces = () if way.through is None else np.unique(self._cluster.namespace_of_pod[way.through])
        return any(self._namespaces[space] for space in spaces) or (bool(isolated.all()) and not self._peers)
