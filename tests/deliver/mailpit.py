"""Mailpit: a real SMTP server that keeps mail, and rates how mail programs would show it."""

import json
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

from tests.apiserver.processes import Process, UntilStopped
from tests.parts import built_by_go

VERSION: Final = "v1.33.1"
_PACKAGE: Final = "github.com/axllent/mailpit"
_LOOPBACK: Final = "127.0.0.1"
_READY_SECONDS: Final = 60.0


class Mailpit(UntilStopped):
    """It listens as soon as it is made."""

    def __init__(self, folder: Path) -> None:
        """Its log goes into `folder`."""
        with socket.create_server((_LOOPBACK, 0)) as one, socket.create_server((_LOOPBACK, 0)) as other:
            self.port, web = one.getsockname()[1], other.getsockname()[1]
        self._url = f"http://{_LOOPBACK}:{web}/api/v1"
        flags = ["--smtp", f"{_LOOPBACK}:{self.port}", "--listen", f"{_LOOPBACK}:{web}"]
        flags += ["--enable-chaos", "--disable-version-check", "--quiet"]
        self._process = Process(built_by_go(_PACKAGE, VERSION), flags, folder / "mailpit.log")
        until = time.monotonic() + _READY_SECONDS
        while True:
            self._process.assert_runs()
            try:
                for port in (self.port, web):
                    socket.create_connection((_LOOPBACK, port), 1).close()
            except OSError:
                assert time.monotonic() < until, f"mailpit does not listen:\n{self._process.tail()}"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:  # JSON
        """What its API answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}/{path}", data, headers, method=method)  # noqa: S310  # http
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # the same
            return json.load(answer)

    def messages(self) -> list[dict[str, Any]]:
        """What it has, the newest first."""
        found: list[dict[str, Any]] = self.ask("messages")["messages"]
        return found
