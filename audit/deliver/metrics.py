"""The figures of a run as OpenMetrics: in a file that a collector reads, or pushed to a Pushgateway."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Final

from audit.channels import Metrics
from audit.compose.data import dataset
from audit.compose.figures import figures_of
from audit.deliver.files import write_file
from audit.deliver.post import post
from audit.errors import AuditError, DeliveryError
from audit.frames import FIGURES
from audit.history.record import Head
from reports import to_openmetrics

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
    return to_openmetrics.encode(head.cluster, dataset(FIGURES, figures_of(head)))


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
