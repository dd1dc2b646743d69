"""Where the clusters with known answers lie: beside the checkout, in no clone that stands alone."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared" / "acceptance"
CASES = sorted(path.parent for path in (ROOT / "clusters").glob("*/expected.json"))

needed = pytest.mark.skipif(
    not CASES, reason="left out: no clusters with known answers at ../shared/acceptance beside this checkout"
)
