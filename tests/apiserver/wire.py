"""The sockets of the fault proxy: HTTPS on both sides, and what can be done to an answer byte by byte."""

import contextlib
import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

UPSTREAM_SECONDS: Final = 60.0
_BLOCK: Final = 1 << 16
_ARRIVE_SECONDS: Final = 0.05
"""That bytes on loopback get before a reset, which takes away what the client has not read yet."""
_OF_ONE_HOP: Final = frozenset(
    ("connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding")
)
_GONE: Final = (OSError, http.client.HTTPException)

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """The server's."""

    code: int
    headers: list[tuple[str, str]]
    """Without those that are between two ends of a connection only."""
    body: bytes


class Play(Protocol):
    """What becomes of a request."""

    def __call__(self, exchange: "Exchange") -> None:
        """Answer it, or not."""


class Judge(Protocol):
    """What decides that."""

    def __call__(self, method: str, target: str, token: str) -> Play:
        """`target` has the query; `token` is that of the Authorization header, or empty."""


def relay(exchange: "Exchange") -> None:
    """Pass the request to the server, and its answer to the client as it comes."""
    response = exchange.ask()
    length = response.getheader("Content-Length")
    exchange.head(response.status, _kept(response.getheaders()), None if length is None else int(length))
    sent = 0
    while block := exchange.read(response):
        exchange.send(block)
        sent += len(block)
    if length is not None and sent < int(length) and exchange.has_body(response.status):
        exchange.end()
    exchange.finish()


class Exchange:
    """One request of a client and its answer."""

    def __init__(self, handler: "_Handler", body: bytes) -> None:
        """`body` is the request's."""
        self._handler = handler
        self._body = body
        self._chunked = False

    def ask(self) -> http.client.HTTPResponse:
        """The server's answer to the request, its body not yet read."""
        handler = self._handler
        used = handler.upstream.sock is not None
        while True:
            try:
                return self._asked()
            except _GONE as error:
                handler.upstream.close()
                if not used:  # nobody there; a connection that was kept may have been closed meanwhile
                    self.reply(502, f"no answer from the server behind the proxy: {error!r}".encode())
                    raise ConnectionAbortedError from error
                used = False

    def _asked(self) -> http.client.HTTPResponse:
        handler, server = self._handler, self._handler.server
        if handler.upstream.sock is None:
            handler.upstream.connect()
            server.sockets[threading.current_thread()].append(handler.upstream.sock)
        handler.upstream.putrequest(handler.command, handler.path, skip_accept_encoding=True)
        for name, value in _kept(handler.headers.items()):
            handler.upstream.putheader(name, value)
        if self._body or "Content-Length" in handler.headers:
            handler.upstream.putheader("Content-Length", str(len(self._body)))
        handler.upstream.endheaders(self._body or None)
        return handler.upstream.getresponse()

    def read(self, response: http.client.HTTPResponse) -> bytes:
        """The next bytes of the server's answer, none at its end; if it breaks off the client is dropped."""
        try:
            return response.read1(_BLOCK)
        except _GONE as error:
            self._handler.upstream.close()
            raise ConnectionAbortedError from error

    def fetch(self) -> Answer:
        """The server's answer, whole."""
        response = self.ask()
        body = b"".join(iter(lambda: self.read(response), b""))
        return Answer(response.status, _kept(response.getheaders()), body)

    def has_body(self, code: int) -> bool:
        """Whether an answer of that code to this request has a body (RFC 9110, section 6.4.1)."""
        return self._handler.command != "HEAD" and code >= 200 and code not in (204, 304)

    def head(self, code: int, headers: Headers, length: int | None) -> None:
        """Send the head of an answer; without a length its body goes in chunks."""
        reason = http.client.responses.get(code, "")
        framing = [("Transfer-Encoding", "chunked")] if length is None else [("Content-Length", str(length))]
        if code < 200 or code in (204, 304):
            framing = []
        self._chunked = length is None and self.has_body(code)
        lines = [f"HTTP/1.1 {code} {reason}", *(f"{name}: {value}" for name, value in [*headers, *framing])]
        self.raw("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1"))

    def send(self, data: bytes) -> None:
        """Send some of the body."""
        if data:
            self.raw(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def finish(self) -> None:
        """Say that the body is over, where that has to be said."""
        if self._chunked:
            self.raw(b"0\r\n\r\n")

    def raw(self, data: bytes) -> None:
        """Send these very bytes."""
        self._handler.connection.sendall(data)

    def reply(self, code: int, body: bytes, headers: Headers = ()) -> None:
        """A whole answer that is not the server's."""
        self.head(code, headers, len(body))
        if self.has_body(code):
            self.raw(body)

    def wait(self, seconds: float) -> None:
        """Send nothing for so long."""
        if self._handler.server.stopped.wait(seconds):
            raise ConnectionAbortedError

    def end(self) -> None:
        """Close the connection (TCP FIN), without a word at the level of TLS."""
        raise ConnectionAbortedError

    def reset(self) -> None:
        """Reset the connection (TCP RST), when the client had time to read what was sent."""
        self.wait(_ARRIVE_SECONDS)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError


def _kept(headers: Headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _OF_ONE_HOP]


class Server(TCPServer):
    """A thread a connection; runs as soon as it is made, and `stop` ends them all."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, judge: Judge, context: ssl.SSLContext, upstream: str, verified: ssl.SSLContext
    ) -> None:
        """`context` is that of the side of the clients, `verified` that of the server at `upstream`."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.judge = judge
        self.stopped = threading.Event()
        self.sockets: dict[threading.Thread, list[socket.socket]] = {}
        """Both ends of what each thread serves."""
        self._context = context
        self._address = urlsplit(upstream)
        self._verified = verified
        self._accepting = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._accepting.start()

    def upstream(self) -> http.client.HTTPSConnection:
        """A connection to the server, not yet opened."""
        host, port = self._address.hostname or "", self._address.port
        return http.client.HTTPSConnection(host, port, context=self._verified, timeout=UPSTREAM_SECONDS)

    def process_request(self, request: Any, client_address: Any) -> None:
        secure = self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=self._serve, args=(secure, client_address), daemon=True)
        self.sockets[thread] = [secure]
        thread.start()

    def _serve(self, secure: ssl.SSLSocket, client_address: Any) -> None:
        # what ends in an error of the connection: the client is gone, or a fault sends it away
        with secure, contextlib.suppress(OSError):
            secure.do_handshake()
            self.finish_request(secure, client_address)
        del self.sockets[threading.current_thread()]

    def stop(self) -> None:
        """End all connections, and wait until they are."""
        self.stopped.set()
        self.shutdown()
        self._accepting.join()
        self.server_close()
        for thread, ends in list(self.sockets.items()):
            for end in list(ends):
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(end, socket.SHUT_RDWR)  # that of TLS is not for another thread
            thread.join(UPSTREAM_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client, and one of its own to the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    connection: ssl.SSLSocket

    def setup(self) -> None:
        super().setup()
        self.upstream = self.server.upstream()

    def finish(self) -> None:
        super().finish()
        self.upstream.close()

    def answer(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = self.headers.get("Authorization", "").partition(" ")[2]
        self.server.judge(self.command, self.path, token)(Exchange(self, body))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Nothing: the proxy has its own log."""
