"""The image, built and run without a container engine: buildah, over a minimal Debian in the base's place.

The base is made once a week into a cache outside the checkout; the image is built anew.
"""

import json
import os
import shutil
import subprocess
import time
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts import need, need_root

ROOT = Path(__file__).parents[1]
CACHE = Path.home() / ".cache" / "segaudit-tests" / "image"
SUITE = "bookworm"
WEEK = 7 * 24 * 60 * 60
CERTIFICATES = "/etc/ssl/certs:/etc/ssl/certs:ro"
USER = "65532:65532"

pytestmark = pytest.mark.image


class Buildah:
    """buildah with a store of its own, which nothing outlives."""

    def __init__(self, store: Path) -> None:
        storage = ["--storage-driver", "vfs", "--root", store / "root", "--runroot", store / "run"]
        self._command = [need("buildah", "buildah"), *storage]
        self._environment = os.environ | {"BUILDAH_ISOLATION": "chroot"}

    def __call__(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self._command, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        if check:
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done


def base_files() -> Path:
    """A minimal Debian with this machine's pip configuration, as a folder."""
    folder = CACHE / SUITE
    if not (folder / "etc").exists() or time.time() - folder.stat().st_mtime > WEEK:
        staged = CACHE / f"{SUITE}.{uuid.uuid4().hex}"
        debootstrap = need("debootstrap", "debootstrap")
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                debootstrap,
                "--variant=minbase",
                "--include=python3,python3-venv,ca-certificates",
                SUITE,
                staged,
            ],
            check=True,
            capture_output=True,
        )
        pip_configuration = Path.home() / ".config" / "pip" / "pip.conf"
        for configuration in (Path("/etc/pip.conf"), pip_configuration):
            if configuration.exists():
                shutil.copy(configuration, staged / "etc" / "pip.conf")
        shutil.rmtree(folder, ignore_errors=True)
        staged.rename(folder)
        os.utime(folder)
    return folder


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    need_root("make a Debian base and run the image in it")
    store = tmp_path_factory.mktemp("buildah")
    yield Buildah(store)
    shutil.rmtree(store)


@pytest.fixture(scope="module")
def container(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a container of the image, and with it the image `segaudit`."""
    files = base_files()
    recipe = tmp_path_factory.mktemp("base") / "Dockerfile"
    recipe.write_text("FROM scratch\nADD . /\n", encoding="utf-8")
    buildah("build", "--tag", "localhost/base", "--file", recipe, files)
    build = ["build", "--pull=never", "--network=host", "--volume", CERTIFICATES, "--tag", "segaudit"]
    buildah(*build, "--build-arg", "BASE=localhost/base", ROOT)
    name = buildah("from", "--pull=never", "localhost/segaudit").stdout.strip()
    yield name
    buildah("rm", name)


@pytest.fixture(scope="module")
def root(buildah: Buildah, container: str) -> Iterator[Path]:
    """The image's root file system."""
    yield Path(buildah("mount", container).stdout.strip())
    buildah("umount", container)


def project_version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


def test_it_says_its_version(buildah: Buildah, container: str):
    done = buildah("run", "--user", USER, container, "--", "segaudit", "--version")
    assert done.stdout.split()[-1] == project_version()


def test_it_reports_with_nothing_writable_but_tmp_and_out(
    buildah: Buildah, container: str, root: Path, tmp_path: Path
):
    folders = {name: tmp_path / name for name in ("tmp", "out", "in")}
    for folder in folders.values():
        folder.mkdir()
        os.chown(folder, *map(int, USER.split(":")))
    (folders["in"] / "pod.json").write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "web", "namespace": "shop"},
                "spec": {"containers": [{"name": "web", "image": "web"}]},
            }
        ),
        encoding="utf-8",
    )
    mounts = [f"--volume={folder}:/{name}" for name, folder in folders.items()]
    arguments = ("segaudit", "run", "--from", "/in", "--out", "/out")
    buildah("run", "--user", USER, *mounts, container, "--", *arguments)
    assert not [path for path in root.rglob("*") if path.lstat().st_uid == int(USER.partition(":")[0])]
    written = {path.name for path in folders["out"].iterdir()}
    assert {"report.html", "report.pdf", "report.json", "csv", "manifest.json"} <= written


def test_it_runs_as_a_numbered_user_with_labels(buildah: Buildah, container: str):
    said = json.loads(buildah("inspect", "--type", "container", container).stdout)["OCIv1"]["config"]
    assert said["User"] == USER
    assert said["Entrypoint"] == ["segaudit"]
    labels = said["Labels"]
    assert labels["org.opencontainers.image.title"] == "segaudit"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.version"] == project_version()


@pytest.mark.parametrize(
    "left",
    ["usr/bin/cc", "src", "opt/build", "opt/segaudit/bin/pip", "root/.cache", "var/cache/apt"],
)
def test_nothing_that_builds_is_left(root: Path, left: str):
    assert not (root / left).exists()


def test_no_package_lists_are_left(root: Path):
    assert not list((root / "var" / "lib" / "apt").glob("lists/*"))


def test_nothing_in_the_product_can_be_changed_by_its_user(root: Path):
    for path in (root / "opt" / "segaudit").rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_uid == 0
            assert not path.stat().st_mode & 0o022
