"""From an API server to a Snapshot: what is served is listed, kinds side by side; what cannot be is a gap."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Final
from urllib.parse import quote

import msgspec

from audit import frames
from audit.background import side_by_side
from audit.collect.cluster import outcomes
from audit.collect.cluster.access import Access
from audit.collect.cluster.discovery import Served, discover
from audit.collect.cluster.lists import Reading
from audit.collect.cluster.outcomes import Outcome
from audit.collect.cluster.pages import Rows
from audit.collect.cluster.resources import CONFIG_MAPS, RESOURCES, ConfigMap, Resource
from audit.collect.cluster.transport import ApiError, Transport
from audit.collect.collector import Collector
from audit.collect.fit import NOT_JSON
from audit.collect.items import ListedItem
from audit.collect.origins import Place
from audit.errors import CollectError
from audit.memory import collector_paused, give_back
from audit.progress import Board, board
from audit.snapshot import Provenance, Snapshot, packed

SIDE_BY_SIDE: Final = 4
"""Lists that are read at once: more would only make the pages of each wait for one another."""
_FIRST: Final = ("pods", "namespaces", "networkpolicies", "services")
"""The longest list first, then those that decide most."""
_CONFIG_MAPS: Final = Resource("", "ConfigMap", "configmaps", namespaced=True)

_log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def collect_cluster(
    access: Access,
    *,
    namespaces: Sequence[str] = (),
    cluster_name: str = "",
    tool_version: str,
    clock: Clock = utc_now,
) -> Snapshot:
    """Read the cluster. Kinds that may not be listed in all namespaces at once are listed in `namespaces`.

    CollectError if the pods of the whole scope cannot be read, or there are none.
    """
    give_back()
    transport = Transport(access)
    reading = _Cluster(transport, namespaces, clock)
    with collector_paused(), board() as bars:
        try:
            reading.read(bars)
        finally:
            transport.close()
        return reading.snapshot(cluster_name, tool_version)


class _Name(msgspec.Struct):
    name: str = ""


class _Named(msgspec.Struct):
    """An object as far as it says what it is."""

    kind: str = ""
    metadata: _Name = msgspec.field(default_factory=_Name)


class _Cluster:
    """One cluster while it is read."""

    def __init__(self, transport: Transport, namespaces: Sequence[str], clock: Clock) -> None:
        self._transport = transport
        self._namespaces = namespaces
        self._clock = clock
        self._collector = Collector()
        self._adding = threading.Lock()
        self._served = Served()
        self._outcomes: dict[Resource, list[Outcome]] = {}

    @property
    def _host(self) -> str:
        return self._transport.access.host

    def read(self, bars: Board) -> None:
        """Everything; CollectError if there is no server, or none that lets us in."""
        try:
            self._served = discover(self._transport, RESOURCES)
        except ApiError as error:
            raise CollectError(f"cannot read {self._host}: {error.reason}; {_advice(error)}") from None
        rank = {plural: place for place, plural in enumerate(_FIRST)}
        wanted = sorted(self._served.paths, key=lambda one: (rank.get(one.plural, len(rank)), one.plural))
        jobs: list[Callable[[], None]] = [partial(self._kind, resource, bars) for resource in wanted]
        side_by_side([*jobs, self._config_maps], SIDE_BY_SIDE)

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

    def _list(
        self, resource: Resource, path: str, namespace: str, tell: Callable[[int, int | None], None]
    ) -> Outcome:
        """List a kind in a namespace, or in all of them."""
        path = _within(path, namespace)
        rows = Rows(self._collector, self._adding, resource, path, tell)
        list_ = Reading(self._transport, path, rows)
        started, error = self._now(), None
        try:
            list_.run()
        except ApiError as failed:
            error = failed
            _log.debug("%s: %s", path, failed.reason)
        return Outcome(
            namespace=namespace,
            objects=rows.objects,
            resource_version=list_.resource_version,
            started=started,
            ended=self._now(),
            inconsistent=list_.inconsistent,
            status=error.status if error else 200,
            failed=error.reason if error else "",
        )

    def _get(self, resource: Resource, path: str, name: str, namespace: str = "") -> Outcome:
        """Get one object; that it is not there is an answer, too."""
        path = _within(path, namespace)
        started, error, objects = self._now(), None, 0
        try:
            body = self._transport.get(f"{path}/{quote(name, safe='')}")
            _require_asked(body, resource.kind, name)
        except ApiError as failed:
            error = None if failed.status == 404 else failed
        else:
            item = ListedItem(memoryview(body), "v1", resource.kind)
            with self._adding:
                origin = self._collector.rows.origins.add_list(path)
                self._collector.add("v1", resource.kind, item, Place(origin, 0))
            objects = 1
        return Outcome(
            namespace=namespace or name,
            objects=objects,
            started=started,
            ended=self._now(),
            status=error.status if error else 200,
            failed=error.reason if error else "",
        )

    def _config_maps(self) -> None:
        self._outcomes[_CONFIG_MAPS] = [self._config_map(one) for one in CONFIG_MAPS]

    def _config_map(self, wanted: ConfigMap) -> Outcome:
        return self._get(_CONFIG_MAPS, "/api/v1/configmaps", wanted.name, wanted.namespace)

    def _now(self) -> str:
        return _written(self._clock())

    # -- the end ---------------------------------------------------------------------------------

    def snapshot(self, cluster_name: str, tool_version: str) -> Snapshot:
        """All that was read; CollectError if that is no pod."""
        access, served = self._transport.access, self._served
        name = cluster_name or access.cluster or access.description
        kinds, parts = outcomes.rows(self._outcomes, served, self._collector.unread)
        outcomes.require_pods(kinds, parts, name)
        for gap in served.gaps:
            self._collector.gap(*gap)
        provenance = Provenance(
            kind="cluster",
            description=access.description,
            cluster=name,
            cluster_uid=self._collector.cluster_uid,
            server_version=served.version,
            api_groups=served.group_versions,
            read_as=access.read_as,
            taken=self._now(),
            tool_version=tool_version,
            documents=sum(outcome.objects for found in self._outcomes.values() for outcome in found),
        )
        tables = {"kinds": outcomes.table(kinds, frames.KINDS), "parts": outcomes.table(parts, frames.PARTS)}
        return packed(provenance, chain(tables.items(), self._collector.finish(templates=False)))


def _require_asked(body: bytearray, kind: str, name: str) -> None:
    """ApiError if the answer is not the object that was asked for."""
    try:
        found = msgspec.json.decode(body, type=_Named)
    except NOT_JSON:
        raise ApiError(200, "the answer is no object") from None
    if (found.kind, found.metadata.name) != (kind, name):
        raise ApiError(200, "the answer is another object than was asked for")


def _within(path: str, namespace: str) -> str:
    """The path of a list in a namespace; the name may be anything that a command line holds."""
    base, _, plural = path.rpartition("/")
    return f"{base}/namespaces/{quote(namespace, safe='')}/{plural}" if namespace else path


def _advice(error: ApiError) -> str:
    if error.status == 401:
        return "the credentials were not accepted: get new ones, or name another --context"
    if error.status:
        return "is this the address of a Kubernetes API server?"
    return "check the server's address, the network and the proxy"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
