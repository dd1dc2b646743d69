"""A list of the API, page by page: the next page is asked for as soon as the head of this one names it.

A continue token is good for some minutes. Should it expire (410), the list begins again, twice; then it goes
on with the token that the server offers for that, whose pages are of a later moment than those before, or
else is asked for without pages.
"""

import re
import threading
from concurrent.futures import Future
from typing import Final, Protocol

import msgspec

from audit.background import in_background
from audit.collect.cluster.api.transport import WHOLE_SECONDS, ApiError, Transport
from audit.collect.cluster.pages import ListMeta, NoListError
from audit.collect.fit import NOT_JSON

LIMIT: Final = 500
"""Objects a page, as kubectl has it."""
PAGES_MAX: Final = 4_000
"""Of one list: with 500 objects each over ten times what Kubernetes is made for."""
RESTARTS: Final = 2
_AHEAD: Final = 1
"""Pages that are asked for beyond the one that is being decoded: more would only wait in memory."""
_DAMAGED: Final = 3
"""Attempts at a page that arrives whole and is no list."""
_EXPIRED: Final = 410
_META: Final = re.compile(
    rb'\A\s*\{(?:\s*"(?:kind|apiVersion)"\s*:\s*"[^"]*"\s*,)*\s*"metadata"\s*:\s*(\{[^{}]*\})'
)
"""The metadata of a list where it comes before the items, as a Kubernetes server writes it."""


class Taker(Protocol):
    """What takes the pages of a list."""

    def begin(self) -> None:
        """The list begins, perhaps again: what was taken before does not count."""

    def take(self, body: bytearray) -> ListMeta:
        """A page; NoListError if it is none, and then nothing of it was taken."""


class Reading:
    """One list while it is read."""

    def __init__(self, transport: Transport, path: str, taker: Taker) -> None:
        """Nothing is asked for yet."""
        self.resource_version = ""
        """Of the first page, which all pages have unless the list is inconsistent."""
        self.inconsistent = ""
        """Why the pages are not all of one moment; empty if they are."""
        self._transport = transport
        self._path = path
        self._taker = taker
        self._ahead = _Ahead()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Read it to its end; ApiError if that is not possible: what was taken until then still counts."""
        token, restarts, refused = "", 0, ""
        seen: set[str] = set()
        self._taker.begin()
        while True:
            try:
                meta = self._page(token)
            except ApiError as error:
                if error.status != _EXPIRED:
                    raise
                self._forget()
                if restarts < RESTARTS:
                    restarts += 1
                    token = ""
                    seen.clear()
                    self._taker.begin()
                    continue
                if not error.proceed or token == refused:  # the token that was offered expired at once, too
                    self._whole()
                    return
                self.inconsistent = (
                    f"the list expired {restarts + 1} times while it was read, so that its parts are of "
                    "different moments"
                )
                token = refused = error.proceed
                continue
            self.resource_version = self.resource_version if token else meta.resource_version or ""
            token = meta.proceed or ""
            if not token:
                return
            if token in seen:
                raise ApiError(200, "the list does not end: it names a page again that was read before")
            if len(seen) == PAGES_MAX:
                raise ApiError(200, f"the list does not end: it has over {PAGES_MAX:,} pages")
            seen.add(token)

    def _page(self, token: str) -> ListMeta:
        for left in reversed(range(_DAMAGED)):
            body = self._asked(token).result()
            try:
                return self._taker.take(body)
            except NoListError as error:
                if not left:
                    raise ApiError(200, f"the answer is no list: {error}") from None
                # What was asked for on the strength of this page's head is not to be trusted either
                self._forget()
        raise AssertionError

    def _forget(self) -> None:
        with self._lock:
            self._ahead = _Ahead()

    def _whole(self) -> None:
        """The list in one answer: it cannot expire, and costs the memory that pages save."""
        self.inconsistent = (
            f"the list expired {RESTARTS + 1} times while it was read in pages, and was then read at once"
        )
        self._taker.begin()
        body = self._transport.get(self._path, seconds=WHOLE_SECONDS)
        try:
            meta = self._taker.take(body)
        except NoListError as error:
            raise ApiError(200, f"the answer is no list: {error}") from None
        self.resource_version = meta.resource_version or ""

    def _asked(self, token: str) -> Future[bytearray]:
        """The page of that token, asked for before or now."""
        with self._lock:
            page = self._ahead.pages.pop(token, None) or self._ask(token)
            self._look_ahead(self._ahead.following.pop(token, ""))
        return page

    def _ask(self, token: str) -> Future[bytearray]:
        query = [("limit", str(LIMIT)), *([("continue", token)] if token else [])]
        ahead = self._ahead

        def on_head(head: bytes) -> None:
            if following := _following(head):
                with self._lock:
                    if ahead is self._ahead:  # else the list began again meanwhile
                        ahead.following[token] = following
                        self._look_ahead(following)

        return in_background(lambda: self._transport.get(self._path, query, on_head=on_head))

    def _look_ahead(self, token: str) -> None:
        """Ask for that page, unless enough are under way."""
        pages = self._ahead.pages
        if token and token not in pages and len(pages) < _AHEAD:
            pages[token] = self._ask(token)


class _Ahead:
    """What is known of pages that are not decoded yet."""

    def __init__(self) -> None:
        self.pages: dict[str, Future[bytearray]] = {}
        self.following: dict[str, str] = {}
        """The token of the page behind that of a token."""


def _following(head: bytes) -> str:
    """The token of the next page, in the first bytes of this one; empty if it is not there."""
    found = _META.match(head)
    if not found:
        return ""
    try:
        return msgspec.json.decode(found[1], type=ListMeta).proceed or ""
    except NOT_JSON:
        return ""
