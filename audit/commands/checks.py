"""`segaudit checks`: the catalogue, or a framework with the checks that speak for its controls."""

from argparse import Namespace

from audit import checks, controls
from audit.config import Config
from audit.deliver import stdout


def run(_config: Config, options: Namespace) -> int:
    """Print the catalogue, or one framework; UsageError if there is none of that id."""
    as_json = options.format == "json"
    if options.framework is None:
        text = checks.as_json() if as_json else checks.as_markdown()
    else:
        framework = controls.named(options.framework)
        text = controls.as_json(framework) if as_json else controls.as_markdown(framework)
    stdout.write([text.encode()])
    return 0
