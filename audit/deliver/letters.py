"""The letters about a stored run as messages, each with its recipients."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from audit.compose.letters import cluster, owners
from audit.compose.letters.changed import Before
from audit.compose.letters.cluster import Missing
from audit.compose.letters.stored import PAPER, Stored, record
from audit.config import Config
from audit.deliver import smtp
from audit.deliver.message import message
from audit.errors import CollectError, UsageError
from audit.history.record import same_cluster
from audit.store import Run
from audit.store.names import parsed
from audit.store.outbox import Outbox, key_of
from reports.letter import Letter

WEBHOOK: Final = "webhook"
"""What the summary for a webhook is called in the records of what was sent."""
THE_WEBHOOK: Final = "the webhook"
"""Its recipient there: the address is a secret."""
_MB: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class Post:
    """A letter to one recipient; the same letter has the same bytes for all."""

    letter: str
    recipient: str
    message_id: str
    whole: bytes
    """The message, with the PDF if it is to be attached."""
    small: bytes
    """The same without."""
    size_max: int
    """Bytes that a message may have by the settings."""

    def fitting(self, server: int | None = None) -> bytes:
        """The message for a server that takes so many bytes, or does not say."""
        most = min(server or self.size_max, self.size_max)
        return self.whole if len(self.whole) <= most else self.small


def check(config: Config, *, sends: bool = True) -> None:
    """UsageError if mail is not set up, or not safely; or, if it `sends`, its password is missing."""
    settings = config.settings.mail
    if not (settings.host or config.settings.webhook.url_file):
        raise UsageError("mail is not set up: set mail.host, mail.from and mail.to, or webhook.url_file")
    if not settings.host:
        return
    if not settings.sender:
        raise UsageError("mail.from is missing: set the address that mail is from")
    if not (settings.to or settings.owners or settings.allowed_domains):
        raise UsageError("mail.to is missing: set who gets the mail")
    if settings.security == "none" and settings.username:
        raise UsageError(
            "mail.security is none, which would send the password in clear: set it to starttls or tls, or "
            "leave mail.username out"
        )
    if sends and settings.username:
        smtp.password_of(settings, config.mail_password)


class Letters:
    """The letters about one run."""

    def __init__(self, config: Config, stored: Stored, outbox: Outbox, runs: Sequence[Run]) -> None:
        """`runs` are the whole runs of its store, the oldest first."""
        self._config = config
        self._settings = config.settings.mail
        self.stored = _labelled(stored, config.settings.classification)
        self._outbox = outbox
        self._run = stored.run.name
        self._now = config.now if runs and runs[-1].name == self._run else None
        """For the newest run alone: others are old as they should be."""
        self._before = _before(stored, outbox, runs)
        self._owners = owners.owners(stored, self._settings)

    def main(self) -> Letter:
        """About the whole cluster, without a word on where the report is."""
        return cluster.letter(
            self.stored,
            self._before,
            now=self._now,
            missing=[
                *self._missing(cluster.LETTER, self._settings.to),
                *self._missing(WEBHOOK, [THE_WEBHOOK] if self._config.settings.webhook.url_file else []),
            ],
            untold=self._owners.untold,
        )

    def posts(self) -> Iterator[Post]:
        """Every letter to every recipient."""
        if not self._settings.host:
            return
        to = {address.casefold(): address for address in reversed(self._settings.to)}
        if to:
            yield from self._main(list(reversed(to.values())))
        for address, names in self._owners.namespaces.items():
            told = owners.letter(
                self.stored, names, now=self._now, missing=self._missing(owners.LETTER, [address])
            )
            message_id = self._message_id(owners.LETTER, address)
            data = self._message(told, [address], message_id)
            yield self._post(owners.LETTER, address, message_id, data, data)

    def _main(self, to: list[str]) -> Iterator[Post]:
        letter, message_id = self.main(), self._message_id(cluster.LETTER, "")
        paper = self._paper()
        size = len(paper) if paper else 0
        reason = f"as it is too large ({cluster.megabytes(size)})" if paper else ""
        small = self._message(_with(letter, cluster.stored_only(self.stored, reason)), to, message_id)
        whole = small
        if paper:
            whole = self._message(_with(letter, cluster.attached(size)), to, message_id, paper)
        for address in to:
            yield self._post(cluster.LETTER, address, message_id, whole, small)

    def _post(self, letter: str, recipient: str, message_id: str, whole: bytes, small: bytes) -> Post:
        return Post(letter, recipient, message_id, whole, small, self._settings.attach_max_mb * _MB)

    def _message(self, letter: Letter, to: list[str], message_id: str, paper: bytes | None = None) -> bytes:
        return message(
            letter,
            sender=self._settings.sender,
            to=to,
            message_id=message_id,
            moment=self._config.now,
            paper=paper,
        )

    def _paper(self) -> bytes | None:
        run = self.stored.run
        return run.proved(PAPER) if self._settings.attach and PAPER in run.files else None

    def _message_id(self, letter: str, recipient: str) -> str:
        """The same whenever this letter is made of this run again."""
        of = hashlib.sha256(f"{self.stored.sha256}{key_of(letter, recipient)}".encode()).hexdigest()[:16]
        return f"<{self._run}.{of}@{self._settings.sender.rpartition('@')[2]}>"

    def _missing(self, letter: str, recipients: Sequence[str]) -> list[Missing]:
        return [
            Missing(told.moment, recipient)
            for recipient in recipients
            for run in self._outbox.missing(self._run, letter, recipient)
            if (told := parsed(run))
        ]


def _labelled(stored: Stored, classification: str) -> Stored:
    """With the label of the settings, if the run was stored without one."""
    label = stored.report.classification or classification
    return replace(stored, report=msgspec.structs.replace(stored.report, classification=label))


def _with(letter: Letter, attachment: str) -> Letter:
    return msgspec.structs.replace(letter, attachment=attachment)


def _before(stored: Stored, outbox: Outbox, runs: Sequence[Run]) -> Before:
    """What the letter compares with: the run that was mailed last, or else the one before."""
    earlier = [run for run in runs if run.name < stored.run.name]
    if not earlier:
        return Before()
    mailed = outbox.last_sent(stored.run.name)
    run = next((run for run in earlier if run.name == mailed), earlier[-1])
    try:
        then = record(run)
    except CollectError as error:
        return Before(reason=f"what changed is not known: {error}")
    one, other = then.head, stored.record.head
    if not same_cluster((one.cluster, one.cluster_uid), (other.cluster, other.cluster_uid)):
        return Before(reason="the run before this one is of another cluster")
    return Before(then)
