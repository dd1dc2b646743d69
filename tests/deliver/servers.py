"""A real SMTP server on loopback that does as it is told: takes mail, refuses, or breaks the connection."""

import asyncio
import logging
import socket
import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Final, Literal, TypeAlias

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.apiserver.processes import UntilStopped

HOST: Final = "127.0.0.1"
logging.getLogger("mail.log").setLevel(logging.ERROR)  # it tells of its own deprecations

DROP: Final = "drop"
"""An answer: the connection breaks instead."""
HANG: Final = "hang"
"""An answer: there is none until the server stops."""
BROKEN: Final = "broken "
"""An answer: what follows it, as it is, and then the connection breaks."""

Security: TypeAlias = Literal["none", "starttls", "tls"]


@dataclass
class Mailbox:
    """What came of all conversations, and what is answered next: the first of each row is used up."""

    rcpt: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Answers to RCPT by recipient."""
    data: list[str] = field(default_factory=list)
    """Answers to the end of a message."""
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    """Recipient and message, of all that was answered 250 or not at all."""
    began: threading.Event = field(default_factory=threading.Event)
    """A message is there, and not answered yet."""
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.rcpt[address].pop(0) if self.rcpt[address] else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.data.pop(0) if self.data else "250 taken"
        if answer[:1] not in "45":
            assert isinstance(envelope.content, bytes)
            self.taken.extend((recipient, envelope.content) for recipient in envelope.rcpt_tos)
        self.began.set()
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == DROP:
            server.transport.abort()
        if answer.startswith(BROKEN):
            server.transport.write(answer.removeprefix(BROKEN).encode())
            server.transport.close()
        return "250 nobody hears it" if answer == DROP else answer

    @property
    def recipients(self) -> list[str]:
        """Of what was taken."""
        return [recipient for recipient, _ in self.taken]

    def messages(self) -> list[EmailMessage]:
        """What was taken, read again."""
        return [BytesParser(policy=default).parsebytes(data) for _, data in self.taken]


class SmtpServer(UntilStopped):
    """It listens as soon as it is made."""

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        security: Security = "none",
        login: tuple[str, str] | None = None,
        size_max: int = 33_554_432,
    ) -> None:
        """`login`: the name and password without which it takes nothing."""
        self.box = Mailbox()

        def allowed(
            _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
        ) -> AuthResult:
            assert isinstance(given, LoginPassword)
            self.box.logins.append((given.login.decode(), given.password.decode()))
            return AuthResult(success=self.box.logins[-1] == login, handled=False)

        with socket.create_server((HOST, 0)) as free:
            self.port: int = free.getsockname()[1]
        self._controller = Controller(
            self.box,
            HOST,
            self.port,
            ssl_context=context if security == "tls" else None,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=allowed if login else None,
            auth_required=login is not None and security == "starttls",
            auth_require_tls=security == "starttls",
            data_size_limit=size_max,
        )
        self._controller.start()
        self._runs = True

    def stop(self) -> None:
        """End it, whatever still waits for an answer."""
        if self._runs:
            self._runs = False
            self._controller.stop(no_assert=True)
