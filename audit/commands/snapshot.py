"""`segaudit snapshot`: collect, and write the evidence as one file."""

from argparse import Namespace

from audit import pipeline
from audit.config import Config
from audit.deliver import files, stdout
from audit.language import number


def run(config: Config, options: Namespace) -> int:
    """Write the snapshot file, and say in a line what is in it."""
    snapshot = pipeline.collect(config)
    files.write_file(options.file, snapshot.container)
    if not config.quiet:
        pods, policies = (snapshot.rows(name) for name in ("pods", "policies"))
        objects = f"{number(pods)} pods, {number(policies)} policies"
        stdout.say([f"{options.file}: {objects}, SHA-256 {snapshot.sha256}"])
    pipeline.require_complete(config, snapshot)
    return 0
