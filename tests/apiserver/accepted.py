"""Objects as they stand in files or in another cluster, made into such as an API server takes for new."""

import ipaddress
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tests.apiserver.server import SERVICE_RANGE

Document = dict[str, Any]

_OF_THE_SERVER: Final = frozenset(
    (
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    )
)
_SERVICE_RANGE: Final = ipaddress.ip_network(SERVICE_RANGE)
_IMAGE: Final = "none"


def single(documents: Iterable[Document | None]) -> Iterator[Document]:
    """The documents without empty ones, and with the items of lists in their place."""
    for document in documents:
        if not document:
            continue
        kind = document.get("kind", "")
        if kind.endswith("List") and isinstance(document.get("items"), list):
            of = {"apiVersion": document["apiVersion"], "kind": kind.removesuffix("List")}
            yield from single(of | item for item in document["items"])
        else:
            yield document


def accepted(document: Document) -> Document:
    """A new object with what the server would refuse or overwrite left out, and with what it insists on."""
    kept = {key: value for key, value in document.items() if value is not None}
    kept["metadata"] = _metadata(document.get("metadata") or {})
    spec = kept.get("spec")
    if document["kind"] == "Pod":
        kept["spec"] = _pod_spec(spec or {})
    elif isinstance(spec, dict):
        kept["spec"] = _SPECS.get((document["apiVersion"], document["kind"]), _with_template)(spec)
    return kept


def status_of(document: Document) -> Document | None:
    """What is to be written to the object's status, if anything is."""
    status = document.get("status")
    if not isinstance(status, dict):
        return None
    if document["kind"] == "Pod":
        status = _pod_status(status)
    return status or None


def _metadata(metadata: Document) -> Document:
    kept = {key: value for key, value in metadata.items() if key not in _OF_THE_SERVER and value is not None}
    if owners := kept.get("ownerReferences"):
        kept["ownerReferences"] = [{"uid": _owner_uid(owner), **owner} for owner in owners]
    return kept


def _owner_uid(owner: Document) -> str:
    """One for each owner, where nobody knows the real one."""
    name = "/".join(str(owner.get(key)) for key in ("apiVersion", "kind", "name"))
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _pod_spec(spec: Document) -> Document:
    """Priority and preemption follow from the class, others are refused; containers have images."""
    kept = {key: value for key, value in spec.items() if key not in ("priority", "preemptionPolicy")}
    containers = kept.get("containers") or [{}]
    kept["containers"] = [_container(at, container) for at, container in enumerate(containers)]
    if kept.get("initContainers"):
        kept["initContainers"] = [
            _container(at, container, "init") for at, container in enumerate(kept["initContainers"])
        ]
    return kept


def _container(at: int, container: Document, prefix: str = "main") -> Document:
    return {"name": f"{prefix}-{at}", "image": _IMAGE} | container


def _with_template(spec: Document) -> Document:
    """The same with a pod template that has containers, if it has a template."""
    template = spec.get("template")
    if not (isinstance(template, dict) and isinstance(template.get("spec"), dict)):
        return spec
    pod = template["spec"]
    return {**spec, "template": {**template, "spec": {**_pod_spec(pod), **_priorities(pod)}}}


def _priorities(pod: Document) -> Document:
    """They are refused in pods only."""
    return {key: pod[key] for key in ("priority", "preemptionPolicy") if key in pod}


def _job(spec: Document) -> Document:
    """A selector that was generated, for another uid, counts as written by hand."""
    manual = {"manualSelector": True} if spec.get("selector") else {}
    return _with_template(spec) | manual


def _cron_job(spec: Document) -> Document:
    job = spec.get("jobTemplate")
    if not (isinstance(job, dict) and isinstance(job.get("spec"), dict)):
        return spec
    return {**spec, "jobTemplate": {**job, "spec": _with_template(job["spec"])}}


def _service(spec: Document) -> Document:
    """With one address, which is inside the server's range or left to the server."""
    kept = dict(spec)
    if "IPv6" in (kept.get("ipFamilies") or ()):
        kept.pop("ipFamilies")
        kept.pop("ipFamilyPolicy", None)
    address = kept.get("clusterIP") or next(iter(kept.get("clusterIPs") or ()), None)
    kept.pop("clusterIP", None)
    kept.pop("clusterIPs", None)
    if address == "None" or _in_range(address):
        kept["clusterIP"] = address
    return kept


def _in_range(address: object) -> bool:
    try:
        return ipaddress.ip_address(str(address)) in _SERVICE_RANGE
    except ValueError:
        return False


def _pod_status(status: Document) -> Document:
    """The server knows the class of service itself, and refuses hostIPs without hostIP."""
    kept = {key: value for key, value in status.items() if key != "qosClass"}
    if hosts := kept.get("hostIPs"):
        kept.setdefault("hostIP", hosts[0]["ip"])
    return kept


_SPECS: Final = {
    ("v1", "Service"): _service,
    ("batch/v1", "Job"): _job,
    ("batch/v1", "CronJob"): _cron_job,
}
"""What becomes of the spec, by apiVersion and kind."""
