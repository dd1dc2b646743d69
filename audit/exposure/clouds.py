"""Whose machines the nodes are, and where these ask for their credentials."""

from typing import Final

from audit.policy.addresses import FAMILIES, Address, parse_address
from audit.settings import Settings
from audit.snapshot import Snapshot

_ADDRESSES: Final = ("169.254.169.254", "fd00:ec2::254")
METADATA: Final = [(text, address) for text in _ADDRESSES if (address := parse_address(text))]
"""Where machines of clouds ask for their metadata, as text and as addresses."""
_OF_IPV6: Final = "AWS"
"""The cloud that has the second."""
_CLOUDS: Final = {
    "aws": "AWS",
    "azure": "Azure",
    "gce": "Google Cloud",
    "openstack": "OpenStack",
    "digitalocean": "DigitalOcean",
    "hcloud": "Hetzner Cloud",
    "oci": "Oracle Cloud",
    "ibm": "IBM Cloud",
    "alicloud": "Alibaba Cloud",
    "linode": "Linode",
    "vultr": "Vultr",
}
"""Beginnings of a node's providerID that are a cloud's: there every node asks these addresses."""


def cloud(snapshot: Snapshot, settings: Settings) -> str | None:
    """Whose machines the nodes are, as is configured or as far as they say; None if they are no cloud's."""
    if settings.cloud:
        return settings.cloud
    machines = snapshot["nodes"]["provider_id"].unique().tolist()
    providers = sorted({machine.partition("://")[0] for machine in machines})
    return next((_CLOUDS[name] for name in providers if name in _CLOUDS), None)


def asked(cloud: str) -> list[tuple[str, Address]]:
    """The addresses that the machines of a cloud ask."""
    return [known for known in METADATA if known[1].family == FAMILIES[0] or cloud == _OF_IPV6]
