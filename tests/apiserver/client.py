"""HTTPS to an API server over a few kept connections, with every answer as it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import urllib3

CONNECTIONS: Final = 8
JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
_SECONDS: Final = 60.0
_AGAIN: Final = urllib3.Retry(
    connect=0,
    read=0,
    redirect=0,
    other=0,
    status=8,
    status_forcelist=(429, 503),
    allowed_methods=None,
    backoff_factor=0.1,
    raise_on_status=False,
)
"""The server says 429 and 503 before it does anything, so that every method may be tried again."""
_READ_AGAIN: Final = _AGAIN.new(read=3)
"""It drops connections that ask for a kind whose definition it takes over; reading changes nothing."""


@dataclass(frozen=True)
class Answer:
    """Of the server."""

    code: int
    content: bytes

    @property
    def body(self) -> Any:
        """The content as JSON."""
        return msgspec.json.decode(self.content)

    @property
    def reason(self) -> str:
        """What a Status says, or the content where there is none."""
        try:
            return str(self.body["message"])
        except (msgspec.DecodeError, KeyError, TypeError):
            return f"{self.code} {self.content[:200].decode(errors='replace')}"


class Client:
    """Threads may share it; CONNECTIONS of them are served at once."""

    def __init__(self, host: str, ca_file: Path, token: str) -> None:
        self._host = host
        self._pool = urllib3.PoolManager(
            maxsize=CONNECTIONS,
            block=True,
            ca_certs=str(ca_file),
            headers={"Authorization": f"Bearer {token}"},
            timeout=_SECONDS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def request(  # noqa: PLR0913 - most are seldom given, and by name
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        sends: str = JSON,
        accepts: str = JSON,
        again: bool = True,
    ) -> Answer:
        """The answer, of whatever code; `target` is the path with the query, `body` goes as JSON.

        With `again`, 429 and 503 are tried again for a while, and so is a GET whose connection broke. Raises
        urllib3's HTTPError where there is no answer.
        """
        retries = _READ_AGAIN if method == "GET" else _AGAIN
        headers: Mapping[str, str] = {**self._pool.headers, "Accept": accepts, "Content-Type": sends}
        response = self._pool.request(
            method,
            self._host + target,
            body=None if body is None else msgspec.json.encode(body),
            headers=headers,
            retries=retries if again else False,
        )
        return Answer(response.status, response.data)

    def get(self, target: str) -> Answer:
        """The answer to a GET."""
        return self.request("GET", target)


@dataclass(frozen=True)
class Resource:
    """A kind of objects that can be created, as the server serves it."""

    root: str
    """Of the path, such as /apis/apps/v1."""
    plural: str
    namespaced: bool
    has_status: bool
    """Whether the status is written apart."""

    def path(self, namespace: str | None = None) -> str:
        """Of the list, that of a namespace or that of all."""
        inner = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.root}{inner}/{self.plural}"


def discover(client: Client) -> dict[tuple[str, str], Resource]:
    """What can be created, by apiVersion and kind."""
    found: dict[tuple[str, str], Resource] = {}
    accepts = f"{JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    for root in ("/api", "/apis"):
        answer = client.request("GET", root, accepts=accepts)
        assert answer.code == 200, answer.reason
        for group in answer.body["items"]:
            name = group.get("metadata", {}).get("name", "")
            prefix = f"{name}/" if name else ""
            for version in group["versions"]:
                api_version = f"{prefix}{version['version']}"
                for resource in version.get("resources", ()):
                    if "create" in resource["verbs"]:
                        subresources = {sub["subresource"] for sub in resource.get("subresources", ())}
                        found[api_version, resource["responseKind"]["kind"]] = Resource(
                            f"{root}/{api_version}",
                            resource["resource"],
                            resource["scope"] == "Namespaced",
                            "status" in subresources,
                        )
    return found
