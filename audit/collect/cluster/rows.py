"""Pages of a list to rows: bytes straight into structs of the fields that are read, and nothing kept."""

import threading
from collections.abc import Callable
from typing import Final

import msgspec

from audit.collect.cluster import pages
from audit.collect.cluster.resources import Resource
from audit.collect.collector import Collector
from audit.collect.fit import NOT_JSON
from audit.collect.items import DecodedItem, Item, ListedItem
from audit.collect.lean import ReducedPod
from audit.collect.origins import Place
from audit.collect.pods import OddError

_NULL: Final = msgspec.Raw(b"null")
"""A list may hold these; there is no object then."""


class Rows:
    """Takes the pages of one list into a collector that other lists share."""

    def __init__(
        self,
        collector: Collector,
        lock: threading.Lock,
        resource: Resource,
        path: str,
        tell: Callable[[int, int | None], None],
    ) -> None:
        """`path` is the list's; `tell` gets the number of objects that were read, and of all if known."""
        self.objects = 0
        self._collector = collector
        self._lock = lock
        self._resource = resource
        self._api_version = _api_version(path)
        self._path = path
        self._type = {"apiVersion": self._api_version, "kind": resource.kind}
        self._tell = tell
        self._origin = -1

    def begin(self) -> None:
        """The list begins, perhaps again: what was taken before does not count."""
        with self._lock:
            if self._origin >= 0:
                self._collector.drop(self._origin)
            self._origin = self._collector.rows.origins.add_list(self._path)
        self.objects = 0

    def take(self, body: bytes, rest: int | None) -> None:
        """A page that is one (`pages.reduced`), and how many objects come behind it, if that is known."""
        count = self._pods(body) if self._resource.plural == "pods" else None
        self.objects += self._one_by_one(body) if count is None else count
        self._tell(self.objects, None if rest is None else self.objects + rest)

    def take_one(self, body: bytes) -> None:
        """One object that was got by its name."""
        item = ListedItem(body, self._type)
        with self._lock:
            self._collector.add(self._api_version, self._resource.kind, item, Place(self._origin, 0))
        self.objects += 1

    def _pods(self, body: bytes) -> int | None:
        """Take a page of pods the short way; None if one of them has to be read in full."""
        try:
            page = pages.decoder(ReducedPod).decode(body)
            pods = [pod for pod in page.items or () if pod]
            with self._lock:
                self._collector.rows.pods.add_page(pods, self._api_version, self._origin)
        except (*NOT_JSON, OddError):
            return None
        return len(pods)

    def _one_by_one(self, body: bytes) -> int:
        items = self._items(body)
        place = Place(self._origin, 0)
        with self._lock:
            for item in items:
                self._collector.add(self._api_version, self._resource.kind, item, place)
        return len(items)

    def _items(self, body: bytes) -> list[Item]:
        known = pages.type_of(self._resource)
        if known and len(body) < pages.LARGE:
            try:
                page = pages.decoder(known).decode(body)
            except NOT_JSON:
                pass  # one odd object must not cost the page: below each is read for itself
            else:
                return [DecodedItem(obj) for obj in page.items or () if obj]
        found = pages.raw(body).items
        return [
            ListedItem(memoryview(item), self._type)
            for item in (found if isinstance(found, list) else ())
            if item != _NULL
        ]


def _api_version(path: str) -> str:
    """`v1` of /api/v1/pods, `apps/v1` of /apis/apps/v1/namespaces/x/deployments."""
    steps = path.split("/")
    return steps[2] if steps[1] == "api" else "/".join(steps[2:4])
