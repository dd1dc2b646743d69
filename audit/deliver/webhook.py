"""The summary of a stored run for a chat or a program. Its URL is a secret, and in no message or store."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from audit.compose.letters.changed import severities
from audit.config import Config
from audit.deliver import post, secret_file
from audit.deliver.letters import THE_WEBHOOK, WEBHOOK, Letters
from audit.deliver.mail import Mailed
from audit.errors import DeliveryError
from audit.shortening import shortened
from audit.store.outbox import InDoubtError, Outbox
from reports.letter import Letter
from reports.to_mail import said

_SETTING: Final = "webhook.url_file"
_URL_MAX: Final = 8192
_SLACK_HEAD_MAX: Final = 150
_SLACK_TEXT_MAX: Final = 3000

Kind: TypeAlias = Literal["json", "slack", "teams"]


def tell(config: Config, outbox: Outbox, letters: Letters, mailed: Mailed) -> None:
    """Tell it once, and add to `mailed` what became of it; DeliveryError if the store cannot take that."""
    settings, run = config.settings.webhook, letters.stored.run.name
    if outbox.was_sent(run, WEBHOOK, THE_WEBHOOK):
        mailed.before.append(THE_WEBHOOK)
        return
    url = _url(settings.url_file)
    try:
        attempt = outbox.begin(run, WEBHOOK, THE_WEBHOOK, letters.stored.sha256)
    except InDoubtError:
        outbox.wait(run, [(WEBHOOK, THE_WEBHOOK)])
        if outbox.was_sent(run, WEBHOOK, THE_WEBHOOK):
            mailed.before.append(THE_WEBHOOK)
            return
        mailed.problems.append(f"whether {THE_WEBHOOK} was told is not known, and it is never told twice")
        return
    data = payload(settings.kind, letters)
    try:
        reply = post.post(
            url,
            data,
            method="POST",
            content_type="application/json",
            ca_file=settings.ca_file,
            setting=_SETTING,
            harmless=False,
        )
    except post.MaybeError as error:
        mailed.problems.append(str(error))
    except DeliveryError as error:
        outbox.refused(attempt, str(error))
        mailed.problems.append(str(error))
    else:
        outbox.sent(attempt, reply)
        mailed.sent.append(THE_WEBHOOK)


def payload(kind: Kind, letters: Letters) -> bytes:
    """What is posted."""
    letter = letters.main()
    forms = {"slack": _slack, "teams": _teams}
    told = forms[kind](letter) if kind in forms else _summary(letters, letter)
    return msgspec.json.format(msgspec.json.encode(told))


def _url(path: str) -> str:
    url = secret_file.read(path, _SETTING, _URL_MAX).strip()
    if not (url.startswith("https://") and url.isascii() and url.isprintable() and " " not in url):
        raise DeliveryError(f"{_SETTING} {path}: what it holds is no https URL")
    return url


def _summary(letters: Letters, letter: Letter) -> dict[str, object]:
    """Everything as numbers, and the words of the mail."""
    stored = letters.stored
    head = stored.record.head
    return {
        "schema_version": 1,
        "cluster": head.cluster,
        "cluster_uid": head.cluster_uid,
        "classification": letter.classification,
        "run": stored.run.name,
        "taken": head.taken,
        "as_of": head.as_of,
        "complete": head.complete,
        "subject": said(letter.subject),
        "notes": [said(note) for note in letter.notes],
        "lead": said(letter.lead),
        "first": [said(item.text) for part in letter.parts[:1] for item in part.items],
        "findings": {each.word: n for each, n in severities(stored.report.data.findings.rows).items()},
        "waived_findings": head.waived_findings,
        "unassessed_checks": head.unassessed,
        "figures": head.figures,
        "manifest_sha256": stored.sha256,
        "snapshot_sha256": head.snapshot,
    }


def _lines(letter: Letter) -> Sequence[str]:
    """What fits into a chat: notes, the finding, the figures, what to do first."""
    first = letter.parts[0]
    figures = [f"{each.label}: {each.value} ({each.base})" for each in letter.figures]
    things = [f"{number}. {said(item.text)}" for number, item in enumerate(first.items, 1)]
    return [*(said(note) for note in letter.notes), said(letter.lead), *figures, *things]


def _slack(letter: Letter) -> dict[str, object]:
    """Plain text throughout, in which no name of the cluster is markup."""
    subject = said(letter.subject)
    text = "\n".join(_lines(letter))
    return {
        "text": subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "blocks": [
            {"type": "header", "text": _slack_text(subject, _SLACK_HEAD_MAX)},
            {"type": "section", "text": _slack_text(text, _SLACK_TEXT_MAX)},
        ],
    }


def _slack_text(text: str, most: int) -> dict[str, object]:
    return {"type": "plain_text", "text": shortened(text, most), "emoji": False}


def _teams(letter: Letter) -> dict[str, object]:
    """An adaptive card of runs of text, in which no name of the cluster is markup."""
    subject = {"type": "TextRun", "text": said(letter.subject), "weight": "Bolder", "size": "Medium"}
    lines = [{"type": "TextRun", "text": line} for line in _lines(letter)]
    body = [{"type": "RichTextBlock", "inlines": [run]} for run in (subject, *lines)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}
