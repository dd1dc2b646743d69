"""Sending a few bytes over HTTP: TLS verified, no redirect followed, tried again where that can do no harm.

No message holds the URL, which may be a secret; the library would log it with every retry of its own, so that
tries are counted here.
"""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.util import Timeout

from audit.deliver.tls import trusting
from audit.errors import DeliveryError

_TRIES: Final = 5
_LONGEST_PAUSE: Final = 60.0
_AGAIN: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
_LOOK: Final = "look at the URL, and whether a NetworkPolicy keeps the pod from it"
_TIMEOUT: Final = Timeout(connect=10, read=60)


class RefusedError(DeliveryError):
    """It certainly did not arrive."""


class MaybeError(DeliveryError):
    """It may have arrived."""


def post(  # noqa: PLR0913  # a request
    url: str,
    data: bytes,
    *,
    method: str,
    content_type: str,
    ca_file: str,
    setting: str,
    harmless: bool,
) -> str:
    """Send it; the status that was answered. RefusedError or MaybeError, which name `setting` for the URL.

    `harmless`: to send it twice does no harm, so that it is tried again even if it may have arrived.
    """
    headers = {"Content-Type": content_type, "User-Agent": "segaudit"}
    for number in range(_TRIES):
        last = number == _TRIES - 1
        try:
            status, pause = _once(_pool(url, ca_file, setting), method, url, data, headers)
        except (urllib3.exceptions.SSLError, urllib3.exceptions.LocationValueError, ValueError) as error:
            raise RefusedError(f"{setting}: {_told(error)}") from None
        except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError) as error:
            if last:
                told = f"the server cannot be reached ({_told(error)}); {_LOOK}"
                raise RefusedError(f"{setting}: {told}") from None
            pause = 0.0
        except urllib3.exceptions.HTTPError as error:
            if last or not harmless:
                told = "the connection broke before an answer came, so whether it arrived is not known"
                raise MaybeError(f"{setting}: {told} ({_told(error)})") from None
            pause = 0.0
        else:
            if 200 <= status < 300:
                return str(status)
            unsure = not harmless and _may_have_arrived(status, pause)
            if last or unsure or status not in _AGAIN:
                raise _not_taken(f"{setting}: the server answered {status}", status, unsure=unsure)
        time.sleep(min(max(pause or 0.0, 2.0**number), _LONGEST_PAUSE))
    raise AssertionError


def _once(
    pool: urllib3.PoolManager, method: str, url: str, data: bytes, headers: Mapping[str, str]
) -> tuple[int, float | None]:
    """The status, and for how many seconds the server asks to be left alone, if it does."""
    with pool:
        answer = pool.request(
            method,
            url,
            body=data,
            headers=dict(headers),
            redirect=False,
            retries=False,
            timeout=_TIMEOUT,
            preload_content=False,
        )
        answer.close()
    after = answer.headers.get("Retry-After")
    if after is None:
        return answer.status, None
    return answer.status, float(after) if after.isascii() and after.isdigit() else 0.0


def _may_have_arrived(status: int, pause: float | None) -> bool:
    """Whether a server that answered so may have taken it, or one behind it: who asks to wait has not."""
    return status == HTTPStatus.REQUEST_TIMEOUT or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR
        and not (status == HTTPStatus.SERVICE_UNAVAILABLE and pause is not None)
    )


def _pool(url: str, ca_file: str, setting: str) -> urllib3.PoolManager:
    """Through the proxy that the environment names, if it does."""
    parts = urlsplit(url)
    context = trusting(ca_file, f"the CA file of {setting}") if parts.scheme == "https" else None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, ssl_context=context)
    return urllib3.PoolManager(ssl_context=context)


def _told(error: Exception) -> str:
    """An error in our words: its own may hold the URL."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted; name its CA"
    if isinstance(error, ValueError):
        return "it is no URL that can be asked; look for a host and a port that are none"
    return type(error).__name__


def _not_taken(told: str, status: int, *, unsure: bool) -> DeliveryError:
    if unsure:
        return MaybeError(f"{told}, so whether it arrived is not known")
    if 300 <= status < 400:
        return RefusedError(f"{told}, a redirect, and none is followed: name the URL that it leads to")
    return RefusedError(f"{told}; look at the URL, and at what the server says of it in its log")
