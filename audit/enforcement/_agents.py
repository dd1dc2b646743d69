"""What runs on nodes for their network: DaemonSets, or their pods where no DaemonSet was read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

_TAG: Final = re.compile(r":(\w[\w.+-]*)$")
_NUMBERS: Final = re.compile(r"v?(\d+)\.(\d+)")


@dataclass(frozen=True)
class Container:
    """A container of an agent."""

    name: str
    image: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """Those that `audit.collect.agents` keeps."""

    @property
    def version(self) -> str:
        """The tag of its image, or empty."""
        found = _TAG.search(self.image.partition("@")[0])
        return found[1] if found else ""

    def on(self, setting: str, *, default: bool) -> bool:
        """Whether a switch is on."""
        return self.settings.get(setting, str(default)).lower() not in {"false", "0"}


def release(version: str) -> tuple[int, int] | None:
    """The first two numbers of a version; None if it is not written so (`master`)."""
    found = _NUMBERS.match(version)
    return (int(found[1]), int(found[2])) if found else None


class Place(Enum):
    """What is known of an agent on a node."""

    READY = "ready"
    UNREADY = "not ready"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Status:
    """What a DaemonSet's controller says of its pods."""

    desired: int
    ready: int


@dataclass(frozen=True)
class Agent:
    """A DaemonSet as far as it shows a plug-in."""

    namespace: str
    name: str
    containers: tuple[Container, ...]
    """Empty if they are not known."""
    status: Status | None = None
    places: Mapping[str, Place] | None = None
    """Where its pods are, by name of the node; None if pods were not read."""
    selector: Mapping[str, str] = field(default_factory=dict)
    """nodeSelector of its pods."""
    listed: bool = True
    """Whether the DaemonSet itself was read, and not its pods alone."""

    @property
    def called(self) -> str:
        """The object that shows it."""
        what = "DaemonSet" if self.listed else "pods of DaemonSet"
        return f"{what} {self.namespace}/{self.name}"

    @property
    def applied(self) -> bool:
        """Whether there is something of it in a cluster, and not a manifest alone."""
        return self.status is not None or bool(self.places)

    def container(self, *names: str) -> Container | None:
        """The first container of one of these names, or whose image's path ends so."""
        wanted = tuple(name for name in names if "/" in name)
        for one in self.containers:
            path = _TAG.sub("", one.image.partition("@")[0])
            if one.name in names or (wanted and f"/{path}".endswith(tuple(f"/{w}" for w in wanted))):
                return one
        return None

    @property
    def windows(self) -> bool:
        """Whether it is for nodes that run Windows."""
        return self.name.endswith(("-win", "-windows")) or "windows" in self.selector.values()

    @property
    def _nowhere(self) -> bool:
        """Whether its controller says that it is for none of the nodes there are."""
        return self.status is not None and not self.status.desired

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether a node with these labels is one that its pods may be on."""
        return all(labels.get(key) == value for key, value in self.selector.items())

    def place(self, node: str, labels: Mapping[str, str]) -> Place:
        """What is known of it on a node."""
        if self.places is not None:
            return self._doubted(self.places.get(node, Place.ABSENT))
        if not self.fits(labels) or self._nowhere:
            return Place.ABSENT
        return self._doubted(Place.READY) if self.status else Place.UNKNOWN

    @property
    def anywhere(self) -> Place:
        """What is known of it, where no node is."""
        if self._nowhere:
            return Place.ABSENT
        if self.status:
            if self.status.ready < self.status.desired:
                return Place.UNKNOWN if self.some_ready else Place.UNREADY
            return Place.READY
        unready = Place.UNREADY in (self.places or {}).values()
        return Place.READY if not unready else Place.UNKNOWN if self.some_ready else Place.UNREADY

    @property
    def some_ready(self) -> bool:
        """Whether one of its pods is."""
        return self.status.ready > 0 if self.status else Place.READY in (self.places or {}).values()

    @property
    def count(self) -> int | None:
        """On how many nodes it is to be; None if that is not known."""
        return self.status.desired if self.status else len(self.places) if self.places else None

    def _doubted(self, place: Place) -> Place:
        """A pod that runs is ready, if the DaemonSet says so of all."""
        if place is not Place.READY or self.status is None or self.status.ready >= self.status.desired:
            return place
        if not self.status.ready:
            return Place.UNREADY
        unready = sum(other is Place.UNREADY for other in (self.places or {}).values())
        return Place.UNKNOWN if self.status.desired - self.status.ready > unready else place
