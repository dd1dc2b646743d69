"""A snapshot as the list that `kubectl get namespaces,nodes,pods,services,networkpolicies -A` would print.

Pods have the size of real ones: containers with environment, probes and volumes, conditions, managedFields.
The text of a pod is made once for all pods that differ in name, addresses and node only.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from audit.frames import NO_SET
from audit.snapshot import Snapshot

Object = dict[str, Any]

_OWNERS: Final = {
    "Deployment": ("apps/v1", "ReplicaSet"),
    "StatefulSet": ("apps/v1", "StatefulSet"),
    "DaemonSet": ("apps/v1", "DaemonSet"),
    "Job": ("batch/v1", "Job"),
}
_WHEN: Final = "2026-01-14T20:11:09Z"
_MOST_SETTINGS: Final = 24
"""Environment variables of a container: the sizes of pods differ."""
_NAME, _NODE, _HOST, _ADDRESS, _UID = (f"@{word}@" for word in ("name", "node", "host", "address", "uid"))


def write_json(snapshot: Snapshot, path: Path) -> None:
    """As `kubectl get -o json` writes it, indented by four."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{\n    "apiVersion": "v1",\n    "items": [')
        comma = ""
        for text in texts(snapshot, lambda obj: json.dumps(obj, indent=4)):
            file.write(comma + "\n        " + text.replace("\n", "\n        "))
            comma = ","
        file.write(
            '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'
        )


def write_yaml(snapshot: Snapshot, path: Path) -> None:
    """As `kubectl get -o yaml` writes it."""
    with path.open("w", encoding="utf-8") as file:
        file.write("apiVersion: v1\nitems:\n")
        file.writelines(texts(snapshot, lambda obj: yaml.dump([obj], Dumper=yaml.CSafeDumper)))
        file.write('kind: List\nmetadata:\n  resourceVersion: ""\n')


def texts(snapshot: Snapshot, dump: Callable[[Object], str]) -> Iterator[str]:
    """Each object's text, kind by kind; `dump` is called once for all pods that are alike."""
    labels = _sets(snapshot)
    for row in _rows(snapshot["namespaces"]):
        yield dump(_object("v1", "Namespace", _metadata("", row.name, labels[row.labels]), spec={}))
    for row in _rows(snapshot["nodes"]):
        addresses = [{"type": "InternalIP", "address": address} for address in row.addresses.split()]
        status = {"addresses": addresses, "nodeInfo": {"kubeletVersion": row.kubelet_version}}
        yield dump(_object("v1", "Node", _metadata("", row.name, {}), status=status))
    yield from _services(snapshot, labels, dump)
    yield from (dump(json.loads(text)) for text in snapshot["policies"]["object"])
    yield from _pods(snapshot, labels, dump)


def _services(
    snapshot: Snapshot, labels: Mapping[int, Mapping[str, str]], dump: Callable[[Object], str]
) -> Iterator[str]:
    ports: dict[int, list[Object]] = {}
    for row in _rows(snapshot["service_ports"]):
        target = int(row.target) if row.target.isdigit() else row.target
        port = {"name": row.name, "protocol": row.protocol, "port": row.port, "targetPort": target}
        ports.setdefault(row.service, []).append({key: value for key, value in port.items() if value != ""})
    for row in _rows(snapshot["services"]):
        spec: Object = {"type": row.type, "clusterIP": row.cluster_ips, "ports": ports[row.Index]}
        if row.selector != NO_SET:
            spec["selector"] = dict(labels[row.selector])
        yield dump(_object("v1", "Service", _metadata(row.namespace, row.name, {}), spec=spec))


def _pods(
    snapshot: Snapshot, labels: Mapping[int, Mapping[str, str]], dump: Callable[[Object], str]
) -> Iterator[str]:
    ports: dict[int, list[Object]] = {0: []}
    for row in _rows(snapshot["ports"]):
        port = {"name": row.name, "containerPort": row.number, "protocol": row.protocol}
        ports.setdefault(row.set, []).append({key: value for key, value in port.items() if value != ""})
    addresses = _addresses(snapshot)
    made: tuple[object, str] = (None, "")
    for row in _rows(snapshot["pods"]):
        mine = addresses.get(row.Index, [])
        like = (row.namespace, row.workload, row.labels, row.phase, len(mine))
        if made[0] != like:
            made = (like, dump(_pod(row, labels[row.labels], ports[row.ports], len(mine))))
        text = made[1].replace(_NAME, row.name).replace(_NODE, row.node).replace(_HOST, row.host_addresses)
        for place, address in enumerate(mine):
            text = text.replace(f"{_ADDRESS}{place}", address)
        yield text.replace(_UID, f"{row.Index:012}")


def _pod(row: Any, labels: Mapping[str, str], ports: list[Object], addresses: int) -> Object:  # noqa: ANN401  # a row of a frame
    """A pod with marks where pods of its kind differ."""
    metadata = _metadata(row.namespace, _NAME, labels)
    if row.workload_kind in _OWNERS:
        api_version, kind = _OWNERS[row.workload_kind]
        suffix = f"-{labels['pod-template-hash']}" if kind == "ReplicaSet" else ""
        owner = {"apiVersion": api_version, "kind": kind, "name": f"{row.workload}{suffix}"}
        metadata["ownerReferences"] = [
            {**owner, "uid": _uid(), "controller": True, "blockOwnerDeletion": True}
        ]
    metadata["managedFields"] = [_managed("kube-controller-manager", labels)]
    ips = [{"ip": f"{_ADDRESS}{place}"} for place in range(addresses)]
    status = {
        "phase": row.phase,
        "conditions": [
            {"type": name, "status": "True", "lastProbeTime": None, "lastTransitionTime": _WHEN}
            for name in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
        ],
        "containerStatuses": [
            {
                "containerID": f"containerd://{'5e' * 32}",
                "image": "registry.example/app:1.0",
                "imageID": f"registry.example/app@sha256:{'a1' * 32}",
                "name": "main",
                "ready": True,
                "restartCount": 0,
                "started": True,
                "state": {"running": {"startedAt": _WHEN}},
            }
        ],
        "hostIP": _HOST,
        "hostIPs": [{"ip": _HOST}],
        **({"podIP": ips[0]["ip"], "podIPs": ips} if ips else {}),
        "qosClass": "Burstable",
        "startTime": _WHEN,
    }
    spec = {
        "containers": [_container(ports, row.labels % _MOST_SETTINGS)],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        **({"hostNetwork": True} if row.host_network else {}),
        "nodeName": _NODE,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "serviceAccountName": "default",
        "tolerations": [
            {"effect": "NoExecute", "key": f"node.kubernetes.io/{key}", "operator": "Exists"}
            for key in ("not-ready", "unreachable")
        ],
        "volumes": [
            {"name": "token", "projected": {"defaultMode": 420, "sources": [{"configMap": {"name": "ca"}}]}}
        ],
    }
    return _object("v1", "Pod", metadata, spec=spec, status=status)


def _container(ports: list[Object], settings: int) -> Object:
    probe = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10}
    return {
        "name": "main",
        "image": "registry.example/app:1.0",
        "imagePullPolicy": "IfNotPresent",
        "args": ["--config=/etc/app/config.yaml", "--verbosity=2"],
        "env": [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(settings)],
        "livenessProbe": probe,
        "readinessProbe": probe,
        **({"ports": ports} if ports else {}),
        "resources": {"limits": {"memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
        "terminationMessagePath": "/dev/termination-log",
        "volumeMounts": [
            {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "token", "readOnly": True}
        ],
    }


def _managed(manager: str, labels: Mapping[str, str]) -> Object:
    fields = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in labels}}, "f:spec": {"f:containers": {}}}
    return {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": _WHEN, "fieldsV1": fields}


def _object(api_version: str, kind: str, metadata: Object, **parts: object) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def _metadata(namespace: str, name: str, labels: Mapping[str, str]) -> Object:
    there = {"namespace": namespace} if namespace else {}
    more = {"labels": dict(labels)} if labels else {}
    return {
        "name": name,
        **there,
        "creationTimestamp": _WHEN,
        "resourceVersion": "123456",
        "uid": _uid(),
        **more,
    }


def _uid() -> str:
    return f"00000000-0000-4000-8000-{_UID}"


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows, with the columns as attributes; what they hold no type can tell."""
    return iter(frame.itertuples())


def _sets(snapshot: Snapshot) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {0: {}}
    rows = snapshot["labels"]
    for number, key, value in zip(*(rows[c].tolist() for c in ("set", "key", "value")), strict=True):
        found.setdefault(number, {})[key] = value
    return found


def _addresses(snapshot: Snapshot) -> dict[int, list[str]]:
    """The addresses of each pod that has some."""
    found: dict[int, list[str]] = {}
    rows = snapshot["addresses"]
    for pod, family, high, low in zip(*(rows[c].tolist() for c in rows.columns), strict=True):
        address = IPv4Address(low) if family == 4 else IPv6Address(high << 64 | low)
        found.setdefault(pod, []).append(str(address))
    return found
