"""`segaudit run`: the whole job."""

from argparse import Namespace

from audit import pipeline
from audit.config import Config
from audit.deliver import stdout


def run(config: Config, _options: Namespace) -> int:
    """Audit, write, and say what came of it."""
    outcome = pipeline.run(config)
    if not config.quiet:
        stdout.say(outcome.lines)
    if outcome.problem is not None:
        raise outcome.problem
    return 0
