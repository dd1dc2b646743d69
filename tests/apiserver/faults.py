"""A proxy between a client and an API server that does to the wire what networks and servers do.

It speaks HTTPS on both sides, passes what it gets, logs every request, and does as its rules say:

    with FaultProxy(server.host, server.ca_file) as proxy:
        proxy.inject(at("/api/v1/pods", page=2), Status(500), times=2)
        ...  # a client that uses proxy.host and trusts proxy.ca_file
        assert [request.page for request in proxy.log] == [1, 2, 2, 2, 3]
"""

import fnmatch
import json
import shutil
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from bench.certificate import self_signed
from tests.apiserver.wire import Exchange, Play, Server, relay
from tests.parts import need

_REASONS: Final = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class Request(NamedTuple):
    """A request, as it came."""

    time: float
    """Of `time.monotonic`."""
    method: str
    path: str
    """Without the query."""
    query: dict[str, str]
    token: str
    """Of the Authorization header; empty if there is none."""
    page: int
    """Of a list: 1 without a continue token, n with the n-1st token that was asked for since."""
    fault: "Fault | None"
    """What was done to it; a 401 for its token is none."""


class Status(NamedTuple):
    """This answer in the server's place; without a body a Kubernetes Status of that code."""

    code: int
    body: object = None
    """Bytes, text, what becomes JSON, or a function of the request that returns one of them."""
    headers: Mapping[str, str] = {}

    def of(self, request: Request) -> "Status":
        """The same with the body that the request gets."""
        return self._replace(body=self.body(request)) if callable(self.body) else self

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        body = self.body
        if body is None:
            body = status_object(self.code)
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        exchange.reply(self.code, body, {"Content-Type": "application/json", **self.headers}.items())


class Garbage(NamedTuple):
    """A 200 that is no answer of an API server."""

    body: str = "<!doctype html><title>Sign in</title><p>Sign in to use this network.</p>\n"
    content_type: str = "text/html; charset=utf-8"

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        exchange.reply(200, self.body.encode(), [("Content-Type", self.content_type)])


class Reset(NamedTuple):
    """The connection is reset (TCP RST), instead of an answer or after so many bytes of its body."""

    after: int | None = None

    def play(self, exchange: Exchange) -> None:
        """Do it; without `after` the server sees nothing of the request."""
        if self.after is not None:
            answer = exchange.fetch()
            exchange.head(answer.code, answer.headers, len(answer.body))
            exchange.send(answer.body[: self.after])
        exchange.reset()


class Truncate(NamedTuple):
    """The connection ends after so many bytes of a body that was declared whole."""

    after: int
    chunked: bool = False
    """Ends within a chunk, instead of short of the Content-Length."""

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        answer = exchange.fetch()
        exchange.head(answer.code, answer.headers, None if self.chunked else len(answer.body))
        if self.chunked:
            exchange.raw(b"%x\r\n" % len(answer.body))
        exchange.raw(answer.body[: self.after])
        exchange.end()


class Cut(NamedTuple):
    """A sound answer whose body is only the first bytes of the server's: its JSON breaks off."""

    after: int

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        answer = exchange.fetch()
        exchange.reply(answer.code, answer.body[: self.after], answer.headers)


class Slow(NamedTuple):
    """The body comes in chunks of so many bytes, with a pause before each."""

    chunk: int
    seconds: float

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        answer = exchange.fetch()
        exchange.head(answer.code, answer.headers, len(answer.body))
        for start in range(0, len(answer.body), self.chunk):
            exchange.wait(self.seconds)
            exchange.send(answer.body[start : start + self.chunk])


class Stall(NamedTuple):
    """For so long no byte comes, of the answer or after so many bytes of its body; then all the rest does."""

    seconds: float
    after: int | None = None

    def play(self, exchange: Exchange) -> None:
        """Do it."""
        if self.after is None:
            exchange.wait(self.seconds)
            relay(exchange)
            return
        answer = exchange.fetch()
        exchange.head(answer.code, answer.headers, len(answer.body))
        exchange.send(answer.body[: self.after])
        exchange.wait(self.seconds)
        exchange.send(answer.body[self.after :])


Fault = Status | Garbage | Reset | Truncate | Cut | Slow | Stall
Match = Callable[[Request], bool]


def at(path: str, *, page: int | None = None, method: str | None = None, **query: str) -> Match:
    """Requests of a path (`*` stands for anything) and of that page, method and these values of the query."""

    def matches(request: Request) -> bool:
        return (
            fnmatch.fnmatchcase(request.path, path)
            and page in (None, request.page)
            and method in (None, request.method)
            and query.items() <= request.query.items()
        )

    return matches


def expired(*, proceed: bool) -> Status:
    """The 410 of a continue token that is too old; `proceed`: with a token that goes on inconsistently.

    That token is the one of the request, so that the server behind the proxy goes on with it.
    """

    def body(request: Request) -> dict[str, Any]:
        token = request.query.get("continue", "") if proceed else ""
        return status_object(
            410, "The provided continue parameter is too old", {"continue": token} if token else {}
        )

    return Status(410, body)


def status_object(code: int, message: str = "", metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A Kubernetes Status."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": metadata or {},
        "status": "Failure",
        "message": message or f"a fault of the test: {code}",
        "reason": _REASONS.get(code, "Unknown"),
        "code": code,
    }


@dataclass
class Rule:
    """What `FaultProxy.inject` was told."""

    match: Match
    fault: Fault
    times: int | None
    after: int
    hits: int = 0
    """How often the fault was done."""

    def take(self, request: Request) -> bool:
        """Whether the fault is to be done to the request; counts it."""
        if self.hits == self.times or not self.match(request):
            return False
        if self.after:
            self.after -= 1
            return False
        self.hits += 1
        return True


@dataclass
class _Chain:
    """The pages of one list that were asked for, as far as tokens tell."""

    tokens: list[str] = field(default_factory=list)

    def page(self, token: str) -> int:
        if not token:
            self.tokens.clear()
            return 1
        if token not in self.tokens:
            self.tokens.append(token)
        return self.tokens.index(token) + 2


class FaultProxy:
    """The proxy; it runs as soon as it is made, until `stop`. Threads may share it."""

    def __init__(self, upstream: str, upstream_ca: Path) -> None:
        """`upstream` is the server's address, https://HOST:PORT, verified by the CA in `upstream_ca`."""
        need("openssl", "openssl")
        self.log: list[Request] = []
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._chains: dict[str, _Chain] = {}
        self._tokens: frozenset[str] | None = None
        self._folder = Path(tempfile.mkdtemp())
        certificate = self_signed(self._folder)
        self.ca_file = certificate.file
        verified = ssl.create_default_context(cafile=upstream_ca)
        self._server = Server(self._judge, certificate.server_context(), upstream, verified)
        self.host = f"https://127.0.0.1:{self._server.server_address[1]}"

    def inject(self, match: Match | str, fault: Fault, times: int | None = 1, after: int = 0) -> Rule:
        """Do `fault` to so many requests that match (None: to all), but not to the first `after` of them.

        A text matches as the path of `at`. Of several rules the first that applies counts.
        """
        rule = Rule(at(match) if isinstance(match, str) else match, fault, times, after)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def accept_tokens(self, tokens: Collection[str] | None) -> None:
        """From now on whoever shows none of these is answered 401; None: the server alone decides."""
        with self._lock:
            self._tokens = None if tokens is None else frozenset(tokens)

    def requests(self, path: str) -> list[Request]:
        """Those in the log for one path (`*` stands for anything)."""
        return [request for request in self.log if fnmatch.fnmatchcase(request.path, path)]

    def stop(self) -> None:
        """End all connections, and wait until they are."""
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        """The proxy itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """As `stop`."""
        self.stop()

    def _judge(self, method: str, target: str, token: str) -> Play:
        """Log the request; what is to become of it."""
        url = urlsplit(target)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        with self._lock:
            page = self._chains.setdefault(url.path, _Chain()).page(query.get("continue", ""))
            request = Request(time.monotonic(), method, url.path, query, token, page, None)
            refused = self._tokens is not None and token not in self._tokens
            taken = None if refused else next((rule for rule in self._rules if rule.take(request)), None)
            request = request._replace(fault=taken and taken.fault)
            self.log.append(request)
        if refused:
            return Status(401).play
        if taken is None:
            return relay
        return taken.fault.of(request).play if isinstance(taken.fault, Status) else taken.fault.play
