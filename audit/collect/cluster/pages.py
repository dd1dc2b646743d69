"""Pages of a list to rows: bytes straight into structs of the fields that are read, and nothing kept."""

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec

from audit.collect import kinds, objects
from audit.collect.cluster.lists import ListMeta, NoListError
from audit.collect.cluster.resources import Resource
from audit.collect.collector import Collector
from audit.collect.fit import NOT_JSON
from audit.collect.items import DecodedItem, Item, ListedItem
from audit.collect.origins import Place
from audit.collect.pods import LeanPod, OddError

_LARGE: Final = 64 << 20
"""Bytes from which on a page is not decoded as a whole: a list without pages may be of the whole cluster."""


class _RawPage(msgspec.Struct):
    kind: str | None = None
    metadata: ListMeta | None = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = msgspec.UNSET


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
        self._tell = tell
        self._origin = -1

    def begin(self) -> None:
        """As `Taker` has it."""
        with self._lock:
            if self._origin >= 0:
                self._collector.drop(self._origin)
            self._origin = self._collector.rows.origins.add_list(self._path)
        self.objects = 0

    def take(self, body: bytearray) -> ListMeta:
        """As `Taker` has it."""
        taken = self._pods(body) if self._resource.plural == "pods" else None
        if taken is None:
            meta, items = self._decoded(body)
            place = Place(self._origin, 0)
            with self._lock:
                for item in items:
                    self._collector.add(self._api_version, self._resource.kind, item, place)
            count = len(items)
        else:
            meta, count = taken
        self.objects += count
        rest = meta.remaining_item_count
        self._tell(self.objects, None if rest is None else self.objects + rest)
        return meta

    def _pods(self, body: bytearray) -> tuple[ListMeta, int] | None:
        """Take a page of pods the short way; None if one of them has to be read in full."""
        try:
            page = _decoder(LeanPod).decode(body)
            _require_list(page)
            with self._lock:
                pods = [pod for pod in page.items or () if pod]
                self._collector.rows.pods.add_page(pods, self._api_version, self._origin)
        except (*NOT_JSON, OddError):
            return None
        return page.metadata or ListMeta(), len(pods)

    def _decoded(self, body: bytearray) -> tuple[ListMeta, list[Item]]:
        known = kinds.KINDS.get((self._resource.group, self._resource.kind))
        if known and len(body) < _LARGE:
            try:
                page = _decoder(known.type).decode(body)
            except NOT_JSON:
                pass  # one odd object must not cost the page: below each is read for itself
            else:
                _require_list(page)
                return page.metadata or ListMeta(), [DecodedItem(obj) for obj in page.items or () if obj]
        try:
            raw = msgspec.json.decode(body, type=_RawPage)
        except NOT_JSON as error:
            raise NoListError("it is not valid JSON, or breaks off") from error
        _require_list(raw)
        items = raw.items if isinstance(raw.items, list) else []
        listed = (ListedItem(memoryview(item), self._api_version, self._resource.kind) for item in items)
        return raw.metadata or ListMeta(), [item for item in listed if not item.is_null]


def _require_list(page: Any) -> None:  # noqa: ANN401  # one of the structs that are made for a kind
    if page.items is msgspec.UNSET:
        raise NoListError(f"it is a {page.kind}" if page.kind else "it has no items")


@lru_cache
def _decoder(of: type[objects.Readable | LeanPod]) -> "msgspec.json.Decoder[Any]":
    page = msgspec.defstruct(
        f"{of.__name__}Page",
        [
            ("kind", str | None, None),
            ("metadata", ListMeta | None, None),
            ("items", list[of | None] | msgspec.UnsetType | None, msgspec.UNSET),  # type: ignore[valid-type]
        ],
        gc=False,
    )
    return msgspec.json.Decoder(page)


def _api_version(path: str) -> str:
    """`v1` of /api/v1/pods, `apps/v1` of /apis/apps/v1/namespaces/x/deployments."""
    steps = path.split("/")
    return steps[2] if steps[1] == "api" else "/".join(steps[2:4])
