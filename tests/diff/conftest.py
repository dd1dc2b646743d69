"""Two sides of small clusters, made of manifests or objects."""

import pytest

from audit.collect.files import collect_files
from audit.config import rfc3339
from audit.diff.side import side
from audit.settings import Settings
from audit.waivers import Waivers
from tests import manifests
from tests.history.objects import day


@pytest.fixture(scope="session")
def taken(tmp_path_factory):
    """The side of a cluster: manifests as text, or a list of objects."""

    def make(source, number=1, accepted=None):
        place = tmp_path_factory.mktemp("side")
        if isinstance(source, str):
            (place / "all.yaml").write_text(source, "utf-8")
        else:
            manifests.write(source, place / "all.yaml")
        snapshot = collect_files(place, taken=rfc3339(day(number)), tool_version="0.1.0")
        return side(f"side-{number}", snapshot, Settings(), accepted or Waivers(), day(number))

    return make
