"""What the folders of runs are called."""

import re
import secrets
from datetime import UTC, datetime
from typing import Final, NamedTuple

from audit.config import JOB_NAME

_WRITTEN: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(rf"(\d{{8}}T\d{{6}}Z)-({JOB_NAME})(?:_([0-9a-f]{{8}}))?")


class Name(NamedTuple):
    """The parts of a folder's name."""

    moment: datetime
    """UTC, whole seconds."""
    id: str
    attempt: str
    """What tells attempts of a Job's run apart; empty for a run that is of no Job."""

    def __str__(self) -> str:
        """The name; it sorts by time."""
        end = f"_{self.attempt}" if self.attempt else ""
        return f"{self.moment.astimezone(UTC).strftime(_WRITTEN)}-{self.id}{end}"


def parsed(text: str) -> Name | None:
    """The parts of a folder's name; None if it is not that of a run."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1], _WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Name(moment, found[2], found[3] or "")


def fresh(moment: datetime, job: str) -> Name:
    """The name of a new folder, as no other has it."""
    token = secrets.token_hex(4)
    return Name(moment, job, token) if job else Name(moment, token, "")
