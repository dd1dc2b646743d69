"""Reports of the OpenReports API (openreports.io/v1alpha1), as YAML for `kubectl apply`.

It is where the PolicyReport of wgpolicyk8s.io went when Kubernetes' policy working group gave it up; fields
are the same but for a few names. A Report a namespace has its findings, one without findings too, so that
it takes the place of the last; the ClusterReport has a result a check, and findings of no namespace.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from reports import values
from reports.legal import legal
from reports.model import Report
from reports.verdicts import Check, Finding, checks, findings

MOST: Final = 200_000
"""Bytes of an object's results as JSON: `kubectl apply` keeps a copy of it in an annotation, for which there
is room for 262,144; etcd takes 1.5 MB."""
_API: Final = "openreports.io/v1alpha1"
_NAME: Final = "segaudit"
_SOURCE: Final = "segaudit"
_CATEGORY: Final = "Network segmentation"
_NAMESPACE: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NO_OBJECT: Final = ("", "Cluster")
_RESULTS: Final = ("pass", "fail", "warn", "error", "skip")
_VERSIONS: Final = {
    **dict.fromkeys(("Namespace", "Pod", "Service", "Node", "ReplicationController"), "v1"),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    "NetworkPolicy": "networking.k8s.io/v1",
}

_Json: TypeAlias = dict[str, Any]


def render_policyreport(report: Report) -> bytes:
    """An object for the cluster, then one or more for each namespace."""
    maker = _Maker(report)
    return b"".join(_dumped(each) for each in maker.objects())


class _Maker:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._time = {"seconds": int(datetime.fromisoformat(report.created).timestamp()), "nanos": 0}

    def objects(self) -> Iterator[_Json]:
        """The objects, the namespaces in their order."""
        namespaces = values.rows(values.table(self._report, "namespaces"), "namespace")
        names = (str(namespace) for (namespace,) in namespaces)
        found: dict[str, list[_Json]] = {name: [] for name in names if _NAMESPACE.fullmatch(name)}
        for finding in findings(self._report):
            found.setdefault(_place(finding), []).append(self._finding(finding))
        of_cluster = [*map(self._check, checks(self._report)), *found.pop("", [])]
        yield from self._split("ClusterReport", {}, of_cluster)
        for namespace, results in sorted(found.items()):
            yield from self._split("Report", {"namespace": namespace}, results)

    def _split(self, kind: str, place: _Json, results: list[_Json]) -> Iterator[_Json]:
        """As many objects as it takes for none to be too large; at least one, perhaps without results."""
        parts: list[list[_Json]] = [[]]
        room = MOST
        for result in results:
            room -= len(msgspec.json.encode(result)) + 1
            if room < 0 and parts[-1]:
                parts.append([])
                room = MOST - len(msgspec.json.encode(result))
            parts[-1].append(result)
        for number, part in enumerate(parts, 1):
            name = _NAME if number == 1 else f"{_NAME}-{number}"
            yield self._object(kind, {"name": name, **place}, part)

    def _object(self, kind: str, metadata: _Json, results: list[_Json]) -> _Json:
        report = self._report
        counts = {result: sum(each["result"] == result for each in results) for result in _RESULTS}
        scope = {"apiVersion": "v1", "kind": "Namespace", "name": metadata.get("namespace")}
        return {
            "apiVersion": _API,
            "kind": kind,
            "metadata": {
                **metadata,
                "labels": {"app.kubernetes.io/managed-by": _SOURCE},
                "annotations": {
                    "segaudit.io/created": report.created,
                    "segaudit.io/cluster": legal(report.subject),
                    f"segaudit.io/{report.evidence}-sha256": report.identifier,
                },
            },
            "source": _SOURCE,
            **({"scope": scope} if scope["name"] else {}),
            "summary": counts,
            "results": results,
        }

    def _check(self, check: Check) -> _Json:
        return {
            "policy": check.check,
            "category": _CATEGORY,
            "severity": check.severity,
            "result": _of_check(check),
            "scored": True,
            "message": f"{check.title}: {check.told or 'nothing to judge'}. {legal(check.reason)}".strip(),
            "timestamp": self._time,
            "properties": {name: str(count) for name, count in check.counts.items()},
        }

    def _finding(self, finding: Finding) -> _Json:
        subject = {
            "apiVersion": _VERSIONS.get(finding.kind, ""),
            "kind": finding.kind,
            "namespace": "" if finding.kind == "Namespace" else legal(finding.namespace),
            "name": legal(finding.name),
        }
        more = {name: getattr(finding, name) for name in ("id", "workload", "waiver", "since", "source")}
        result = {
            "policy": finding.check,
            "rule": finding.rule,
            "category": _CATEGORY,
            "severity": finding.severity,
            "result": "skip" if finding.waived else "fail",
            "scored": True,
            "message": legal(finding.message),
            "timestamp": self._time,
            "resources": [] if finding.kind in _NO_OBJECT else [_known(subject)],
            "properties": {name: legal(text) for name, text in _known(more).items()},
        }
        return _known(result)


def _of_check(check: Check) -> str:
    """A check that could not judge everything could not be evaluated, whatever else passed."""
    if check.failed:
        return "fail"
    if check.error or check.not_assessed:
        return "error"
    return "pass" if check.passed else "skip"


def _place(finding: Finding) -> str:
    """The namespace to report it in, if there can be one of that name; a Namespace is its own."""
    place = finding.namespace or (finding.name if finding.kind == "Namespace" else "")
    return place if _NAMESPACE.fullmatch(place) else ""


def _known(fields: _Json) -> _Json:
    return {name: value for name, value in fields.items() if value}


def _dumped(each: _Json) -> bytes:
    """A document of YAML."""
    import yaml

    written: bytes = yaml.dump(
        each,
        Dumper=_dumper(),
        explicit_start=True,
        sort_keys=False,
        allow_unicode=True,
        width=1 << 20,
        encoding="utf-8",
    )
    return written


@cache
def _dumper() -> type:
    """Every text but for keys is in quotes: readers differ in what else they take for a number."""
    from yaml import CSafeDumper

    class Dumper(CSafeDumper):
        def ignore_aliases(self, _data: object) -> bool:
            return True

        def represent_mapping(self, *arguments: Any) -> Any:  # noqa: ANN401 - as in the base class
            node = super().represent_mapping(*arguments)
            for key, _ in node.value:
                key.style = None
            return node

        def represent_text(self, text: str) -> Any:  # noqa: ANN401 - as in the base class
            return self.represent_scalar("tag:yaml.org,2002:str", text, style='"')

    Dumper.add_representer(str, Dumper.represent_text)
    return Dumper
