"""A real S3-compatible server (versitygw), on loopback, built once and kept."""

import atexit
import os
import secrets
import socket
import time
import uuid
from pathlib import Path
from typing import Final

from tests.apiserver.processes import Process, UntilStopped
from tests.parts import built_by_go

VERSION: Final = "v1.8.0"
READY_SECONDS: Final = 60.0
_PACKAGE: Final = "github.com/versity/versitygw/cmd/versitygw"
_LOOPBACK: Final = "127.0.0.1"


class Gateway(UntilStopped):
    """It runs as soon as it is made, until `stop`, and never longer than the process that made it."""

    def __init__(self, folder: Path) -> None:
        """Buckets are folders of `folder`/buckets."""
        self.buckets = folder / "buckets"
        self.buckets.mkdir()
        self.key, self.secret = secrets.token_hex(8), secrets.token_hex(16)
        with socket.create_server((_LOOPBACK, 0)) as free:
            port = free.getsockname()[1]
        self.host = f"http://{_LOOPBACK}:{port}"
        # By their names in the environment, so that no list of processes shows them
        os.environ["ROOT_ACCESS_KEY"], os.environ["ROOT_SECRET_KEY"] = self.key, self.secret
        try:
            flags = ["--port", f"{_LOOPBACK}:{port}", "--quiet", "posix", str(self.buckets)]
            self._process = Process(built_by_go(_PACKAGE, VERSION), flags, folder / "versitygw.log")
        finally:
            del os.environ["ROOT_ACCESS_KEY"], os.environ["ROOT_SECRET_KEY"]
        atexit.register(self.stop)
        try:
            self._wait_until_ready(port)
        except BaseException:
            self.stop()
            raise

    def bucket(self) -> str:
        """The name of a new, empty bucket."""
        name = f"runs-{uuid.uuid4().hex[:12]}"
        (self.buckets / name).mkdir()
        return name

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to know, as it takes it from its environment."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL_S3": self.host,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    def _wait_until_ready(self, port: int) -> None:
        until = time.monotonic() + READY_SECONDS
        while True:
            self._process.assert_runs()
            try:
                with socket.create_connection((_LOOPBACK, port), 1):
                    return
            except OSError:
                assert time.monotonic() < until, f"versitygw does not listen:\n{self._process.tail()}"
                time.sleep(0.05)
