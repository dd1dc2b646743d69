"""Two sides of small clusters, made of manifests or objects."""

import pytest

from audit.collect.files import collect_files
from audit.config import rfc3339
from audit.diff.side import Side, side
from audit.facts import evaluate
from audit.settings import Settings
from audit.waivers import Waivers
from tests import manifests
from tests.history.objects import day


@pytest.fixture(scope="session")
def collected(tmp_path_factory):
    """The snapshot of a cluster: manifests as text, or a list of objects."""

    def make(source, number):
        place = tmp_path_factory.mktemp("side")
        if isinstance(source, str):
            (place / "all.yaml").write_text(source, "utf-8")
        else:
            manifests.write(source, place / "all.yaml")
        return collect_files(place, taken=rfc3339(day(number)), tool_version="0.1.0")

    return make


@pytest.fixture(scope="session")
def unjudged(collected):
    """The side of a cluster without the verdicts of checks, which take most of the time."""

    def make(source, number):
        return Side(f"side-{number}", evaluate(collected(source, number), Settings()), (), day(number))

    return make


@pytest.fixture(scope="session")
def taken(collected):
    """The side of a cluster."""

    def make(source, number=1, accepted=None):
        snapshot = collected(source, number)
        return side(f"side-{number}", snapshot, Settings(), accepted or Waivers(), day(number))

    return make
