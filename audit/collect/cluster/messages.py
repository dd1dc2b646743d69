"""What the process that talks to the API server and the one that makes rows of the answers tell each other.

A channel has a socket at each end. One end asks, with a `List` or a `Get`; the other answers with any number
of pages, each behind a `Begin` and followed by its bytes, and then with an `End`.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from typing import Final, Literal, TypeAlias

import msgspec

from audit.collect.cluster.resources import Resource
from audit.errors import CollectError, UsageError


@dataclass
class Served:
    """What a server says that it serves."""

    version: str = ""
    group_versions: tuple[str, ...] = ()
    """`group/version`, each group's in the server's order of preference."""
    paths: dict[Resource, str] = field(default_factory=dict)
    """The path that lists the resource in all namespaces, of those that are served."""
    unknown: dict[Resource, str] = field(default_factory=dict)
    """Resources of which the server did not say whether it serves them, and why."""
    gaps: list[tuple[str, str]] = field(default_factory=list)
    """What else it did not say, and why."""


_PASSED_ON: Final[Mapping[str, type[Exception]]] = {
    kind.__name__: kind for kind in (UsageError, CollectError)
}
"""Errors that say at the other end what they say at this one."""


class _Message(msgspec.Struct, frozen=True, tag=True, array_like=True):
    pass


class Connect(_Message, frozen=True, tag=True, array_like=True):
    """Connect to the cluster of that context of these kubeconfigs, as `access.connect` has it."""

    kubeconfig: tuple[str, ...]
    context: str | None
    log_format: Literal["text", "json"]
    quiet: bool
    verbose: bool


class Connected(_Message, frozen=True, tag=True, array_like=True):
    """The cluster is there, and lets us in."""

    cluster: str
    """Its name in the kubeconfig, or empty."""
    description: str
    """What is read, as a person would say it."""
    read_as: str
    served: Served


class Refused(_Message, frozen=True, tag=True, array_like=True):
    """There is no use in going on: an error that ends the command."""

    kind: str
    """The type of an error in _PASSED_ON; any other is a fault of ours."""
    reason: str

    @staticmethod
    def of(error: Exception) -> "Refused":
        """What the error means at the other end."""
        kind = type(error).__name__
        return Refused(kind, str(error) if kind in _PASSED_ON else kind)

    def error(self) -> Exception:
        """The error to raise."""
        return _PASSED_ON.get(self.kind, RuntimeError)(self.reason)


class List(_Message, frozen=True, tag=True, array_like=True):
    """List the resource at that path, to its end."""

    resource: Resource
    path: str


class Get(_Message, frozen=True, tag=True, array_like=True):
    """Get the one object of that kind and name; its bytes are the only page, if it is there."""

    path: str
    kind: str
    name: str


class Begin(_Message, frozen=True, tag=True, array_like=True):
    """The list begins, perhaps again: what came before does not count."""


class Page(_Message, frozen=True, tag=True, array_like=True):
    """The bytes of a page come next, reduced to what is read."""

    rest: int | None
    """Objects on the pages behind it, if that is known."""


class End(_Message, frozen=True, tag=True, array_like=True):
    """There are no more pages."""

    status: int
    """Of the answer that ended it; 0 if none came."""
    failed: str = ""
    """Why it did not come to its end; empty if it did."""
    resource_version: str = ""
    inconsistent: str = ""
    """Why it is not of one moment; empty if it is."""


Message: TypeAlias = Connect | Connected | Refused | List | Get | Begin | Page | End

_DECODER: "msgspec.msgpack.Decoder[Message]" = msgspec.msgpack.Decoder(Message)


class Channel:
    """One end; for one thread at a time. EOFError and OSError say that the other end is gone."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        """What is sent into `connection` comes out at the other end."""
        self._connection = connection

    @classmethod
    def pair(cls) -> tuple["Channel", "Channel"]:
        """Both ends of a new one."""
        one, other = Pipe()
        return cls(one), cls(other)

    @classmethod
    def of(cls, descriptor: int) -> "Channel":
        """The end that another process handed over."""
        return cls(Connection(descriptor))

    def fileno(self) -> int:
        """The descriptor of this end."""
        return self._connection.fileno()

    def send(self, message: Message) -> None:
        """Tell the other end."""
        self._connection.send_bytes(msgspec.msgpack.encode(message))

    def receive(self) -> Message:
        """What the other end tells; waits for it."""
        return _DECODER.decode(self._connection.recv_bytes())

    def send_body(self, body: bytes | bytearray) -> None:
        """The bytes behind a `Page`."""
        self._connection.send_bytes(body)

    def receive_body(self) -> bytes:
        """The same at the other end."""
        return self._connection.recv_bytes()

    def close(self) -> None:
        """Give up this process's hold of it; another's, if it has one, stays."""
        self._connection.close()

    def hang_up(self) -> None:
        """The other end sees that this one is gone, also while a thread here still waits for it."""
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as ours:
            ours.shutdown(socket.SHUT_RDWR)
        self._connection.close()
