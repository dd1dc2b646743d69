"""A process as a pod has it, without a container engine: the image's root, mounts, a user, and number 1."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.image import USER
from tests.parts import need, need_root

_ENTER: Final = """
set -eu
root=$1; shift
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
    mount --bind "$1" "$root$2"
    shift 2
done
shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$USER_AND_GROUP" --groups= "$root" "$@"
"""
"""With the arguments ROOT, SOURCE TARGET of each mount, --, and the command, which becomes process 1."""


class Sandbox:
    """Runs the image's command with a root that cannot be written to."""

    def __init__(self, root: Path, mounts: Mapping[str, Path]) -> None:
        """`mounts` are folders by where they are to be; the user may write to them, unless made otherwise."""
        need("unshare", "util-linux")
        need_root("mount file systems, and give a process the number 1")
        self._root = root
        self._mounts = mounts
        for target, source in mounts.items():
            (root / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
            os.chown(source, *map(int, USER.split(":")))

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """Start `segaudit` with these arguments; the process is the one outside, `inner` tells the other."""
        mounts = [str(part) for target, source in self._mounts.items() for part in (source, target)]
        image_environment = {"HOME": "/tmp", "PATH": "/opt/segaudit/bin:/usr/bin:/bin"}  # noqa: S108  # inside
        return subprocess.Popen(
            [
                *("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"),
                *("sh", "-c", _ENTER, "enter", str(self._root), *mounts, "--"),
                *("env", "-i", *_pairs(image_environment | dict(environment or {})), "segaudit", *arguments),
            ],
            env=os.environ | {"USER_AND_GROUP": USER},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        process = self.start(arguments, environment)
        out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def inner(process: "subprocess.Popen[str]") -> int:
    """The id, out here, of the process that is number 1 in there."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (found := children.read_text("utf-8").split()):
        assert process.poll() is None
        time.sleep(0.01)
    return int(found[0])


def _pairs(environment: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]
