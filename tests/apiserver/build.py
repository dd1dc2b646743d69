"""The folder of the API server's programs: a ready one, or one built from go.mod once and kept."""

import hashlib
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Final

from tests.parts import missing, one_builds

MODULE: Final = Path(__file__).parent
CACHE: Final = Path.home() / ".cache" / "segaudit-tests" / "apiserver"
PACKAGES: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "etcd": "go.etcd.io/etcd/server/v3",
}
"""The program of each Go package."""
NEEDED: Final = ("kube-apiserver", "etcd", "kubectl")
"""What a ready folder has at least, as that of envtest."""
_ASSETS: Final = "KUBEBUILDER_ASSETS"
_VERSION: Final = "k8s.io/component-base/version"


def programs() -> Path:
    """The folder with kube-apiserver, etcd and kubectl, and as a rule kube-controller-manager.

    It is the one that KUBEBUILDER_ASSETS names. Without that they are built, which takes about ten minutes on
    two cores, once for a go.mod and go.sum. Without Go the test ends.
    """
    if ready := os.environ.get(_ASSETS):
        folder = Path(ready)
        if absent := [name for name in NEEDED if not (folder / name).is_file()]:
            missing(f"{_ASSETS} names {folder}, which has no {', '.join(absent)}")
        return folder
    folder = CACHE / _key()
    with one_builds("apiserver"):
        if not folder.exists():
            go = shutil.which("go") or missing(
                f"go is missing: install Go {_required('go')} or newer; or set {_ASSETS} to a folder with"
                f" {', '.join(NEEDED)}"
            )
            _build(go, folder)
    return folder


def kubernetes_version() -> str:
    """The version of Kubernetes that go.mod requires, such as v1.36.3."""
    return _required("k8s.io/kubernetes")


def _required(what: str) -> str:
    """The version that go.mod requires of `what`, a module or Go itself."""
    found = re.search(rf"^\s*{re.escape(what)} (\S+)", (MODULE / "go.mod").read_text("utf-8"), re.MULTILINE)
    assert found, f"go.mod requires no {what}"
    return found[1]


def _key() -> str:
    files = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    return hashlib.sha256(files).hexdigest()[:16]


def _build(go: str, folder: Path) -> None:
    """Build into `folder`, which comes into being complete or not at all."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    said = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s -w", *(f"-X {_VERSION}.{name}={value}" for name, value in said.items())])
    staged = folder.with_name(f"{folder.name}.{uuid.uuid4().hex}")
    staged.mkdir(parents=True)
    try:
        for name, package in PACKAGES.items():
            build = [go, "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", str(staged / name)]
            done = subprocess.run(
                [*build, package],
                cwd=MODULE,
                env=os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{package} does not build:\n{done.stderr[-4000:]}"
        staged.rename(folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
