"""The mail about a stored run: each letter to each recipient once, whatever breaks in between.

A letter that a server cannot take just now is tried again, for as long as the settings say. What was sent is
in the store (`audit.store.outbox`), so that a second call sends what is missing, or nothing.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from audit.config import Config
from audit.deliver import smtp
from audit.deliver.letters import Post
from audit.errors import DeliveryError
from audit.store.outbox import Attempt, InDoubtError, Outbox

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0


@dataclass
class Mailed:
    """What became of the letters about a run."""

    sent: list[str] = field(default_factory=list)
    """Recipients, now."""
    before: list[str] = field(default_factory=list)
    """Recipients that had it already."""
    problems: list[str] = field(default_factory=list)
    """A clause each."""


def send(config: Config, outbox: Outbox, run: str, posts: Sequence[Post], mailed: Mailed) -> None:
    """Send what was not sent yet, and add to `mailed` what became of it.

    DeliveryError if the settings name a file that cannot be read, or the store cannot take what was sent.
    """
    waiting, others = [], []
    for post in posts:
        if outbox.was_sent(run, post.letter, post.recipient):
            mailed.before.append(post.recipient)
        elif outbox.in_doubt(run, post.letter, post.recipient):
            others.append(post)
        else:
            waiting.append(post)
    others += _Mailer(config, outbox, run, mailed).deliver(waiting)
    outbox.wait(run, [(post.letter, post.recipient) for post in others])
    for post in others:
        if outbox.was_sent(run, post.letter, post.recipient):
            mailed.before.append(post.recipient)
        elif outbox.in_doubt(run, post.letter, post.recipient):
            mailed.problems.append(_in_doubt(post))
        else:
            mailed.problems.append(f"not sent to {post.recipient}: another process was refused; send again")


class _Mailer:
    def __init__(self, config: Config, outbox: Outbox, run: str, mailed: Mailed) -> None:
        self._settings = config.settings.mail
        self._secret = config.mail_password
        self._outbox = outbox
        self._run = run
        self._mailed = mailed
        self._reasons: dict[Post, str] = {}
        """Why each was put off."""
        self._others: list[Post] = []

    def deliver(self, waiting: Sequence[Post]) -> list[Post]:
        """Send them; those that another process is sending."""
        pauses = _pauses(self._settings.retry_seconds)
        while waiting:
            waiting = self._round(waiting)
            pause = next(pauses, None)
            if pause is None:
                break
            if waiting:
                time.sleep(pause)
        for post in waiting:
            self._refuse(post, None, self._reasons[post])
        return self._others

    def _round(self, posts: Sequence[Post]) -> list[Post]:
        """Try each once; those to try again."""
        left = list(posts)
        again: list[Post] = []
        try:
            with smtp.session(self._settings, self._password) as session:
                while left:
                    if self._try(session, left[0]):
                        again.append(left[0])
                    del left[0]
        except smtp.Later as later:
            self._reasons |= dict.fromkeys(left, str(later))
            return [*again, *left]
        except smtp.Never as never:
            for post in left:
                self._refuse(post, None, str(never))
        return again

    def _try(self, session: smtp.Session, post: Post) -> bool:
        """Send it; whether to try it again."""
        data = post.fitting(session.size_max)
        while True:
            attempts: list[Attempt] = []

            def claim(attempts: list[Attempt] = attempts) -> None:
                attempts.append(self._outbox.begin(self._run, post.letter, post.recipient, post.message_id))

            try:
                reply = session.send(post.recipient, data, claim)
            except smtp.Later as later:
                self._reasons[post] = str(later)
                self._record_refusal(attempts, str(later))
                return True
            except smtp.Never as never:
                if never.too_large and data is not post.small:
                    self._record_refusal(attempts, str(never))
                    data = post.small
                    continue
                self._refuse(post, attempts[0] if attempts else None, str(never))
            except smtp.Unknown as unknown:
                self._mailed.problems.append(f"{_in_doubt(post)} ({unknown})")
            except InDoubtError:
                self._others.append(post)
            else:
                self._outbox.sent(attempts[0], reply)
                self._mailed.sent.append(post.recipient)
            return False

    def _record_refusal(self, attempts: Sequence[Attempt], reason: str) -> None:
        for attempt in attempts:
            self._outbox.refused(attempt, reason)

    def _refuse(self, post: Post, attempt: Attempt | None, reason: str) -> None:
        """Record that a letter was given up."""
        self._mailed.problems.append(f"not sent to {post.recipient}: {reason}")
        with suppress(InDoubtError):  # another process is at it, and will say what became of it
            attempt = attempt or self._outbox.begin(self._run, post.letter, post.recipient, post.message_id)
            self._outbox.refused(attempt, reason)

    def _password(self) -> str:
        return smtp.password_of(self._settings, self._secret)


def _in_doubt(post: Post) -> str:
    return (
        f"whether {post.recipient} has it is not known, and it is never sent twice: ask for "
        f"{post.message_id} there"
    )


def _pauses(within: float) -> Iterator[float]:
    """How long to wait between tries, longer each time, within so many seconds."""
    until = time.monotonic() + within
    pause = _FIRST_PAUSE
    while time.monotonic() + pause <= until:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def problem(run: str, mailed: Mailed) -> DeliveryError | None:
    """What went wrong, in one line."""
    if not mailed.problems:
        return None
    return DeliveryError(f"the mail about {run}: {'; '.join(mailed.problems)}")
