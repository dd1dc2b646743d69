"""A real HTTP server on loopback, with TLS if it is given a certificate, that answers as it is told."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.apiserver.processes import UntilStopped

DROP = 0
"""A status: the connection breaks instead."""


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Web(UntilStopped):
    """It listens as soon as it is made."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """`context` has the certificate."""
        self.seen: list[Request] = []
        self.statuses: list[int] = []
        """What is answered next; then always 200."""
        self.headers: dict[str, str] = {}
        web = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                web.seen.append(Request(self.command, self.path, dict(self.headers), body))
                status = web.statuses.pop(0) if web.statuses else 200
                if status == DROP:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {"Content-Length": "0", **web.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_POST = do_PUT = do_GET = answer  # noqa: N815  # as the library calls them

            def log_message(self, *_: Any) -> None:  # as the library has it
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:  # a client that breaks off is no news
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http", "https")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
