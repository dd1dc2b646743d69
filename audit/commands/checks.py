"""`segaudit checks`: the catalogue, as the README has it or as JSON."""

from argparse import Namespace

from audit import checks
from audit.config import Config
from audit.deliver import stdout
from audit.errors import UsageError


def run(_config: Config, options: Namespace) -> int:
    """Print the catalogue; UsageError for a framework, of which this version knows none."""
    if options.framework is not None:
        raise UsageError("--framework is not supported by this version; leave it out to see all checks")
    text = checks.as_json() if options.format == "json" else checks.as_markdown()
    stdout.write([text.encode()])
    return 0
