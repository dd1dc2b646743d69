"""What a command says on standard error, as lines for people or as JSON.

Modules log with `logging.getLogger(__name__)`. What a line holds may come from the input, so it cannot begin
a line of its own, steer a terminal, or carry the credentials of an address.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

OWN_LOGGERS: Final = ("audit", "reports")
OF_ANSWERS: Final = "audit.answers"
"""The logger of what an answer on standard output rests on, where its form has no place for that."""

_CREDENTIALS: Final = re.compile(r"(?i)(?<=://)[^/\s]+(?=@)|(?<=bearer )[\w.~+/=-]+")


def configure(
    log_format: Literal["text", "json"] = "text",
    *,
    quiet: bool = False,
    verbose: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Log to `stream` (standard error by default), in place of what was set up before.

    Quiet leaves errors, and what an answer rests on, for partial is never silent; verbose adds what helps to
    find a fault, tracebacks too. Libraries are heard from warnings on, however verbose: below that some log
    whole responses.
    """
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    formatter = JsonFormatter if log_format == "json" else TextFormatter
    handler.setFormatter(formatter(tracebacks=verbose))
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, _OneLine):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.ERROR if quiet else logging.WARNING)
    own = logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(own)
    logging.getLogger(OF_ANSWERS).setLevel(logging.INFO)


def printable(text: str) -> str:
    """Return the text on one line: line ends, control and invisible characters are escaped."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


class _OneLine(logging.Formatter):
    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def _message(self, record: logging.LogRecord) -> str:
        return printable(_CREDENTIALS.sub("***", record.getMessage()))

    def _traceback(self, record: logging.LogRecord) -> str | None:
        if not (self._tracebacks and record.exc_info):
            return None
        return _CREDENTIALS.sub("***", self.formatException(record.exc_info))


class TextFormatter(_OneLine):
    """`message`, or `warning: message` from warnings on; the lines of a traceback are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        lines = [level + self._message(record)]
        if traceback := self._traceback(record):
            lines += (f"    {printable(line)}" for line in traceback.split("\n"))
        return "\n".join(lines)


class JsonFormatter(_OneLine):
    """An object a line: time, level, logger, message, a record's `fields`, and perhaps a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; JSON's own escapes keep it one."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **getattr(record, "fields", {}),
        }
        if traceback := self._traceback(record):
            line["traceback"] = traceback
        return json.dumps(line)
