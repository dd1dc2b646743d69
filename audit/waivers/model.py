"""What a waiver says, whoever wrote it: which findings it accepts, on which terms."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

import msgspec

from audit.policy.model import Selector

LONGEST: Final = timedelta(days=366)
"""Between the beginning of a waiver and its end."""

Text = Annotated[str, msgspec.Meta(max_length=4096, extra={"allowed": "a text of at most 4096 characters"})]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=4096, extra={"allowed": "a name"})]
Day = Annotated[date | None, msgspec.Meta(extra={"allowed": "a date such as 2026-11-23"})]


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On which terms findings of a check are accepted."""

    check: Name
    reason: Text = ""
    owner: Text = ""
    approved_by: Text = ""
    ticket: Text = ""
    created: Day = None
    expires: Day = None

    def __str__(self) -> str:
        """As findings.csv has them."""
        begins = f"from {self.created} " if self.created else ""
        ticket = f", {self.ticket}" if self.ticket else ""
        people = f"approved by {self.approved_by}, owner {self.owner}"
        return f"{begins}until {self.expires}, {people}{ticket}: {self.reason}"

    def lapse(self, today: date) -> str:
        """Why they do not hold today, nor will again, as the end of a sentence; empty if they do or will."""
        missing = [field for field in ("reason", "owner", "approved_by") if not getattr(self, field).strip()]
        if self.expires is None:
            missing.append("expires")
            return _incomplete(missing)
        if missing:
            return _incomplete(missing)
        if self.created and self.expires - self.created > LONGEST:
            return f"is to last from {self.created} to {self.expires}: {LONGEST.days} days are the most"
        if not self.created and self.expires - today > LONGEST:
            return (
                f"is to last until {self.expires} and does not say when it was created: {LONGEST.days} days "
                "are the most"
            )
        return f"ended on {self.expires}" if self.expires < today else ""

    def awaited(self, today: date) -> bool:
        """Whether they begin after today."""
        return self.created is not None and self.created > today

    def hold(self, today: date) -> bool:
        """Whether they hold today."""
        return not self.lapse(today) and not self.awaited(today)


def _incomplete(missing: list[str]) -> str:
    named = f"{', '.join(missing[:-1])} and {missing[-1]}" if missing[1:] else missing[0]
    return f"is not complete: {named} {'are' if missing[1:] else 'is'} missing"


@dataclass(frozen=True)
class Waiver:
    """Accepted findings. What is given of namespace, kind, name and selector has to fit a subject.

    A name without a namespace is that of a subject which has none, as a Namespace.
    """

    terms: Terms
    namespace: str = ""
    kind: str = ""
    name: str = ""
    selector: Selector | None = None
    labels: str = ""
    """The selector as people read it."""
    annotation: bool = False
    """Whether the object itself carries it: it holds for this object, and not for critical findings."""
    defect: str = ""
    """Why it cannot be understood, as a sentence: then it has no terms that say anything."""
    source: str = ""
    """Where it stands."""

    def __str__(self) -> str:
        """As findings.csv has it."""
        annotated = f"by the annotation of {self.kind} {self.place}, " if self.annotation else ""
        return f"{annotated}{self.terms}"

    @property
    def place(self) -> str:
        """The object whose annotation it is."""
        return f"{self.namespace}/{self.name}" if self.namespace and self.kind != "Namespace" else self.name

    @property
    def whom(self) -> str:
        """What it is about but for the namespace: `web`, `Deployment/web`, `app=web`."""
        named = f"{self.kind}/{self.name}" if self.kind else self.name
        return " ".join(filter(None, (named, self.labels))) or "*"

    @property
    def called(self) -> str:
        """In a sentence."""
        return f"Waiver {self.namespace}{'/' if self.namespace else ''}{self.subject}"

    @property
    def subject(self) -> str:
        """Its name as a subject of waivers-are-current, the same as long as it accepts the same."""
        return "/".join(filter(None, (self.terms.check, self.whom)))
