"""Errors that end a command, each with the exit code that it stands for.

A message is one line: what was attempted, on what, and what to do about it.
"""

from typing import ClassVar


class AuditError(Exception):
    """Ends the command; never raised itself, only its children are."""

    exit_code: ClassVar[int] = 1


class FindingsError(AuditError):
    """A finding is as grave as `--fail-on` says, or graver."""

    exit_code = 1


class UsageError(AuditError):
    """The command line, the configuration, the waivers or the output folder cannot be used."""

    exit_code = 2


class CollectError(AuditError):
    """Nothing could be collected: no readable input, or no pods of the whole scope."""

    exit_code = 3


class RenderError(AuditError):
    """A report could not be rendered."""

    exit_code = 4


class DeliveryError(AuditError):
    """What was rendered could not be written, stored or sent."""

    exit_code = 5


class IncompleteError(AuditError):
    """With `--strict`: a check failed to run, or something could not be read."""

    exit_code = 6
