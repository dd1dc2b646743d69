"""The image: what it is made of, what it says of itself, and that it works as the pod of a Job has it."""

import json
import os
import re
import signal
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.image import ROOT, USER, Buildah
from tests.sandbox import Sandbox, inner
from tests.store.gateway import Gateway

MEGABYTES_MAX: Final = 400
"""Compressed, as a registry has it."""
TMP: Final = "/tmp"  # noqa: S108  # inside
SBOM: Final = "usr/share/sbom/segaudit.cdx.json"

pytestmark = pytest.mark.image


def project_version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """What a pod mounts, by where; `/in` has a manifest."""
    made = {f"/{name}": tmp_path / name for name in ("tmp", "store", "in")}
    for folder in made.values():
        folder.mkdir()
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "web"}]},
    }
    (made["/in"] / "pod.json").write_text(json.dumps(pod), encoding="utf-8")
    return made


def test_it_says_its_version(buildah: Buildah, container: str):
    done = buildah("run", "--user", USER, container, "--", "segaudit", "--version")
    assert done.stdout.split()[-1] == project_version()


def test_it_reports_on_a_root_that_is_read_only(image_root: Path, folders: dict[str, Path]):
    done = Sandbox(image_root, folders).run(
        ["run", "--from", "/in", f"--out={TMP}/report", "--store", "/store"]
    )
    assert done.returncode == 0, done.stderr
    written = {path.name for path in (folders[TMP] / "report").iterdir()}
    assert {"report.html", "report.pdf", "report.json", "csv", "manifest.json"} <= written
    [run] = [path for path in folders["/store"].iterdir() if not path.name.startswith(".")]
    assert (run / "manifest.json").exists()
    user = int(USER.partition(":")[0])
    assert not [path for path in image_root.rglob("*") if path.lstat().st_uid == user and not path.is_dir()]


def test_its_root_cannot_be_written_to(image_root: Path, folders: dict[str, Path]):
    done = Sandbox(image_root, folders).run(["run", "--from", "/in", "--out", "/opt/report"])
    assert done.returncode == 5
    assert "/opt" in done.stderr


@pytest.mark.parametrize("step", ["collect", "compose", "pack"])
def test_as_process_1_it_ends_by_sigterm(image_root: Path, folders: dict[str, Path], step: str):
    arguments = ["run", "--from", "/in", f"--out={TMP}/report", "--store", "/store", "--verbose"]
    with Sandbox(image_root, folders).start(arguments) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith(f"{step}: "):
                break
        os.kill(inner(process), signal.SIGTERM)
        process.stderr.read()
        process.wait()
    assert process.returncode == 143
    whole = [path.parent.name for path in folders["/store"].rglob("manifest.json")]
    left = [path.name for path in folders["/store"].iterdir() if not path.name.startswith(".")]
    assert left == whole


def test_the_client_of_s3_is_in_it(image_root: Path, folders: dict[str, Path], gateway: Gateway):
    url = f"s3://{gateway.bucket()}/test"
    sandbox = Sandbox(image_root, folders)
    options = ["run", "--from", "/in", f"--out={TMP}/report", "--format", "csv", "--store", url]
    done = sandbox.run(options, gateway.environment)
    assert done.returncode == 0, done.stderr
    assert "\n1 run, " in sandbox.run(["verify", url], gateway.environment).stdout


@pytest.mark.parametrize("scheme", ["gs", "abfs"])
def test_other_clients_are_extras(image_root: Path, folders: dict[str, Path], scheme: str):
    done = Sandbox(image_root, folders).run(["history", "--store", f"{scheme}://bucket/test"])
    assert done.returncode == 2
    assert "its client is missing; install segaudit[" in done.stderr


def test_it_runs_as_a_numbered_user_with_labels(buildah: Buildah, container: str):
    said = json.loads(buildah("inspect", "--type", "container", container).stdout)["OCIv1"]["config"]
    assert said["User"] == USER
    assert said["Entrypoint"] == ["segaudit"]
    labels = said["Labels"]
    assert labels["org.opencontainers.image.title"] == "segaudit"
    assert labels["org.opencontainers.image.base.name"] == "localhost/base"
    assert labels["org.opencontainers.image.revision"]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.version"] == project_version()


@pytest.mark.parametrize(
    "left",
    [
        "usr/bin/cc",
        "src",
        "build/src",
        "opt/build",
        "opt/sbom",
        "opt/segaudit/bin/pip",
        "root/.cache",
        "var/cache/apt",
        "var/cache/ldconfig/aux-cache",
        "var/lib/dpkg/status-old",
        "var/log/fontconfig.log",
    ],
)
def test_nothing_that_builds_is_left(image_root: Path, left: str):
    assert not (image_root / left).exists()


def test_nothing_says_where_it_was_built(image_root: Path):
    assert not list((image_root / "opt" / "segaudit").rglob("segaudit-*/direct_url.json"))


def test_no_package_lists_are_left(image_root: Path):
    assert not list((image_root / "var" / "lib" / "apt").glob("lists/*"))


def test_nothing_in_the_product_can_be_changed_by_its_user(image_root: Path):
    for path in (image_root / "opt" / "segaudit").rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_uid == 0
            assert not path.stat().st_mode & 0o022


def test_it_is_small_enough(buildah: Buildah, image: str, tmp_path: Path):
    buildah("push", image, f"oci:{tmp_path}/oci:segaudit")
    blobs = tmp_path / "oci" / "blobs" / "sha256"
    size = sum(path.stat().st_size for path in blobs.iterdir())
    assert size <= MEGABYTES_MAX * 1_000_000


def test_fonts_and_pango_are_in_it(image_root: Path, buildah: Buildah, container: str):
    """Fonts come with the dependencies, so that the PDF is the same anywhere."""
    assert list(image_root.glob("opt/segaudit/lib/python3*/site-packages/font_source_sans_pro/**/*.?tf"))
    script = "import ctypes; ctypes.CDLL('libpango-1.0.so.0'); ctypes.CDLL('libharfbuzz-subset.so.0')"
    buildah("run", "--user", USER, container, "--", "python3", "-c", script)


# -- what it is made of -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sbom(image_root: Path) -> dict[str, Any]:
    return json.loads((image_root / SBOM).read_text(encoding="utf-8"))


def purls(sbom: dict[str, Any], kind: str) -> dict[str, str]:
    """Versions by name of the components whose package URLs are of that kind."""
    start = f"pkg:{kind}/"
    return {one["name"]: one["version"] for one in sbom["components"] if one["purl"].startswith(start)}


def test_it_lists_what_it_is_made_of(sbom: dict[str, Any]):
    assert (sbom["bomFormat"], sbom["specVersion"]) == ("CycloneDX", "1.6")
    root = sbom["metadata"]["component"]
    assert (root["name"], root["version"]) == ("segaudit", project_version())
    assert "timestamp" not in sbom["metadata"]


def test_every_python_package_is_listed(sbom: dict[str, Any], image_root: Path):
    """Those that are there, each in the version of the lock."""
    site = next(image_root.glob("opt/segaudit/lib/python3*/site-packages"))
    there = {path.name.removesuffix(".dist-info") for path in site.glob("*.dist-info")}
    there.remove(f"segaudit-{project_version()}")
    listed = {f"{canonical(name)}=={version}" for name, version in purls(sbom, "pypi").items()}
    parts = [one.rpartition("-") for one in there]
    assert listed == {f"{canonical(name)}=={version}" for name, _, version in parts}
    lock = (ROOT / "requirements-image.lock").read_text(encoding="utf-8")
    assert listed <= {re.sub(r"\[.*\]", "", one) for one in re.findall(r"^[^\s#]+", lock, re.MULTILINE)}
    assert {"pandas", "weasyprint", "s3fs"} <= {one.partition("==")[0] for one in listed}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_debian_package_is_listed(sbom: dict[str, Any], image_root: Path):
    status = (image_root / "var/lib/dpkg/status").read_text(encoding="utf-8")
    told = [dict(re.findall(r"^(\w+): (.*)$", one, re.MULTILINE)) for one in status.split("\n\n")]
    installed = {
        one["Package"]: one["Version"] for one in told if one.get("Status") == "install ok installed"
    }
    assert purls(sbom, "deb/debian") == installed
    assert {"libpango-1.0-0", "libc6", "python3"} <= installed.keys()


def test_what_it_is_made_of_hangs_together(sbom: dict[str, Any]):
    references = {one["bom-ref"] for one in sbom["components"]} | {sbom["metadata"]["component"]["bom-ref"]}
    for node in sbom["dependencies"]:
        assert {node["ref"], *node.get("dependsOn", ())} <= references
    assert all(one["purl"].count("@") == 1 for one in sbom["components"])
