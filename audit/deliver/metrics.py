"""The figures of a run as OpenMetrics: in a file that a collector reads, or pushed to a Pushgateway."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from audit.channels import Metrics
from audit.config import moment
from audit.deliver.files import write_file
from audit.deliver.post import post
from audit.errors import AuditError, DeliveryError
from audit.headline import Share
from audit.history.record import Head

_READABLE: Final = 0o644
"""A collector is somebody else; the figures name nothing but the cluster."""
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What a Pushgateway reads: gauges are written the same there."""


def publish(settings: Metrics, head: Head) -> DeliveryError | None:
    """Write and push them, as far as that is asked for and whatever becomes of the other; what went wrong."""
    data = encode(head)
    ways: list[Callable[[], None]] = []
    if settings.file:
        ways.append(lambda: _write(Path(settings.file), data))
    if settings.pushgateway:
        ways.append(lambda: _push(settings, head.cluster, data))
    problems = []
    for way in ways:
        try:
            way()
        except AuditError as error:
            problems.append(str(error))
    return DeliveryError(f"the metrics were not all delivered: {'; '.join(problems)}") if problems else None


def encode(head: Head) -> bytes:
    """The figures of a run; what was not assessed has no sample."""
    registry = CollectorRegistry()
    figures = head.figures
    pods = figures.ingress_isolated.of if head.pods_read else None
    namespaces = figures.ingress_denied.of if head.pods_read else None

    def gauge(name: str, told: str, samples: Mapping[str, float | None], label: str = "") -> None:
        labels = ("cluster", label) if label else ("cluster",)
        known = Gauge(f"segaudit_{name}", told, labels, registry=registry)
        for value, sample in samples.items():
            if sample is not None:
                known.labels(*(head.cluster, value)[: len(labels)]).set(sample)

    def one(name: str, told: str, sample: float | None) -> None:
        gauge(name, told, {"": sample})

    def both(name: str, told: str, ingress: Share, egress: Share) -> None:
        gauge(name, told, {"ingress": ingress.count, "egress": egress.count}, "direction")

    one("snapshot_timestamp_seconds", "When the snapshot was taken.", moment(head.taken).timestamp())
    one("complete", "Whether everything that was asked for could be read.", head.complete)
    one("unassessed_checks", "Checks that could not be assessed everywhere.", len(head.unassessed))
    one("pods", "Pods that a policy could govern.", pods)
    both("isolated_pods", "Of these, isolated ones.", figures.ingress_isolated, figures.egress_isolated)
    one("namespaces", "Namespaces with such pods.", namespaces)
    both(
        "default_deny_namespaces",
        "Of these, with default deny.",
        figures.ingress_denied,
        figures.egress_denied,
    )
    one("exposed_open_workloads", "Exposed to outside and not isolated.", figures.exposed_open.count)
    one("broad_rules", "Rules with broad ranges of addresses.", figures.broad_rules.count)
    one("doubtful_policies", "Policies that do not do what they say.", figures.doubtful_policies.count)
    gauge("findings", "Findings that are not accepted.", head.open_findings, "severity")
    one("waived_findings", "Findings that are accepted.", head.waived_findings)
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return written


def _write(path: Path, data: bytes) -> None:
    write_file(path, data)
    try:
        path.chmod(_READABLE)
    except OSError as error:
        raise DeliveryError(f"cannot let others read {path}: {error.strerror}") from None


def _push(settings: Metrics, cluster: str, data: bytes) -> None:
    """In place of what was pushed for this cluster before."""
    name = base64.urlsafe_b64encode(cluster.encode()).decode("ascii")  # names of clusters may have a /
    post(
        f"{settings.pushgateway.rstrip('/')}/metrics/job/segaudit/cluster@base64/{name}",
        data,
        method="PUT",
        content_type=_TEXT,
        ca_file=settings.ca_file,
        setting="metrics.pushgateway",
        harmless=True,
    )
