"""Realistic clusters of any size, as snapshots: the same options always give the same cluster.

    python -m bench.generate --pods 150000 --namespaces 10000 --policies 50000 cluster.zip

writes a snapshot file; a name that ends in .json or .yaml gets what `kubectl get -o` would print of it.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from ipaddress import IPv4Address
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.frames import NO_SET, SNAPSHOT_TABLES
from audit.snapshot import Provenance, Snapshot, save
from bench.manifests import write_json, write_yaml
from bench.policies import APPS, ENVIRONMENTS, TEAMS, TIERS, Object, policies

Ints = NDArray[np.int64]
Column = Sequence[object] | NDArray[Any] | pd.Series

KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job", "Pod")
_SHARES: Final = (0.62, 0.15, 0.08, 0.12, 0.03)
_SYSTEM: Final = ("kube-system", "monitoring")
_PORTS: Final = (
    (),
    (("http", "TCP", 8080),),
    (("http", "TCP", 80),),
    (("http", "TCP", 3000), ("metrics", "TCP", 9090)),
    (("grpc", "TCP", 50051), ("metrics", "TCP", 9102)),
    (("", "TCP", 8443),),
    (("postgres", "TCP", 5432), ("metrics", "TCP", 9187)),
    (("mysql", "TCP", 3306),),
    (("dns", "UDP", 53), ("dns-tcp", "TCP", 53), ("metrics", "TCP", 9153)),
)
_RUNNING, _PENDING, _SUCCEEDED, _FAILED = "Running", "Pending", "Succeeded", "Failed"
_FIRST_POD: Final = int(IPv4Address("10.64.0.0"))
_FIRST_POD_6: Final = 0xFD00_0000_0000_0001 << 64
_FIRST_NODE: Final = int(IPv4Address("10.0.0.1"))
_FIRST_SERVICE: Final = int(IPv4Address("10.96.0.1"))
_MANY: Final = 5
"""Pods of a workload, about."""


@dataclass(frozen=True)
class Options:
    """What cluster to make."""

    pods: int = 1_000
    namespaces: int = 70
    policies: int = 300
    services: int = 70
    nodes: int = 30
    workloads: int = 0
    """0: one for every five pods."""
    seed: int = 1
    unique: bool = False
    """Every pod has a label of its own that some policy mentions: every pod is its own class."""
    cidr_per_pod: bool = False
    """Some policy names each pod's address as a block of its own."""
    equal: bool = False
    """All pods are equal pods of one workload."""
    all_open: bool = False
    """No policies."""


@dataclass(frozen=True)
class _Plan:
    """A cluster in numbers: which workload is of which namespace, which pod of which workload."""

    namespaces: list[str]
    names: list[str]
    """Of workloads, as are the next five."""
    home: Ints
    kind: Ints
    app: Ints
    ports: Ints
    host_network: NDArray[np.bool_]
    workload: Ints
    """Of pods, as is the next: the place among the workload's pods."""
    ordinal: Ints


def cluster(options: Options) -> Snapshot:
    """The cluster as a snapshot."""
    rng = np.random.default_rng(options.seed)
    plan = _plan(options, rng)
    sets, labels = _labels(options, plan, rng)
    tables = {
        "labels": labels,
        "ports": _table(
            "ports",
            set=[i for i, ports in enumerate(_PORTS) for _ in ports],
            name=[name for ports in _PORTS for name, _, _ in ports],
            protocol=[protocol for ports in _PORTS for _, protocol, _ in ports],
            number=[number for ports in _PORTS for _, _, number in ports],
        ),
        "namespaces": _table("namespaces", name=plan.namespaces, labels=sets["namespaces"]),
        "pods": _pods(options, plan, sets["pods"], rng),
        "addresses": _addresses(options, plan),
        "nodes": _table(
            "nodes",
            name=[f"node-{i:04}" for i in range(options.nodes)],
            addresses=[_node_address(i) for i in range(options.nodes)],
            kubelet_version=["v1.34.1"] * options.nodes,
        ),
        **_services(options, plan, sets["apps"], rng),
        "policies": _policies(options, plan, rng),
    }
    asked = ("namespaces", "pods", "services", "nodes", "networkpolicies")
    counts = [len(tables[kind if kind != "networkpolicies" else "policies"]) for kind in asked]
    tables["kinds"] = _table("kinds", kind=asked, state=["listed"] * len(asked), objects=counts)
    provenance = Provenance(
        kind="cluster",
        description=f"generated, seed {options.seed}",
        taken="2026-01-15T08:00:00Z",
        tool_version="bench",
    )
    return Snapshot(provenance, tables)


def _plan(options: Options, rng: np.random.Generator) -> _Plan:
    namespaces = [*_SYSTEM, *(f"ns-{i:05}" for i in range(options.namespaces - len(_SYSTEM)))]
    number = 1 if options.equal else max(1, options.workloads or options.pods // _MANY)
    kind = np.zeros(1, np.int64) if options.equal else rng.choice(len(KINDS), number, p=_SHARES)
    app = rng.integers(0, len(APPS), number)
    # each workload has a pod, and some have many more than others; a bare pod is its own
    more = rng.lognormal(0, 1, number) * (kind != KINDS.index("Pod"))
    spare = max(0, options.pods - number)
    extra = rng.choice(number, spare, p=more / more.sum()) if spare else np.empty(0, np.int64)
    workload = np.sort(np.concatenate([np.arange(min(number, options.pods)), extra]))
    return _Plan(
        namespaces=namespaces,
        names=[f"{APPS[a]}-{i}" for i, a in enumerate(app.tolist())],
        home=np.sort(rng.integers(0, len(namespaces), number)),
        kind=kind,
        app=app,
        ports=rng.integers(0, len(_PORTS), number),
        host_network=(kind == KINDS.index("DaemonSet")) & (rng.random(number) < 0.4),
        workload=workload,
        ordinal=np.arange(len(workload)) - np.searchsorted(workload, workload),
    )


def _labels(
    options: Options, plan: _Plan, rng: np.random.Generator
) -> tuple[Mapping[str, Ints], pd.DataFrame]:
    """The numbers of the sets of labels of pods, namespaces and apps, and all sets.

    Pods of a StatefulSet have a set each; those of other workloads share theirs.
    """
    names = np.array(plan.names)
    single = plan.kind == KINDS.index("StatefulSet")
    own = np.ones(len(plan.workload), np.bool_) if options.unique else single[plan.workload]
    first = own | (plan.ordinal == 0)
    pods = np.cumsum(first)
    workload = plan.workload[first]
    kind = plan.kind[workload]
    pod = np.flatnonzero(first)
    everyone = np.ones(len(workload), np.bool_)
    hashes = np.array([f"{h:010x}" for h in rng.integers(0, 1 << 40, len(names)).tolist()])
    versions = np.array([f"1.{i}.0" for i in range(20)])
    rows = [
        ("app", everyone, np.array(APPS)[plan.app]),
        ("app.kubernetes.io/name", everyone, np.array(APPS)[plan.app]),
        ("app.kubernetes.io/instance", everyone, names),
        ("app.kubernetes.io/version", plan.app[workload] % 3 > 0, versions[plan.app % len(versions)]),
        ("tier", everyone, np.array(TIERS)[plan.app % len(TIERS)]),
        ("k8s-app", plan.home[workload] == 0, np.full(len(names), "kube-dns")),
        ("pod-template-hash", kind == KINDS.index("Deployment"), hashes),
        ("controller-revision-hash", np.isin(kind, [1, 2]), hashes),
        ("batch.kubernetes.io/job-name", kind == KINDS.index("Job"), names),
        ("run", kind == KINDS.index("Pod"), names),
    ]
    found = [(key, pods[pod[has]], values[workload[has]]) for key, has, values in rows]
    alone = kind == KINDS.index("StatefulSet")
    each = [
        f"{names[w]}-{o}"
        for w, o in zip(workload[alone].tolist(), plan.ordinal[pod[alone]].tolist(), strict=True)
    ]
    found.append(("statefulset.kubernetes.io/pod-name", pods[pod[alone]], np.array(each, dtype=str)))
    if options.unique:
        found.append(("pod-id", pods[pod], np.array([_pod_id(p) for p in pod.tolist()])))
    spaces = pods[-1] + 1 + np.arange(len(plan.namespaces))
    teams = np.array(TEAMS)[spaces % len(TEAMS)]
    found += [
        ("kubernetes.io/metadata.name", spaces, np.array(plan.namespaces)),
        ("team", spaces, teams),
        ("env", spaces, np.array(ENVIRONMENTS)[spaces % len(ENVIRONMENTS)]),
    ]
    apps = spaces[-1] + 1 + np.arange(len(APPS))
    found.append(("app", apps, np.array(APPS)))
    frame = _table(
        "labels",
        set=np.concatenate([numbers for _, numbers, _ in found]),
        key=np.repeat([key for key, _, _ in found], [len(numbers) for _, numbers, _ in found]),
        value=np.concatenate([values for _, _, values in found]),
    )
    return {"pods": pods, "namespaces": spaces, "apps": apps}, frame.sort_values(
        ["set", "key"], ignore_index=True
    )


def _pods(options: Options, plan: _Plan, labels: Ints, rng: np.random.Generator) -> pd.DataFrame:
    workload, size = plan.workload, len(plan.workload)
    kind = plan.kind[workload]
    chance = rng.random(size)
    job = kind == KINDS.index("Job")
    phase = np.select(
        [job & (chance < 0.7), job & (chance < 0.75), chance > 0.99],
        [_SUCCEEDED, _FAILED, _PENDING],
        _RUNNING,
    )
    node = np.arange(size) % options.nodes
    names = np.array(plan.names)[workload].tolist()
    bare = (kind == KINDS.index("Pod")).tolist()
    return _table(
        "pods",
        namespace=_coded(plan.home[workload], plan.namespaces),
        name=[n if b else f"{n}-{o}" for n, o, b in zip(names, plan.ordinal.tolist(), bare, strict=True)],
        workload_kind=_coded(kind, KINDS),
        workload=names,
        labels=labels,
        ports=plan.ports[workload],
        host_network=plan.host_network[workload],
        phase=phase,
        node=_coded(node, [f"node-{i:04}" for i in range(options.nodes)]),
        host_addresses=_coded(node, [_node_address(i) for i in range(options.nodes)]),
    )


def _addresses(options: Options, plan: _Plan) -> pd.DataFrame:
    """Every pod has an IPv4 address, those of every fourth workload an IPv6 address too."""
    pod = np.arange(len(plan.workload))
    dual = pod[plan.workload % 4 == 0]
    low = np.where(plan.host_network[plan.workload], _FIRST_NODE + pod % options.nodes, _FIRST_POD + pod)
    return _table(
        "addresses",
        pod=np.concatenate([pod, dual]),
        family=np.repeat([4, 6], [len(pod), len(dual)]),
        high=np.repeat(np.array([0, _FIRST_POD_6 >> 64], np.uint64), [len(pod), len(dual)]),
        low=np.concatenate([low, dual + 1]),
    ).sort_values(["pod", "family"], ignore_index=True)


def _services(options: Options, plan: _Plan, apps: Ints, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Services, each for the app of some workload, but for every fiftieth, which has no selector."""
    number = np.arange(options.services)
    workload = rng.integers(0, len(plan.names), options.services)
    served = [_PORTS[i] or (("", "TCP", 80),) for i in plan.ports[workload].tolist()]
    flat = [port for ports in served for port in ports]
    return {
        "services": _table(
            "services",
            namespace=np.array(plan.namespaces)[plan.home[workload]],
            name=[f"svc-{i}" for i in number.tolist()],
            selector=np.where(number % 50 == 49, NO_SET, apps[plan.app[workload]]),
            type=np.where(number % 20 == 19, "LoadBalancer", "ClusterIP"),
            cluster_ips=[str(IPv4Address(_FIRST_SERVICE + i)) for i in number.tolist()],
        ),
        "service_ports": _table(
            "service_ports",
            service=np.repeat(number, [len(ports) for ports in served]),
            name=[name for name, _, _ in flat],
            protocol=[protocol for _, protocol, _ in flat],
            port=[target // 100 * 100 or 80 for _, _, target in flat],
            target=[name or str(target) for name, _, target in flat],
        ),
    }


def _policies(options: Options, plan: _Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Four of five namespaces have policies."""
    number = 0 if options.all_open else options.policies
    homes = np.sort(rng.integers(0, max(1, len(plan.namespaces) * 4 // 5), number))
    apps: list[list[str]] = [[] for _ in plan.namespaces]
    for home, app in zip(plan.home.tolist(), plan.app.tolist(), strict=True):
        apps[home].append(APPS[app])
    objects = list(policies(Random(options.seed), homes.tolist(), plan.namespaces, apps))  # noqa: S311  # no secret
    if objects and (options.unique or options.cidr_per_pod):
        for first, obj in enumerate(objects):
            pods = range(first, len(plan.workload), len(objects))
            obj["spec"].setdefault("ingress", []).append({"from": list(_peers_by_pod(options, pods))})
    metadata = [obj["metadata"] for obj in objects]
    return _table(
        "policies",
        api_version=[obj["apiVersion"] for obj in objects],
        kind=[obj["kind"] for obj in objects],
        namespace=[each["namespace"] for each in metadata],
        name=[each["name"] for each in metadata],
        uid=[each["uid"] for each in metadata],
        generation=[each["generation"] for each in metadata],
        created=[each["creationTimestamp"] for each in metadata],
        managers=["helm"] * len(objects),
        object=[msgspec.json.encode(obj).decode() for obj in objects],
    )


def _peers_by_pod(options: Options, pods: Sequence[int]) -> Iterator[Object]:
    """Peers of one rule that tell each of `pods` from all others."""
    if options.unique:
        ids = [_pod_id(pod) for pod in pods]
        mention = {"key": "pod-id", "operator": "In", "values": ids}
        yield {"namespaceSelector": {}, "podSelector": {"matchExpressions": [mention]}}
    if options.cidr_per_pod:
        yield from ({"ipBlock": {"cidr": f"{IPv4Address(_FIRST_POD + pod)}/32"}} for pod in pods)


def _table(name: str, /, **columns: Column) -> pd.DataFrame:
    """The table of a snapshot; a column that is not given has zeros or empty texts."""
    size = len(next(iter(columns.values())))
    schema = SNAPSHOT_TABLES[name]
    blank: dict[str, Column] = {
        c.name: [""] * size if c.dtype in {"str", "category"} else np.zeros(size) for c in schema.columns
    }
    return schema.frame({**blank, **columns})


def _coded(codes: Ints, texts: Sequence[str]) -> pd.Series:
    """The text of each code."""
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(list(texts), dtype="str")))


def _node_address(node: int) -> str:
    return str(IPv4Address(_FIRST_NODE + node))


def _pod_id(pod: int) -> str:
    return f"p{pod}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the cluster that the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="NAME.zip, NAME.json or NAME.yaml")
    for option in fields(Options):
        flag = f"--{option.name.replace('_', '-')}"
        if isinstance(option.default, bool):
            parser.add_argument(flag, action="store_true")
        else:
            parser.add_argument(flag, type=int, default=option.default, metavar="N")
    chosen = vars(parser.parse_args(arguments))
    file: Path = chosen.pop("file")
    snapshot = cluster(Options(**chosen))
    writers = {".json": write_json, ".yaml": write_yaml, ".zip": save}
    if file.suffix not in writers:
        parser.error(f"{file}: the name must end in {', '.join(writers)}")
    writers[file.suffix](snapshot, file)


if __name__ == "__main__":
    main()
