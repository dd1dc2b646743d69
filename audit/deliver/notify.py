"""All that is told of a stored run: mail to people, and the summary to a webhook; or only shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

from audit.compose.letters.cluster import LETTER
from audit.compose.letters.stored import stored
from audit.config import Config
from audit.deliver import mail, webhook
from audit.deliver.files import write_file
from audit.deliver.letters import Letters, Post
from audit.deliver.mail import Mailed
from audit.errors import AuditError, DeliveryError
from audit.store import Run
from audit.store.outbox import Outbox


def notify(config: Config, run: Run) -> tuple[list[str], AuditError | None]:
    """Send what was not sent yet; what there is to say of it, and what went wrong. Nothing is raised.

    The mail and the webhook do not wait for each other: what one cannot do the other still does.
    """
    try:
        outbox, letters = _opened(config, run)
    except AuditError as error:
        return [], DeliveryError(str(error))
    mailed = Mailed()
    ways: list[Callable[[], None]] = [
        lambda: mail.send(config, outbox, run.name, list(letters.posts()), mailed)
    ]
    if config.settings.webhook.url_file:
        ways.append(lambda: webhook.tell(config, outbox, letters, mailed))
    for way in ways:
        try:
            way()
        except AuditError as error:
            mailed.problems.append(str(error))
    return list(_lines(run, mailed)), mail.problem(run.name, mailed)


def show(config: Config, run: Run, folder: Path) -> list[str]:
    """Write what would be sent into a folder, as .eml and .json; the names of the files."""
    _, letters = _opened(config, run)
    contents = {_name(run, post): post.fitting() for post in letters.posts()}
    if config.settings.webhook.url_file:
        contents[f"{run.name}-webhook.json"] = webhook.payload(config.settings.webhook.kind, letters)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryError(f"cannot make {folder}: {error.strerror}; name another with --out") from None
    for name, data in contents.items():
        write_file(folder / name, data)
    return sorted(contents)


def _name(run: Run, post: Post) -> str:
    """Of a file: the letter to all is one."""
    whose = "" if post.letter == LETTER else f"-{post.recipient.replace('/', '_')}"
    return f"{run.name}-{post.letter}{whose}.eml"


def _opened(config: Config, run: Run) -> tuple[Outbox, Letters]:
    outbox = Outbox(run.store.place)
    runs = [each for each in run.store.runs() if not each.removed]
    return outbox, Letters(config, stored(run), outbox, runs)


def _lines(run: Run, mailed: Mailed) -> Iterator[str]:
    if mailed.sent:
        yield f"Told of {run.name}: {', '.join(mailed.sent)}."
    if mailed.before:
        yield f"Told of {run.name} before, and not again: {', '.join(mailed.before)}."
