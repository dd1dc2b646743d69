"""The clusters with known answers, through the script that comes with them."""

import subprocess
import sys

from tests import acceptance


@acceptance.needed
def test_no_cell_is_wrong():
    script = [
        sys.executable,
        str(acceptance.ROOT / "check.py"),
        str(acceptance.ROOT / "clusters"),
        "--metrics",
    ]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 wrong cells in 0 of them" in done.stdout
