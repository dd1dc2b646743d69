"""The command `segaudit`, and `python -m audit`."""

import os
import signal
import sys
from typing import Final

_TERMINATED: Final = 143


def main() -> int:
    """Run the command; SIGTERM ends it at once while it is not even loaded.

    The kernel keeps from process 1 of a container what it has no handler for.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(_TERMINATED))
    from audit import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
