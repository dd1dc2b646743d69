"""Options of the test suite, and what many tests need."""

import logging
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import cli, manifest
from audit.log import OWN_LOGGERS
from audit.manifest import Digest, Manifest
from tests import image as tests_image
from tests.image import Buildah
from tests.parts import need_root
from tests.store.gateway import Gateway


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden answers of tests/clusters/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes run them, tests of one server stay in one, and so do those of the image."""
    assert config.inipath
    options = tomllib.loads(config.inipath.read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    suites = {line.partition(":")[0] for line in options["markers"]}
    for item in items:
        if own := {mark.name for mark in item.iter_markers()} & suites:
            item.add_marker(pytest.mark.xdist_group("image" if "image" in own else item.path.name))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """What a test printed goes to the process that tells of it, as text that can be sent."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode("utf-8")) for name, text in report.sections
    ]
    return report


@pytest.fixture(autouse=True)
def logging_is_not_set_up():
    """As in a new process, whatever a test before ran in this one."""
    logging.root.setLevel(logging.WARNING)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def update(request):
    return request.config.getoption("--update")


@pytest.fixture
def record():
    """Makes the manifest of some files."""

    def make(files: dict[str, bytes]) -> Manifest:
        digests = {path: Digest.of(data) for path, data in files.items()}
        return Manifest(
            version="0",
            cluster="test",
            cluster_uid="",
            source="manifests",
            taken="2026-11-23T02:00:00Z",
            as_of="2026-11-23T02:00:00Z",
            started="2026-11-23T02:00:00Z",
            durations={"collect": 0.1},
            complete=True,
            configuration=digests.get(manifest.CONFIGURATION, Digest.of(b"{}")),
            waivers=digests.get(manifest.WAIVERS),
            catalogue=digests.get(manifest.CATALOGUE, Digest.of(b"[]")),
            not_rendered={},
            files=digests,
        )

    return make


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The S3-compatible server that all tests share; each has a bucket of its own."""
    with Gateway(tmp_path_factory.mktemp("gateway")) as server:
        yield server


@pytest.fixture
def s3(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Makes the URL of a new store in the server; its credentials are in the environment."""
    for name, value in gateway.environment.items():
        monkeypatch.setenv(name, value)
    return lambda: f"s3://{gateway.bucket()}/clusters/test"


@pytest.fixture(scope="session")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """With a store of its own, which nothing outlives."""
    need_root("make a Debian base and run the image in it")
    store = tmp_path_factory.mktemp("buildah")
    yield Buildah(store)
    shutil.rmtree(store)


@pytest.fixture(scope="session")
def image(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the image, built anew."""
    return tests_image.build(buildah, tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def container(buildah: Buildah, image: str) -> Iterator[str]:
    """The name of a container of the image."""
    name = buildah("from", "--pull=never", image).stdout.strip()
    yield name
    buildah("rm", name)


@pytest.fixture(scope="session")
def image_root(buildah: Buildah, container: str) -> Iterator[Path]:
    """The image's root file system."""
    yield Path(buildah("mount", container).stdout.strip())
    buildah("umount", container)


@pytest.fixture
def call(capfdbinary):
    """Runs a command; returns exit code, standard output and standard error."""

    def call(*arguments):
        status = cli.main(list(arguments))
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call
