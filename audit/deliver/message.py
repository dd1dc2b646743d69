"""A letter as the message that goes over the wire."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from reports.letter import Letter
from reports.to_mail import render_mail, said

_POLICY: Final = SMTP.clone(cte_type="7bit")
"""Any server takes seven bits."""
_PLAIN: Final = re.compile(r"[^A-Za-z0-9.-]+")
_FILE_NAME_MAX: Final = 100


def message(  # noqa: PLR0913  # what stands in its head
    letter: Letter,
    *,
    sender: str,
    to: list[str],
    message_id: str,
    moment: datetime,
    paper: bytes | None = None,
) -> bytes:
    """The message as bytes; `paper` is the PDF to attach, named after what the letter is about.

    Addresses are those of the settings, which hold nothing that could end a header; what the audited system
    called something stands in the subject alone, on one line.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = f"segaudit <{sender}>"
    mail["To"] = ", ".join(to)
    mail["Subject"] = said(letter.subject)
    mail["Date"] = format_datetime(moment)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # what Exchange heeds in place of the line above
    bodies = render_mail(letter)
    mail.set_content(bodies.text, cte="quoted-printable")
    mail.add_alternative(bodies.html, subtype="html", cte="quoted-printable")
    if paper is not None:
        name = _PLAIN.sub("-", f"{letter.about}-{letter.date}").strip("-.")[:_FILE_NAME_MAX]
        mail.add_attachment(paper, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return mail.as_bytes()
