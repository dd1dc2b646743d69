"""What was sent of which run to whom, so that nothing is ever sent twice.

An attempt to send is `mail/RUN/KEY/N.sending.json`. It is created before the first byte of the message goes
out, which only one can do; how it ended stands beside it, in `N.sent.json` or `N.refused.json`. As all else
in a store, neither is written over.

| what is there of the last attempt | then |
|---|---|
| `sent` | it is done |
| `refused` | the server certainly did not take it: the next attempt has the next number |
| `sending` alone | nobody knows: it is never sent again, and the next mail says that one may be missing |

KEY stands for the letter and the recipient, whose name is in the record. The address of a webhook is a
secret, and in none.
"""

import hashlib
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from audit.errors import AuditError, DeliveryError
from audit.store.names import parsed
from audit.store.places import Place, ThereAlreadyError

FOLDER: Final = "mail"
"""The folder of the records, beside those of the runs."""
_PATH: Final = re.compile(
    rf"{FOLDER}/([^/]+)/([0-9a-f]{{16}})/([1-9][0-9]{{0,5}})\.(sending|sent|refused)\.json"
)

_PAUSES: Final = (0.0, 0.5, 1.5)

State: TypeAlias = Literal["sending", "sent", "refused"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One file: what is sent to whom, or how that ended."""

    run: str
    letter: str
    """Which letter about the run."""
    recipient: str
    message_id: str
    by: str
    """Tells those apart who would write the same."""
    reply: str = ""
    """What the server said in the end."""


class Path(NamedTuple):
    """What the path of a record says."""

    run: str
    key: str
    number: int
    state: State

    def __str__(self) -> str:
        """The path."""
        return f"{FOLDER}/{self.run}/{self.key}/{self.number}.{self.state}.json"


class InDoubtError(DeliveryError):
    """It may have been sent, or is being sent by somebody else."""


@dataclass(frozen=True)
class Attempt:
    """One attempt, which nobody else makes."""

    path: Path
    record: Record


class Outbox:
    """The records of a store, as they were when it was last looked at."""

    def __init__(self, place: Place) -> None:
        """CollectError if the store cannot be listed."""
        self._place = place
        self._states: dict[tuple[str, str], dict[int, set[State]]]
        self._look()

    def _look(self) -> None:
        self._states = defaultdict(lambda: defaultdict(set))
        for path in filter(None, map(path_of, self._place.files(FOLDER))):
            self._states[path.run, path.key][path.number].add(path.state)

    def wait(self, run: str, letters: Sequence[tuple[str, str]]) -> None:
        """Look again until it is known how these ended, letter and recipient, for a few seconds at the most.

        Another process may be sending them just now.
        """
        for pause in _PAUSES:
            if not any(self.in_doubt(run, *each) for each in letters):
                return
            time.sleep(pause)
            self._look()

    def was_sent(self, run: str, letter: str, recipient: str) -> bool:
        """Whether the letter was sent."""
        return any("sent" in states for states in self._of(run, letter, recipient).values())

    def in_doubt(self, run: str, letter: str, recipient: str) -> bool:
        """Whether nobody knows if it was sent."""
        states = self._of(run, letter, recipient)
        return any(each == {"sending"} for each in states.values()) and not self.was_sent(
            run, letter, recipient
        )

    def last_sent(self, before: str) -> str:
        """The newest run, before that one by name, of which something was sent; empty if there is none."""
        sent = (
            run
            for (run, _), numbers in self._states.items()
            if run < before and any("sent" in states for states in numbers.values())
        )
        return max(sent, default="")

    def missing(self, before: str, letter: str, recipient: str) -> list[str]:
        """The runs before that one whose letter may not have come, since the last that has; by name."""
        key = key_of(letter, recipient)
        runs = sorted((run for run, other in self._states if other == key and run < before), reverse=True)
        found = []
        for run in runs:
            if self.was_sent(run, letter, recipient):
                break
            if self.in_doubt(run, letter, recipient):
                found.append(run)
        return sorted(found)

    def begin(self, run: str, letter: str, recipient: str, message_id: str) -> Attempt:
        """Claim the next attempt; InDoubtError if the last may have succeeded, or somebody else makes one."""
        numbers = self._of(run, letter, recipient)
        number = max(numbers, default=0) + 1
        path = Path(run, key_of(letter, recipient), number, "sending")
        record = Record(
            run=run, letter=letter, recipient=recipient, message_id=message_id, by=secrets.token_hex(8)
        )
        if self.in_doubt(run, letter, recipient):
            raise InDoubtError(str(path))
        try:
            self._place.create(str(path), msgspec.json.encode(record))
        except ThereAlreadyError:
            self._states[run, path.key][number].add("sending")
            raise InDoubtError(str(path)) from None
        self._states[run, path.key][number].add("sending")
        return Attempt(path, record)

    def sent(self, attempt: Attempt, reply: str) -> None:
        """Record that it was taken."""
        self._ended(attempt, "sent", reply)

    def refused(self, attempt: Attempt, reply: str) -> None:
        """Record that it was certainly not taken."""
        self._ended(attempt, "refused", reply)

    def _ended(self, attempt: Attempt, state: State, reply: str) -> None:
        record = msgspec.structs.replace(attempt.record, reply=reply)
        self._place.create(str(attempt.path._replace(state=state)), msgspec.json.encode(record))
        self._states[attempt.path.run, attempt.path.key][attempt.path.number].add(state)

    def _of(self, run: str, letter: str, recipient: str) -> dict[int, set[State]]:
        return self._states.get((run, key_of(letter, recipient)), {})


def key_of(letter: str, recipient: str) -> str:
    """What stands for a letter and its recipient; addresses that differ in case are one."""
    return hashlib.sha256(f"{letter}\n{recipient.casefold()}".encode()).hexdigest()[:16]


def path_of(text: str) -> Path | None:
    """What a path says; None if no record can be there."""
    found = _PATH.fullmatch(text)
    if found is None or parsed(found[1]) is None:
        return None
    run, key, number, state = found.groups()
    return Path(run, key, int(number), state)  # type: ignore[arg-type]  # one of the three


def decoded(data: bytes) -> Record | None:
    """The record in `data`; None if it is none."""
    try:
        return msgspec.json.decode(data, type=Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def settled(paths: Iterable[str], runs: Iterable[str]) -> list[str]:
    """The records about those runs, but for attempts of which nobody knows how they ended."""
    told = [path for path in map(path_of, paths) if path]
    gone = frozenset(runs)
    ended = {path[:3] for path in told if path.state != "sending"}
    return [str(path) for path in told if path.run in gone and path[:3] in ended]


def complaints(place: Place, paths: Sequence[str], runs: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """What is not as it was written: path, what, and whether that is a break.

    `paths` are those of the store's records, `runs` the folders of its runs.
    """
    told = [path for path in map(path_of, paths) if path]
    known = frozenset(runs)
    begun = {path[:3] for path in told if path.state == "sending"}
    ended = {path[:3] for path in told if path.state != "sending"}
    for path in told:
        where = str(path)
        try:
            record = decoded(place.read(where))
        except AuditError as error:
            yield where, str(error), True
            continue
        if record is None:
            yield where, "is damaged, or of a newer version", True
        elif (record.run, key_of(record.letter, record.recipient)) != (path.run, path.key):
            yield where, "is of another letter", True
        elif path.run not in known:
            yield where, f"tells of a run that is not there: {path.run}", True
        elif path[:3] not in begun:
            yield where, "tells how an attempt ended that was never begun", True
        elif path[:3] not in ended:
            yield where, f"whether the mail to {record.recipient} was sent is not known", False
