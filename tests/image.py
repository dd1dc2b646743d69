"""The image, built without a container engine: buildah, over a minimal Debian in the base's place.

The base is made once a week into a cache outside the checkout; the image is built anew.
"""

import os
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import Final

from tests.parts import need

ROOT: Final = Path(__file__).parents[1]
CACHE: Final = Path.home() / ".cache" / "segaudit-tests" / "image"
SUITE: Final = "bookworm"
USER: Final = "65532:65532"
_WEEK: Final = 7 * 24 * 60 * 60
_CERTIFICATES: Final = "/etc/ssl/certs:/etc/ssl/certs:ro"


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
    if not (folder / "etc").exists() or time.time() - folder.stat().st_mtime > _WEEK:
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


def build(buildah: Buildah, folder: Path) -> str:
    """The name of the image; `folder` is for what it takes."""
    recipe = folder / "Dockerfile"
    recipe.write_text("FROM scratch\nADD . /\n", encoding="utf-8")
    buildah("build", "--tag", "localhost/base", "--file", recipe, base_files())
    options = ["--pull=never", "--network=host", "--volume", _CERTIFICATES, "--tag", "segaudit"]
    buildah("build", *options, "--build-arg", "BASE=localhost/base", ROOT)
    return "localhost/segaudit"
