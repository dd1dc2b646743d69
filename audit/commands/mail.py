"""`segaudit mail`: tell people of a stored run, once."""

from argparse import Namespace

from audit.config import Config
from audit.deliver import letters, notify, stdout
from audit.history.read import opened


def run(config: Config, options: Namespace) -> int:
    """Send what was not sent yet; or, with `--dry-run`, write it into a folder."""
    letters.check(config, sends=not options.dry_run)
    stored = opened(config.store).find(options.run)
    if options.dry_run:
        files = notify.show(config, stored, config.out)
        if not config.quiet:
            stdout.say(f"{config.out}/{name}" for name in files)
        return 0
    lines, problem = notify.notify(config, stored)
    if not config.quiet:
        stdout.say(lines)
    if problem is not None:
        raise problem
    return 0
