"""What one API server serves is listed, kinds side by side, and made a Snapshot; what cannot be is a gap."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final
from urllib.parse import quote

from audit import frames
from audit.background import side_by_side
from audit.collect.cluster import outcomes
from audit.collect.cluster.messages import Connected, Get, List
from audit.collect.cluster.outcomes import Outcome
from audit.collect.cluster.reader import Reader
from audit.collect.cluster.resources import CONFIG_MAPS, Resource
from audit.collect.cluster.rows import Rows
from audit.collect.collector import Collector
from audit.config import rfc3339
from audit.progress import Board, Tell, told_nowhere
from audit.snapshot import Provenance, Snapshot, packed

_FIRST: Final = ("pods", "namespaces", "networkpolicies", "services")
"""The longest list first, then those that decide most."""
_CONFIG_MAPS: Final = Resource("", "ConfigMap", "configmaps", namespaced=True)


class Cluster:
    """One cluster while it is read."""

    def __init__(
        self, process: Reader, connected: Connected, namespaces: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        """Nothing is asked for yet; kinds that may not be listed everywhere are listed in `namespaces`."""
        self._process = process
        self._connected = connected
        self._served = connected.served
        self._namespaces = namespaces
        self._clock = clock
        self._collector = Collector()
        self._adding = threading.Lock()
        self._outcomes: dict[Resource, list[Outcome]] = {}

    def read(self, bars: Board, at_once: int) -> None:
        """Everything, so many lists at once."""
        rank = {plural: place for place, plural in enumerate(_FIRST)}
        wanted = sorted(self._served.paths, key=lambda one: (rank.get(one.plural, len(rank)), one.plural))
        jobs: list[Callable[[], None]] = [partial(self._kind, resource, bars) for resource in wanted]
        side_by_side([*jobs, self._config_maps], at_once)

    # -- a kind ----------------------------------------------------------------------------------

    def _kind(self, resource: Resource, bars: Board) -> None:
        path = self._served.paths[resource]
        with bars.bar(resource.plural) as tell:
            everywhere = self._list(resource, path, "", tell)
            found = [everywhere]
            if everywhere.status == 403 and self._namespaces:
                if resource.namespaced:
                    found += [self._list(resource, path, one, tell) for one in self._namespaces]
                elif resource.kind == "Namespace":
                    found += [self._get(resource, path, one) for one in self._namespaces]
            self._outcomes[resource] = found

    def _list(self, resource: Resource, path: str, namespace: str, tell: Tell) -> Outcome:
        """List a kind in a namespace, or in all of them."""
        path = _within(path, namespace)
        rows = Rows(self._collector, self._adding, resource, path, tell)
        return self._asked(List(resource, path), rows, rows.take, namespace)

    def _get(self, resource: Resource, path: str, name: str, namespace: str = "") -> Outcome:
        """Get one object."""
        path = _within(path, namespace)
        rows = Rows(self._collector, self._adding, resource, path, told_nowhere)
        return self._asked(
            Get(path, resource.kind, name), rows, lambda body, _: rows.take_one(body), namespace or name
        )

    def _asked(
        self, job: List | Get, rows: Rows, take: Callable[[bytes, int | None], None], namespace: str
    ) -> Outcome:
        started = self._now()
        end = self._process.ask(job, rows.begin, take)
        return Outcome(
            namespace=namespace,
            objects=rows.objects,
            started=started,
            ended=self._now(),
            status=end.status,
            failed=end.failed,
            resource_version=end.resource_version,
            inconsistent=end.inconsistent,
        )

    def _config_maps(self) -> None:
        self._outcomes[_CONFIG_MAPS] = [
            self._get(_CONFIG_MAPS, "/api/v1/configmaps", one.name, one.namespace) for one in CONFIG_MAPS
        ]

    def _now(self) -> str:
        return rfc3339(self._clock())

    # -- the end ---------------------------------------------------------------------------------

    def snapshot(self, cluster_name: str, tool_version: str) -> Snapshot:
        """All that was read; CollectError if that is no pod."""
        connected, served = self._connected, self._served
        name = cluster_name or connected.cluster or connected.description
        kinds, parts = outcomes.rows(self._outcomes, served, self._collector.unread)
        outcomes.require_pods(kinds, parts, name)
        for gap in served.gaps:
            self._collector.gap(*gap)
        provenance = Provenance(
            kind="cluster",
            description=connected.description,
            cluster=name,
            cluster_uid=self._collector.cluster_uid,
            server_version=served.version,
            api_groups=served.group_versions,
            read_as=connected.read_as,
            taken=self._now(),
            tool_version=tool_version,
            documents=sum(outcome.objects for found in self._outcomes.values() for outcome in found),
        )
        states = (
            ("kinds", [outcomes.table(kinds, frames.KINDS)]),
            ("parts", [outcomes.table(parts, frames.PARTS)]),
        )
        return packed(provenance, chain(states, self._collector.finish(templates=False)))


def _within(path: str, namespace: str) -> str:
    """The path of a list in a namespace; the name may be anything that a command line holds."""
    base, _, plural = path.rpartition("/")
    return f"{base}/namespaces/{quote(namespace, safe='')}/{plural}" if namespace else path
