"""What a control and a framework are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal


class Platform(StrEnum):
    """What a cluster is that says more of itself than to be Kubernetes."""

    AKS = "AKS"
    EKS = "EKS"
    GKE = "GKE"
    K3S = "K3s"
    OPENSHIFT = "OpenShift"
    RKE2 = "RKE2"


@dataclass(frozen=True)
class Control:
    """One control of a framework."""

    id: str
    """As the framework numbers or calls it."""
    title: str
    """Short, and mostly in our words."""
    by_hand: str
    """What is left to do, whatever the checks say."""
    covers: str = ""
    """What the evidence of the checks says of it, or what else of the report does."""
    does_not_cover: str = ""
    """What it does not say."""
    applies_to: str = ""
    """To whom it applies; empty where to all."""
    frequency: str = ""
    """How often it is to be done; empty where the framework does not say."""
    direction: Literal["", "ingress", "egress"] = ""
    """Of which direction alone it is: rules of the other say nothing of it."""
    framework: str = ""
    """The id of the framework that it is of."""
    base: "Control | None" = None
    """Of a variant of a framework: the control to which it gives another number. Checks point at that."""


@dataclass(frozen=True)
class Framework:
    """A framework, in one version of it."""

    id: str
    """With its version, as `pci-dss-4.0.1`."""
    name: str
    """As its readers call it, with its version."""
    controls: tuple[Control, ...]
    """In its own order."""
    note: str
    """What is to be known of it here, as sentences; may be empty."""
    holds_for: str
    """The part of a cluster for which alone it holds, in words; empty where for all of it."""
    platform: Platform | None
    """The platform for which alone it is written."""
    variant_of: str
    """The id of the framework of which it is the edition for its platform, and which it replaces there."""

    def __getitem__(self, control: str) -> Control:
        """The control of that id; LookupError if there is none."""
        for one in self.controls:
            if one.id == control:
                return one
        raise LookupError(f"{self.id} has no control {control}")


def framework(  # noqa: PLR0913  # what a framework is, each by its name
    *controls: Control,
    id: str,  # noqa: A002  # the field's name
    name: str,
    note: str = "",
    holds_for: str = "",
    platform: Platform | None = None,
    variant_of: str = "",
) -> Framework:
    """Make a Framework of its controls; ValueError if two have one id."""
    if len({control.id for control in controls}) < len(controls):
        raise ValueError(f"{id}: two controls have one id")
    own = tuple(replace(control, framework=id) for control in controls)
    return Framework(id, name, own, note, holds_for, platform, variant_of)


def renumbered(base: Framework, numbers: Mapping[str, str]) -> tuple[Control, ...]:
    """Controls of `base` as a variant numbers them: its number by that of the variant."""
    return tuple(replace(base[theirs], id=own, base=base[theirs]) for own, theirs in numbers.items())
