"""An API server that replays the lists of a generated cluster, page by page, for as little CPU as possible.

    python -m bench.replay --pods 150000 --seconds-per-page 0.036 --folder DIR

writes DIR/ca.crt and DIR/kubeconfig, prints one line when it serves, and serves until it is killed. It knows
discovery, lists in pages of 500, and nothing else; it asks nobody for credentials.
"""

import argparse
import base64
import contextlib
import json
import mmap
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from bench import pages
from bench.certificate import self_signed

VERSION: Final = "v1.36.3"
RESOURCES: Final = {
    "v1": {
        "configmaps": "ConfigMap",
        "endpoints": "Endpoints",
        "namespaces": "Namespace",
        "nodes": "Node",
        "pods": "Pod",
        "replicationcontrollers": "ReplicationController",
        "serviceaccounts": "ServiceAccount",
        "services": "Service",
    },
    "apps/v1": {
        "daemonsets": "DaemonSet",
        "deployments": "Deployment",
        "replicasets": "ReplicaSet",
        "statefulsets": "StatefulSet",
    },
    "batch/v1": {"cronjobs": "CronJob", "jobs": "Job"},
    "discovery.k8s.io/v1": {"endpointslices": "EndpointSlice"},
    "networking.k8s.io/v1": {
        "ingresses": "Ingress",
        "networkpolicies": "NetworkPolicy",
        "servicecidrs": "ServiceCIDR",
    },
}
"""Names and kinds of what is served; lists of what the generator does not make are empty."""
_CLUSTER_WIDE: Final = frozenset(("namespaces", "nodes", "servicecidrs"))
_BUFFER: Final = 1 << 22
"""Bytes that the kernel takes before it waits for the client."""
_END: Final = b"\r\n\r\n"
_CLOSE: Final = re.compile(rb"\r\nconnection:\s*close\s*(?:\r\n|\Z)", re.IGNORECASE)

Body = bytes | memoryview


class Answer(NamedTuple):
    """Of a GET."""

    code: int
    body: Body
    seconds: float = 0.0
    """To wait before it is sent."""


class Replay:
    """What is answered."""

    def __init__(self, folder: Path, seconds: float) -> None:
        """`folder` holds the pages (`bench.pages`); `seconds` are spent on each page of a list."""
        self._seconds = seconds
        self._pages: dict[str, dict[str, Body]] = {}
        index = json.loads((folder / pages.INDEX).read_text(encoding="utf-8"))
        for path, listed in index.items():
            self._pages[path] = dict(_mapped(folder / listed["file"], path, listed["ends"]))
        self._known = {path: _json(document) for path, document in _discovery()}
        empty = {path: _json(_empty(group, kind)) for path, group, kind in _lists()}
        self._empty = {path: body for path, body in empty.items() if path not in self._pages}

    def answer(self, target: str) -> Answer:
        """To a GET of path and query."""
        url = urlsplit(target)
        if url.path in self._known:
            return Answer(200, self._known[url.path])
        if url.path in self._empty:
            return Answer(200, self._empty[url.path], self._seconds)
        if url.path not in self._pages:
            return _status(404, f"{url.path} is not replayed")
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        listed = self._pages[url.path]
        if len(listed) > 1 and query.get("limit") != str(pages.LIMIT):
            return _status(400, f"only pages of {pages.LIMIT} are replayed")
        body = listed.get(query.get("continue", ""))
        if body is None:
            return _status(410, "there is no such continue token")
        return Answer(200, body, self._seconds)


def _mapped(file: Path, path: str, ends: Sequence[int]) -> Iterator[tuple[str, Body]]:
    """The pages in a file, by token; in memory, shared with whoever else has it."""
    with file.open("rb") as opened:
        flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
        whole = memoryview(mmap.mmap(opened.fileno(), 0, flags=flags, prot=mmap.PROT_READ))
    for page, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        yield pages.token(path, page), whole[start:end]


def _discovery() -> Iterator[tuple[str, Any]]:
    major, minor, _ = VERSION.removeprefix("v").split(".")
    yield "/version", {"major": major, "minor": minor, "gitVersion": VERSION}
    yield "/api", {"kind": "APIVersions", "versions": ["v1"]}
    groups = []
    for group_version, resources in RESOURCES.items():
        group, _, version = group_version.rpartition("/")
        root = f"/apis/{group_version}" if group else "/api/v1"
        listed = [
            {
                "name": name,
                "singularName": kind.lower(),
                "namespaced": name not in _CLUSTER_WIDE,
                "kind": kind,
                "verbs": ["get", "list"],
            }
            for name, kind in resources.items()
        ]
        document = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version}
        yield root, {**document, "resources": listed}
        if group:
            only = {"groupVersion": group_version, "version": version}
            groups.append({"name": group, "versions": [only], "preferredVersion": only})
            yield f"/apis/{group}", {"kind": "APIGroup", "apiVersion": "v1", **groups[-1]}
    yield "/apis", {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _lists() -> Iterator[tuple[str, str, str]]:
    """Path, apiVersion and kind of all lists."""
    for group_version, resources in RESOURCES.items():
        root = f"/apis/{group_version}" if "/" in group_version else "/api/v1"
        for name, kind in resources.items():
            yield f"{root}/{name}", group_version, kind


def _empty(api_version: str, kind: str) -> object:
    return {
        "kind": f"{kind}List",
        "apiVersion": api_version,
        "metadata": {"resourceVersion": "1"},
        "items": [],
    }


def _status(code: int, message: str) -> Answer:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return Answer(code, _json({**status, "message": message, "code": code}))


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def serve(replay: Replay, listening: socket.socket, context: ssl.SSLContext) -> None:
    """Take connections until the socket is closed, each in a thread of its own."""
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(replay, plain, context), daemon=True).start()


def _converse(replay: Replay, plain: socket.socket, context: ssl.SSLContext) -> None:
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    with plain, contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
        received = b""
        while True:
            while (end := received.find(_END)) < 0:
                more = secure.recv(1 << 16)
                if not more:
                    return
                received += more
            head, received = received[:end], received[end + len(_END) :]
            method, target, *_ = head.split(maxsplit=2)
            answer = _status(405, "only GET is replayed")
            if method == b"GET":
                answer = replay.answer(target.decode("latin-1"))
            time.sleep(answer.seconds)
            secure.sendall(
                b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % (answer.code, len(answer.body))
            )
            secure.sendall(answer.body)
            if _CLOSE.search(head):
                return


def kubeconfig(host: str, ca_file: Path) -> str:
    """A kubeconfig for a user with a token."""
    ca = base64.b64encode(ca_file.read_bytes()).decode()
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "replay", "cluster": {"server": host, "certificate-authority-data": ca}}],
            "users": [{"name": "bench", "user": {"token": "any"}}],
            "contexts": [{"name": "replay", "context": {"cluster": "replay", "user": "bench"}}],
            "current-context": "replay",
        },
        indent=2,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.replay", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--pods", type=int, required=True, metavar="N")
    parser.add_argument("--seconds-per-page", type=float, default=0.0, metavar="S")
    parser.add_argument("--port", type=int, default=0, metavar="P", help="default: any that is free")
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="for ca.crt and kubeconfig")
    parser.add_argument(
        "--cache",
        type=Path,
        default=pages.DEFAULT_CACHE,
        metavar="DIR",
        help="for pages, 1 GB at 150,000 pods",
    )
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    certificate = self_signed(options.folder)
    replay = Replay(pages.cached(options.pods, options.cache), options.seconds_per_page)
    with socket.create_server(("127.0.0.1", options.port), backlog=64) as listening:
        host = f"https://127.0.0.1:{listening.getsockname()[1]}"
        (options.folder / "kubeconfig").write_text(kubeconfig(host, certificate.file), encoding="utf-8")
        print(f"{host} replays {options.pods:,} pods", flush=True)
        serve(replay, listening, certificate.server_context())


if __name__ == "__main__":
    main()
