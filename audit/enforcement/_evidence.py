"""The evidence: what a snapshot has of nodes and of what runs on them for their network."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from audit.enforcement._agents import Agent, Container, Place, Status
from audit.frames.labels import label_texts
from audit.snapshot import READABLE, Snapshot

_SYSTEM: Final = "kube-system"
_STARTED: Final = "Running"
_WINDOWS: Final = "windows"


@dataclass(frozen=True)
class Node:
    """A node; its number is its place among all."""

    number: int
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    kubelet: str = ""
    provider: str = ""
    unschedulable: bool = False

    @property
    def windows(self) -> bool:
        """Whether it runs Windows."""
        system = self.labels.get("kubernetes.io/os") or self.labels.get("beta.kubernetes.io/os")
        return system == _WINDOWS


@dataclass(frozen=True)
class Evidence:
    """What there is to go by."""

    nodes: tuple[Node, ...]
    agents: tuple[Agent, ...]
    deployments: Mapping[str, tuple[Container, ...]]
    config_maps: Mapping[str, Mapping[str, str]]
    """The kept settings of ConfigMaps, by name."""
    networks: Mapping[str, Mapping[str, Any]]
    """spec of the Network objects of OpenShift, by API group."""
    role_reads_policies: bool | None
    """Whether kindnet's ClusterRole may read policies; None if it was not read."""
    groups: frozenset[str]
    """API groups that are served, as far as that is known."""
    installation: str
    """The object that tells Calico's operator to install it, or empty."""
    endpoints: bool
    """Whether the controller of AWS has written PolicyEndpoints."""
    agents_known: bool
    """Whether an agent that is not here does not run: where none is, nobody may have asked for them."""
    config_known: bool
    """Whether a ConfigMap that is not here does not exist."""

    def running(self, *containers: str, names: tuple[str, ...] = ()) -> Iterator[Agent]:
        """The agents with one of these containers; by name those whose containers are not known."""
        for agent in self.agents:
            if agent.container(*containers) if agent.containers else agent.name in names:
                yield agent

    @property
    def applied(self) -> bool:
        """Whether it is of a cluster, and not of manifests alone."""
        return bool(self.nodes) or any(agent.applied for agent in self.agents)

    @property
    def system_seen(self) -> bool:
        """Whether what the cluster itself runs was read, so that what is not there tells something."""
        system = any(agent.namespace == _SYSTEM for agent in self.agents)
        return self.applied and self.agents_known and system


def gather(snapshot: Snapshot) -> Evidence:
    """The evidence in a snapshot."""
    kept = [(kind, api, ns, name, _json(text)) for kind, api, ns, name, text in _rows(snapshot)]
    nodes = _nodes(snapshot, {name for kind, _, _, name, _ in kept if kind == "Node"})
    agents = _agents(snapshot, [(ns, obj) for kind, _, ns, _, obj in kept if kind == "Pod"])
    applied = bool(nodes) or any(agent.applied for agent in agents)
    readable = {kind for kind in ("daemonsets", "pods") if snapshot.state(kind) in READABLE}
    config = snapshot["configmaps"]
    return Evidence(
        nodes=nodes,
        agents=agents,
        deployments={name: _containers(obj) for kind, _, _, name, obj in kept if kind == "Deployment"},
        config_maps={
            str(name): _json(text).get("data", {})
            for name, text in zip(config["name"].tolist(), config["object"].tolist(), strict=True)
        },
        networks={
            api.partition("/")[0]: obj.get("spec") or {} for kind, api, _, _, obj in kept if kind == "Network"
        },
        role_reads_policies=next(
            (obj.get("networkpolicies") for kind, _, _, _, obj in kept if kind == "ClusterRole"), None
        ),
        groups=frozenset(
            [
                *(version.partition("/")[0] for version in snapshot.provenance.api_groups),
                *(obj["group"] for kind, _, _, _, obj in kept if kind == "CustomResourceDefinition"),
            ]
        ),
        installation=next((f"{kind} {name}" for kind, _, _, name, _ in kept if kind == "Installation"), ""),
        endpoints=snapshot.provenance.others.get("PolicyEndpoint", 0) > 0,
        agents_known=bool(readable and agents),
        config_known=snapshot.state("configmaps") in READABLE or not applied,
    )


def _rows(snapshot: Snapshot) -> Iterator[tuple[str, ...]]:
    columns = ["kind", "api_version", "namespace", "name", "object"]
    return snapshot["agents"][columns].astype("str").itertuples(index=False, name=None)


def _json(text: str) -> dict[str, Any]:
    return msgspec.json.decode(text, type=dict[str, Any])


def _nodes(snapshot: Snapshot, unschedulable: set[str]) -> tuple[Node, ...]:
    rows = snapshot["nodes"]
    sets = label_texts(snapshot["labels"], [*rows["labels"].tolist(), *rows["annotations"].tolist()])
    columns = ("name", "labels", "annotations", "kubelet_version", "provider_id")
    return tuple(
        Node(number, name, sets[labels], sets[annotations], str(kubelet), provider, name in unschedulable)
        for number, (name, labels, annotations, kubelet, provider) in enumerate(
            zip(*(rows[column].tolist() for column in columns), strict=True)
        )
    )


def _agents(snapshot: Snapshot, pods: list[tuple[str, dict[str, Any]]]) -> tuple[Agent, ...]:
    """Every DaemonSet, and of those that were not read their pods."""
    told: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for namespace, pod in pods:
        told[namespace, pod["owner"]].append(pod)
    places = _places(snapshot)
    for key, seen in told.items():
        known = {pod["node"]: Place.READY if pod["ready"] else Place.UNREADY for pod in seen if pod["node"]}
        places[key] = {**places.get(key, {}), **known}
    frame = snapshot["daemonsets"][["namespace", "name", "object"]].astype("str")
    listed = {(ns, name): _json(text) for ns, name, text in frame.itertuples(index=False, name=None)}
    pods_known = snapshot.state("pods") in READABLE and bool(places)
    agents = []
    for key in sorted({*listed, *places}):
        obj = listed.get(key)
        pod = obj["spec"]["template"]["spec"] if obj else (told.get(key) or [{}])[0]
        status = _status(obj)
        # pods that its controller counts and that are not here were not read
        none: dict[str, Place] | None = {} if pods_known and not (status and status.ready) else None
        agents.append(
            Agent(
                *key,
                containers=_containers(pod),
                status=status,
                places=places.get(key, none),
                selector=pod.get("nodeSelector", {}),
                listed=obj is not None,
            )
        )
    return tuple(agents)


def _places(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, Place]]:
    """Where the pods of DaemonSets are, by namespace and name: on a node if it has one."""
    rows = snapshot["pods"]
    rows = rows[rows["host_network"] & (rows["workload_kind"] == "DaemonSet") & (rows["node"] != "")]
    found: dict[tuple[str, str], dict[str, Place]] = {}
    columns = ["namespace", "workload", "node", "phase"]
    for namespace, name, node, phase in rows[columns].astype("str").itertuples(index=False, name=None):
        ready = Place.READY if phase == _STARTED else Place.UNREADY
        found.setdefault((namespace, name), {})[node] = ready
    return found


def _containers(pod: Mapping[str, Any]) -> tuple[Container, ...]:
    return tuple(Container(one["name"], one["image"], one["settings"]) for one in pod.get("containers") or ())


def _status(daemon_set: Mapping[str, Any] | None) -> Status | None:
    """None where no controller has said anything: of a manifest, or of pods alone."""
    status = (daemon_set and daemon_set.get("status")) or {}
    if not status:
        return None
    return Status(status.get("desiredNumberScheduled") or 0, status.get("numberReady") or 0)
