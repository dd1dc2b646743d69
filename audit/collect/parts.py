"""What rows of several tables have in common: sets of labels and of ports, and addresses."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final

from audit import frames
from audit.collect import objects
from audit.collect.columns import Subject
from audit.collect.names import label_misfits
from audit.collect.sets import Sets, annotations
from audit.policy.addresses import Address, parse_address
from audit.policy.ports import FIRST_PORT, LAST_PORT, PROTOCOLS

REDACTED: Final = "***HIDDEN***"
"""What support bundles put in an address's place."""


class Parts:
    """The sets that objects share, each kept once; and what is wrong with what they are made of."""

    def __init__(self) -> None:
        """No sets yet."""
        self.labels = Sets(frames.LABELS)
        self.ports = Sets(frames.PORTS)
        self._label_misfits: dict[int, tuple[str, ...]] = {}
        """What is wrong with each set of labels: they are many fewer than objects."""

    def label_set(
        self,
        subject: Subject,
        metadata: objects.Metadata | objects.Described | None,
        path: str = "metadata.labels",
    ) -> int:
        """The number of the labels in the metadata that stands around `path`."""
        told = metadata.labels if metadata else None
        number = self.labels.number_of_texts(told)
        reasons = self._label_misfits.get(number)
        if reasons is None:
            reasons = tuple(misfit.reason for misfit in label_misfits(told, path))
            self._label_misfits[number] = reasons
        for reason in reasons:
            subject.refuse(path, reason)
        return number

    def annotation_set(self, metadata: objects.Metadata) -> int:
        """The number of the annotations."""
        return self.labels.number_of_texts(annotations(metadata.annotations))

    def port_set(self, subject: Subject, spec: objects.PodSpec | objects.AgentPodSpec, path: str) -> int:
        """The ports of containers, and of init containers that keep running beside them."""
        found: set[tuple[str | int, ...]] = set()
        sections: tuple[tuple[str, Sequence[objects.Container | None] | None], ...] = (
            ("containers", spec.containers),
            ("initContainers", spec.init_containers),
        )
        for section, containers in sections:
            for place, container in enumerate(containers or []):
                if not container or (section == "initContainers" and container.restart_policy != "Always"):
                    continue
                for at, port in enumerate(container.ports or []):
                    where = f"{path}.{section}[{place}].ports[{at}]"
                    found.update(container_port(subject, port or objects.ContainerPort(), where))
        return self.ports.number(found)


def container_port(
    subject: Subject, port: objects.ContainerPort, path: str
) -> Iterator[tuple[str, str, int, int]]:
    """The port as an element of a set, if it is one."""
    protocol = protocol_of(subject, port.protocol, path)
    number = port_of(subject, port.container_port, f"{path}.containerPort")
    if number and protocol:
        host_port = port_of(subject, port.host_port, f"{path}.hostPort") if port.host_port else 0
        yield port.name or "", protocol, number, 0 if _is_loopback(port.host_ip) else host_port


def _is_loopback(text: str | None) -> bool:
    """Whether only the node itself can connect there."""
    try:
        return bool(text) and ipaddress.ip_address(text or "").is_loopback
    except ValueError:
        return False


def port_of(subject: Subject, number: int | None, path: str) -> int:
    """The number if it is that of a port, else 0."""
    if number is not None and FIRST_PORT <= number <= LAST_PORT:
        return number
    subject.refuse(path, f"must be a number from {FIRST_PORT} to {LAST_PORT}")
    return 0


def protocol_of(subject: Subject, protocol: str | None, path: str) -> str:
    """The protocol, TCP if none is given; empty if it is none."""
    if (protocol or "TCP") in PROTOCOLS:
        return protocol or "TCP"
    subject.refuse(f"{path}.protocol", f"must be one of {', '.join(PROTOCOLS)}")
    return ""


def addresses_in(subject: Subject, path: str, texts: Sequence[str | None]) -> list[Address]:
    """The addresses among the texts, each once; what is none is named, what was redacted is counted."""
    found: dict[Address, None] = {}
    for text in dict.fromkeys(filter(None, texts)):
        address = parse_address(text)
        if address is not None:
            found[address] = None
        elif text == REDACTED:
            subject.redacted = True
        else:
            subject.refuse(path, "is not an address")
    return list(found)


def joined(subject: Subject, path: str, texts: Sequence[str | None] | None) -> str:
    """The same, separated by blanks."""
    return " ".join(map(str, addresses_in(subject, path, texts or [])))
