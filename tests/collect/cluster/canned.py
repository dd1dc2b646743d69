"""A tiny API server on the loopback, whose answers are written down beforehand."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from audit.collect.cluster.api.access import Access
from audit.collect.cluster.resources import RESOURCES

RESOURCE_VERSION: Final = "41"
_PAGE: Final = 2
"""Objects a page, whatever limit is asked for: small, so that there are many."""


class Request(NamedTuple):
    """A request, as it came."""

    path: str
    query: dict[str, str]
    authorization: str

    @property
    def token(self) -> str:
        """The continue token."""
        return self.query.get("continue", "")


class Answer(NamedTuple):
    """What is sent, and how: whole, or with a fault."""

    code: int = 200
    body: object = None
    headers: Mapping[str, str] = {}
    fault: str = ""
    """`reset`, `truncate` or `drip`: instead of the answer, in its midst, or byte by byte."""


Route = Answer | Sequence[Answer] | Callable[[Request], Answer | None]


def status(code: int, message: str = "", **metadata: str) -> Answer:
    """A Kubernetes Status; `proceed` is its continue token."""
    meta = {"continue" if name == "proceed" else name: value for name, value in metadata.items()}
    return Answer(code, {"kind": "Status", "apiVersion": "v1", "metadata": meta, "message": message})


def page(
    *items: Any, proceed: str = "", version: str = RESOURCE_VERSION, remaining: int | None = None
) -> Answer:
    """A page of a list, its metadata before its items as a Kubernetes server writes them."""
    metadata: dict[str, Any] = {"resourceVersion": version}
    if proceed:
        metadata |= {"continue": proceed}
    if remaining is not None:
        metadata |= {"remainingItemCount": remaining}
    return Answer(200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": list(items)})


class Api:
    """The server; it runs as soon as it is made, until `stop`."""

    def __init__(self) -> None:
        self.log: list[Request] = []
        self.routes: dict[str, Route] = {}
        self.lists: dict[str, list[Any]] = {}
        """What is listed in pages, by path."""
        self._lock = threading.Lock()
        api = self

        class Handler(_Handler):
            of = api

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"

    def access(self, tokens: Sequence[str] = ("fake-1", "fake-2", "fake-3")) -> Access:
        """The way to it; each time that the credentials are read, the next token is shown."""
        left = iter(tokens)

        def load(configuration: Any) -> None:
            configuration.host = self.host
            configuration.api_key["BearerToken"] = f"Bearer {next(left)}"

        return Access(load, cluster="canned", description="context canned")

    def kubeconfig(self, file: Path) -> Path:
        """Write one that leads here; its path."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "canned", "cluster": {"server": self.host}}],
            "users": [{"name": "somebody", "user": {"token": "fake-1"}}],
            "contexts": [{"name": "canned", "context": {"cluster": "canned", "user": "somebody"}}],
            "current-context": "canned",
        }
        file.write_text(json.dumps(config), "utf-8")
        return file

    def asked(self, path: str) -> list[str]:
        """The continue tokens of the requests for a path, in order."""
        return [request.token for request in self.log if request.path == path]

    def answer(self, request: Request) -> Answer:
        """Log it; the answer to it."""
        with self._lock:
            self.log.append(request)
            count = sum(one.path == request.path for one in self.log)
        route = self.routes.get(request.path)
        if callable(route):
            route = route(request)
        if isinstance(route, Answer):
            return route
        if route:
            return route[min(count, len(route)) - 1]
        if request.path in self.lists:
            return _listed(self.lists[request.path], request.token)
        return status(404, "the server could not find the requested resource")

    def serve_all(self, *, unserved: Sequence[str] = (), **lists: list[Any]) -> None:
        """Answer as a whole cluster does; `lists` are the objects of kinds by plural name."""
        self.routes["/version"] = Answer(200, {"gitVersion": "v1.35.0"})
        served = [one for one in RESOURCES if one.plural not in unserved]
        groups: dict[str, list[str]] = {}
        for one in served:
            base = f"/apis/{one.group}/v1" if one.group else "/api/v1"
            self.lists[f"{base}/{one.path_name}"] = lists.get(one.plural, [])
            if one.group:
                groups.setdefault(one.group, []).append(one.path_name)
        self.groups({group: {"v1": names} for group, names in groups.items()})

    def groups(self, served: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Serve these resources, by group and version in the order of preference; all can be listed."""
        self.routes["/apis"] = Answer(
            200,
            {
                "groups": [
                    {"name": group, "versions": [{"groupVersion": f"{group}/{v}"} for v in versions]}
                    for group, versions in served.items()
                ]
            },
        )
        for group, versions in served.items():
            for version, names in versions.items():
                found = [{"name": name, "verbs": ["get", "list"]} for name in names]
                self.routes[f"/apis/{group}/{version}"] = Answer(200, {"resources": found})

    def stop(self) -> None:
        """Take no more connections."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """The server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """As `stop`."""
        self.stop()


def _listed(items: list[Any], token: str) -> Answer:
    start = int(token or 0)
    rest = len(items) - start - _PAGE
    if rest <= 0:
        return page(*items[start:])
    return page(*items[start : start + _PAGE], proceed=str(start + _PAGE), remaining=rest)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    of: Api

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        shown = self.headers.get("Authorization", "")
        answer = self.of.answer(Request(url.path, dict(parse_qsl(url.query)), shown))
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.code)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.fault == "truncate":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif answer.fault == "drip":
            self._drip(body)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        self.close_connection = True
        try:
            for byte in body:
                self.wfile.write(bytes((byte,)))
                time.sleep(0.02)
        except OSError:
            pass  # the client had enough

    def log_message(self, *_: object) -> None:
        """Nothing: the server has its own log."""
