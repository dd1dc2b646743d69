"""Bytes of the API: a GET until it is answered whole, or until there is no use in asking again."""

import logging
import random
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec
from kubernetes.client import ApiException
from kubernetes.client.rest import RESTResponse
from urllib3 import HTTPResponse
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from audit.collect.cluster.api.access import CA_ADVICE, Access
from audit.collect.cluster.pages import ListMeta
from audit.collect.fit import NOT_JSON
from audit.errors import CollectError, UsageError
from audit.log import printable

CONNECT_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 60.0
"""Without a byte; a server needs some time before the first one of a long list."""
PAGE_SECONDS: Final = 180.0
WHOLE_SECONDS: Final = 1_800.0
"""For all bytes of an answer: of a page, and of a list without pages."""
BYTES_MAX: Final = 4 << 30
"""Of an answer, unpacked: a whole list of the largest cluster has 1 GiB."""
ATTEMPTS: Final = 7
_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 8.0
WAIT_MAX: Final = 300.0
"""A Retry-After beyond this is taken for a refusal."""
_HEAD: Final = 2048
_PIECE: Final = 1 << 18
_ERROR_BYTES: Final = 1 << 20
_MESSAGE_MAX: Final = 300
_REPEATED: Final = frozenset((408, 425, 429))
"""Answers that may be another at the next time, as all from 500 on may."""

_REASONS: Final[Mapping[type[Exception], str]] = {
    NameResolutionError: "the server's name cannot be resolved",
    NewConnectionError: "the server cannot be reached",
    ConnectTimeoutError: f"no connection within {CONNECT_SECONDS:.0f} s",
    ReadTimeoutError: f"no answer for {SILENT_SECONDS:.0f} s",
    ProxyError: "the proxy does not let through",
}
"""The first that applies."""

_log = logging.getLogger(__name__)

OnHead = Callable[[bytes], None]


class _Status(msgspec.Struct):
    """A Kubernetes Status, as far as it is read."""

    message: str | None = None
    reason: str | None = None
    metadata: ListMeta | None = None


class ApiError(Exception):
    """The server did not give what was asked, and asking again will not help."""

    def __init__(self, status: int, reason: str, proceed: str = "") -> None:
        """`status` is 0 where there was no answer; `proceed` is the continue token of a 410, or empty."""
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.proceed = proceed


class _Again(Exception):  # noqa: N818  # no error but a reason to try again
    """The answer may be better next time, after at least `wait` seconds."""

    def __init__(self, error: ApiError, wait: float = 0.0) -> None:
        super().__init__(error.reason)
        self.error = error
        self.wait = wait


class Transport:
    """GETs, for as many threads as want them."""

    def __init__(self, access: Access) -> None:
        """Nothing is sent yet."""
        self.access = access
        self._closed = threading.Event()

    def close(self) -> None:
        """End all waiting: what is asked from now on, or asked again, ends in an ApiError."""
        self._closed.set()

    def get(
        self,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        on_head: OnHead | None = None,
        seconds: float = PAGE_SECONDS,
        attempts: int = ATTEMPTS,
    ) -> bytearray:
        """The body of the 200 answer; ApiError for another, CollectError if the server cannot be verified.

        `on_head` gets the first bytes before the rest is read, and perhaps again should that fail.
        """
        renewed = False
        attempt = 0
        while True:
            generation = self.access.generation
            try:
                return self._once(path, query, on_head, seconds)
            except _Again as again:
                if again.error.status == 401:
                    if renewed:
                        raise again.error from None
                    renewed = True
                    self._renew(generation, again.error)
                    continue
                attempt += 1
                wait = max(again.wait, _backoff(attempt))
                if attempt == attempts or again.wait > WAIT_MAX:
                    raise again.error from None
                _log.debug("%s: %s; again in %.1f s", path, again.error.reason, wait)
                if self._closed.wait(wait):
                    raise again.error from None

    def _renew(self, generation: int, refused: ApiError) -> None:
        try:
            self.access.renew(generation)
        except UsageError as error:
            raise ApiError(401, f"{refused.reason}; {error}") from None

    def _once(
        self, path: str, query: Sequence[tuple[str, str]], on_head: OnHead | None, seconds: float
    ) -> bytearray:
        if self._closed.is_set():
            raise ApiError(0, "interrupted")
        with self._named_errors(seconds):
            answer = self.access.get(path, query, (CONNECT_SECONDS, SILENT_SECONDS))
        with self._named_errors(seconds), _bounded(answer.response, seconds):
            if answer.status == 200:
                body = bytearray(answer.response.read(_HEAD))
                if on_head is not None:
                    on_head(bytes(body))
                # Piece by piece into one buffer: all at once would be in memory twice
                while piece := answer.response.read(_PIECE):
                    body += piece
                    if len(body) > BYTES_MAX:
                        answer.response.close()
                        raise ApiError(200, f"the answer is larger than {BYTES_MAX >> 30} GiB")
                return body
            told = answer.response.read(_ERROR_BYTES)
            answer.response.close()
        raise _refusal(answer, told)

    @contextmanager
    def _named_errors(self, seconds: float) -> Iterator[None]:
        try:
            yield
        except ApiException as error:  # so the client names an error of TLS, whose own is behind it
            raise self._tls_error(error) from None
        except _TooSlowError:
            raise _Again(ApiError(0, f"the answer took over {seconds:,.0f} s")) from None
        except (HTTPError, OSError) as error:
            raise _Again(ApiError(0, _told(error))) from None
        except ValueError:  # its text may be a header, with the token in it
            raise ApiError(0, "the request cannot be made: an odd address or odd credentials") from None

    def _tls_error(self, error: ApiException) -> Exception:
        found = _within(error, ssl.SSLCertVerificationError)
        if found is None:
            return _Again(ApiError(0, "the TLS connection broke off"))
        host, why = self.access.host, getattr(found, "verify_message", "") or "it is not valid"
        advice = CA_ADVICE
        if "mismatch" in why.lower() or "not valid for" in why:
            advice = "use the name that the certificate has, or set tls-server-name for the cluster"
        return CollectError(f"cannot verify the certificate of {host}: {why}; {advice}")


class _TooSlowError(Exception):
    """The answer as a whole took too long."""


@contextmanager
def _bounded(response: HTTPResponse, seconds: float) -> Iterator[None]:
    """Cut the connection after so many seconds: a server that sends a byte now and then is never silent."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        response.shutdown()

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (HTTPError, OSError, ValueError):
        if late.is_set():
            raise _TooSlowError from None
        raise
    finally:
        timer.cancel()
    if late.is_set():  # an answer that does not say its length ends where it is cut
        raise _TooSlowError


def _refusal(answer: RESTResponse, body: bytes) -> ApiError | _Again:
    """What an answer other than 200 means."""
    try:
        status = msgspec.json.decode(body, type=_Status)
    except NOT_JSON:
        status = _Status()
    words = (status.message or status.reason or answer.reason or "").split()
    told = printable(" ".join(words))[:_MESSAGE_MAX]
    reason = f"the server answered {answer.status}{f' ({told})' if told else ''}"
    error = ApiError(answer.status, reason, (status.metadata and status.metadata.proceed) or "")
    if answer.status == 401:
        return _Again(error)
    if answer.status in _REPEATED or answer.status >= 500:
        return _Again(error, _retry_after(answer.headers.get("Retry-After")))
    return error


def _retry_after(text: str | None) -> float:
    """Seconds that a Retry-After asks for, given as such or as a date (RFC 9110, section 10.2.3)."""
    if not text:
        return 0.0
    if text.isascii() and text.strip().isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _backoff(attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, and spread, lest clients come in waves."""
    doubled: float = _FIRST_WAIT * 2.0 ** (attempt - 1)
    return min(_LONGEST_WAIT, doubled) * random.uniform(0.75, 1.5)  # noqa: S311  # no secret hangs on it


def _told(error: Exception) -> str:
    """An error of the connection in our words: its own may hold a proxy's address with the password."""
    for kind, reason in _REASONS.items():
        if isinstance(error, kind):
            return reason
    return "the answer broke off" if _within(error, IncompleteRead) else "the connection broke off"


def _within(error: BaseException | None, wanted: type[BaseException]) -> BaseException | None:
    """The error, or what it was made of, that is a `wanted`."""
    seen: set[int] = set()
    queue = [error]
    while queue:
        one = queue.pop()
        if one is None or id(one) in seen:
            continue
        if isinstance(one, wanted):
            return one
        seen.add(id(one))
        queue += [one.__cause__, one.__context__]
        queue += [part for part in one.args if isinstance(part, BaseException)]
    return None
