"""The process that reads the API: it has the credentials and the connections, and hands over reduced pages.

Of a page of real pods a few percent is kept. To read and decode it takes as long as to make rows of what is
left, and a process of Python does one thing at a time: in a process of its own the one costs the other
nothing, and neither holds in memory what only the other needs.
"""

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec

from audit import log
from audit.background import in_background
from audit.collect.cluster.api.access import connect
from audit.collect.cluster.api.discovery import discover
from audit.collect.cluster.api.lists import Reading
from audit.collect.cluster.api.transport import ApiError, Transport
from audit.collect.cluster.messages import (
    Begin,
    Channel,
    Connect,
    Connected,
    End,
    Get,
    List,
    Message,
    Page,
    Refused,
    Served,
)
from audit.collect.cluster.pages import ListMeta, reduced
from audit.collect.cluster.resources import RESOURCES, Resource
from audit.collect.fit import NOT_JSON
from audit.errors import CollectError

_log = logging.getLogger(__name__)


def main(descriptors: Sequence[int]) -> None:
    """Serve the process at the other end of these sockets, the first of which is for control."""
    signal.signal(signal.SIGINT, _pass_over)
    signal.signal(signal.SIGTERM, _pass_over)
    control, *channels = map(Channel.of, descriptors)
    # The client writes certificates and keys of a kubeconfig into files, for Python's end, which never comes
    own = tempfile.TemporaryDirectory(prefix="segaudit-", ignore_cleanup_errors=True)
    with suppress(EOFError), own as tempfile.tempdir:
        wanted = control.receive()
        if isinstance(wanted, Connect):
            log.configure(wanted.log_format, quiet=wanted.quiet, verbose=wanted.verbose)
            serve(wanted, control, channels)
    with suppress(OSError, AttributeError):
        sys.stderr.flush()
    os._exit(0)  # threads may still wait for a server


def serve(wanted: Connect, control: Channel, channels: Sequence[Channel]) -> None:
    """Connect, and then answer what is asked on the channels, until the other end of `control` goes."""
    # The server, or a credential plug-in, may take its time; the other end is not to be missed meanwhile
    begun = in_background(partial(_begin, wanted, control, channels))
    with suppress(EOFError, OSError):
        control.receive()
    if begun.done() and not begun.exception() and (transport := begun.result()):
        transport.close()


def _begin(wanted: Connect, control: Channel, channels: Sequence[Channel]) -> Transport | None:
    """Connect, and say what came of it; what answers is there then."""
    try:
        access = connect([Path(file) for file in wanted.kubeconfig], wanted.context)
        transport = Transport(access)
        served = _discovered(transport)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other end has to say it
        control.send(_refused(error))
        return None
    control.send(Connected(access.cluster, access.description, access.read_as, served))
    for channel in channels:
        in_background(partial(_answer_all, transport, channel))
    return transport


def _discovered(transport: Transport) -> Served:
    try:
        return discover(transport, RESOURCES)
    except ApiError as error:
        reason = f"cannot read {transport.access.host}: {error.reason}; {_advice(error)}"
        raise CollectError(reason) from None


def _answer_all(transport: Transport, channel: Channel) -> None:
    with suppress(EOFError, OSError):  # the other end is gone
        while True:
            asked = channel.receive()
            try:
                channel.send(_answer(transport, channel, asked))
            except Exception as error:  # noqa: BLE001  # as above
                channel.send(_refused(error))


def _answer(transport: Transport, channel: Channel, asked: Message) -> End:
    """Send the pages that are asked for; what there is to say at their end."""
    if isinstance(asked, List):
        return _listed(transport, channel, asked)
    if isinstance(asked, Get):
        return _got(transport, channel, asked)
    raise TypeError(asked)


def _refused(error: Exception) -> Refused:
    _log.debug("reading the API ended", exc_info=error)
    return Refused.of(error)


class _HandOver:
    """Takes the pages of one list, and hands them over."""

    def __init__(self, channel: Channel, resource: Resource) -> None:
        self._channel = channel
        self._resource = resource

    def begin(self) -> None:
        """As `lists.Taker` has it."""
        self._channel.send(Begin())

    def take(self, body: bytearray) -> ListMeta:
        """As `lists.Taker` has it."""
        page = reduced(self._resource, body)
        self._channel.send(Page(page.meta.remaining_item_count))
        self._channel.send_body(page.body)
        return page.meta


def _listed(transport: Transport, channel: Channel, asked: List) -> End:
    reading = Reading(transport, asked.path, _HandOver(channel, asked.resource))
    error = ApiError(200, "")
    try:
        reading.run()
    except ApiError as failed:
        _log.debug("%s: %s", asked.path, failed.reason)
        error = failed
    return End(error.status, error.reason, reading.resource_version, reading.inconsistent)


class _Name(msgspec.Struct):
    name: str = ""


class _Named(msgspec.Struct):
    """An object as far as it says what it is."""

    kind: str = ""
    metadata: _Name = msgspec.field(default_factory=_Name)


def _got(transport: Transport, channel: Channel, asked: Get) -> End:
    """Get one object; that it is not there is an answer, too."""
    try:
        body = transport.get(f"{asked.path}/{quote(asked.name, safe='')}")
        _require(body, asked)
    except ApiError as error:
        return End(200) if error.status == 404 else End(error.status, error.reason)
    channel.send(Begin())
    channel.send(Page(None))
    channel.send_body(body)
    return End(200)


def _require(body: bytearray, asked: Get) -> None:
    """ApiError if the answer is not the object that was asked for."""
    try:
        found = msgspec.json.decode(body, type=_Named)
    except NOT_JSON:
        raise ApiError(200, "the answer is no object") from None
    if (found.kind, found.metadata.name) != (asked.kind, asked.name):
        raise ApiError(200, "the answer is another object than was asked for")


def _advice(error: ApiError) -> str:
    if error.status == 401:
        return "the credentials were not accepted: get new ones, or name another --context"
    if error.status:
        return "is this the address of a Kubernetes API server?"
    return "check the server's address, the network and the proxy"


def _pass_over(*_: object) -> None:
    """What a terminal or a supervisor sends to both is for the other process, which ends this one.

    A credential plug-in gets it as ever.
    """
