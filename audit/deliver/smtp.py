"""One conversation with an SMTP server: connected, protected and logged in as the settings say.

What goes wrong is one of three: it may be better soon (`Later`), it will not (`Never`), or the message may
have been taken (`Unknown`), because after the first byte of it no answer came that is one.
"""

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from audit.channels import Mail, Secret
from audit.deliver import secret_file
from audit.deliver.tls import trusting
from audit.errors import DeliveryError, UsageError
from audit.log import printable

_SECONDS: Final = 60.0
_TAKING_SECONDS: Final = 600.0
"""Servers look at a message before they answer: RFC 5321, 4.5.3.2.6, has clients wait for ten minutes."""
_GOODBYE_SECONDS: Final = 5.0
_TOO_LARGE: Final = frozenset((552, 523))
_REPLY_MAX: Final = 200
_PASSWORD_MAX: Final = 4096


class Later(Exception):  # noqa: N818  # what to do, and no error
    """The server could not be reached, or asked to be tried again."""


class Never(Exception):  # noqa: N818  # the same
    """The server refused, for good."""

    def __init__(self, reason: str, *, too_large: bool = False) -> None:
        """`too_large`: it would take a smaller message."""
        super().__init__(reason)
        self.too_large = too_large


class Unknown(Exception):  # noqa: N818  # the same
    """The server had the message, and did not say what became of it."""


class Session:
    """A connection on which messages are sent, one after the other."""

    def __init__(self, client: smtplib.SMTP, settings: Mail) -> None:
        """The client is connected."""
        self._client = client
        self._settings = settings

    @property
    def size_max(self) -> int | None:
        """The largest message that the server takes, in bytes, if it says so."""
        told = self._client.esmtp_features.get("size", "")
        return int(told) if told.isdigit() and int(told) else None

    def send(self, recipient: str, data: bytes, claim: Callable[[], None]) -> str:
        """Send one message to one recipient; what the server said.

        `claim` is called when the server has accepted sender and recipient, before it gets the message; if
        that raises, nothing is sent.
        """
        client = self._client
        with _before_data(self._settings):
            client.rset()
            options = [f"size={len(data)}"] if client.has_extn("size") else []
            _accepted(client.mail(self._settings.sender, options))
            _accepted(client.rcpt(recipient))
        claim()
        try:
            _patience(client, _TAKING_SECONDS)
            code, reply = client.data(data)
            _patience(client, _SECONDS)
        except smtplib.SMTPDataError as error:  # before the message, which it did not want
            _accepted((error.smtp_code, _bytes(error.smtp_error)))
            raise Later(str(error.smtp_code)) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unknown(type(error).__name__) from None
        if not (200 <= code < 300 or 400 <= code < 600):
            client.close()  # nobody knows to what its next answers belong
            raise Unknown(f"the answer was {code}" if code >= 0 else "the answer had no number")
        return _accepted((code, reply))


@contextmanager
def session(settings: Mail, password: Callable[[], str]) -> Iterator[Session]:
    """A session; Later, or Never. `password` is asked when the server wants one."""
    with _before_data(settings):
        client = _connected(settings)
        try:
            if settings.username:
                _log_in(client, settings.username, password())
        except BaseException:
            client.close()
            raise
    try:
        yield Session(client, settings)
        with suppress(smtplib.SMTPException, OSError):
            _patience(client, _GOODBYE_SECONDS)
            client.quit()
    finally:  # who is terminated does not wait for an answer
        client.close()


def _connected(settings: Mail) -> smtplib.SMTP:
    host, port = settings.at
    name = socket.gethostname()  # not the full name: to look that up may take its time in a pod
    client: smtplib.SMTP
    if settings.security == "tls":
        context = trusting(settings.ca_file, "mail.ca_file")
        client = smtplib.SMTP_SSL(host, port, name, timeout=_SECONDS, context=context)
    else:
        client = smtplib.SMTP(host, port, name, timeout=_SECONDS)
    try:
        client.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            client.starttls(context=trusting(settings.ca_file, "mail.ca_file"))
            client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _log_in(client: smtplib.SMTP, username: str, password: str) -> None:
    try:
        if (username + password).isascii():
            code, _ = client.login(username, password)
        else:  # of which smtplib knows nothing; RFC 4616 has UTF-8
            token = b64encode(f"\0{username}\0{password}".encode()).decode("ascii")
            code, _ = client.docmd("AUTH", f"PLAIN {token}")
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
    except smtplib.SMTPNotSupportedError:
        raise Never("the server offers no way to log in that is known; leave mail.username out") from None
    if not 200 <= code < 300:  # what it says beside the code may hold what was sent
        kind = Later if 400 <= code < 500 else Never
        raise kind(f"the server refused mail.username and its password ({code})")


@contextmanager
def _before_data(settings: Mail) -> Iterator[None]:
    """Whatever breaks here, no message was taken."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message
        raise Never(
            f"the server's certificate is not trusted ({reason}); name its CA in mail.ca_file"
        ) from None
    except ssl.SSLError as error:
        raise Never(f"no TLS with the server ({error.reason}); look at mail.security and mail.port") from None
    except smtplib.SMTPResponseException as error:
        _accepted((error.smtp_code, _bytes(error.smtp_error)))
        raise Later(str(error.smtp_code)) from None
    except smtplib.SMTPServerDisconnected:
        raise Later("the server closed the connection") from None
    except smtplib.SMTPNotSupportedError:
        raise Never(
            "the server offers no STARTTLS; set mail.security to tls, or none if that is meant"
        ) from None
    except smtplib.SMTPException as error:
        raise Never(
            f"the server and segaudit do not understand each other ({type(error).__name__})"
        ) from None
    except OSError as error:
        host, port = settings.at
        raise Later(
            f"the server cannot be reached ({error.strerror or type(error).__name__}); look at mail.host and "
            f"mail.port ({host}, {port}), and whether a NetworkPolicy keeps the pod from it"
        ) from None


def _accepted(answer: tuple[int, bytes]) -> str:
    """A reply that is a yes; else Later or Never."""
    code, text = answer
    told = printable(text.decode("utf-8", "replace"))[:_REPLY_MAX]
    said = f"{code} {told}".strip()
    if 200 <= code < 300:
        return said
    if 400 <= code < 500 or code < 0:
        raise Later(said)
    raise Never(said, too_large=code in _TOO_LARGE)


def _patience(client: smtplib.SMTP, seconds: float) -> None:
    """How long to wait for an answer from now on."""
    if client.sock is not None:
        client.sock.settimeout(seconds)


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text


def password_of(settings: Mail, given: Secret | None) -> str:
    """The password in a file, without the line's end, or else the one that is given; UsageError."""
    if settings.password_file:
        try:
            return secret_file.read(settings.password_file, "mail.password_file", _PASSWORD_MAX).rstrip(
                "\r\n"
            )
        except DeliveryError as error:
            raise UsageError(str(error)) from None
    if given is None:
        raise UsageError(
            "mail.username is set, and no password: name a file in mail.password_file, or set "
            "SEGAUDIT_MAIL_PASSWORD"
        )
    return given.text
