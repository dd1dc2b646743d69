"""Parts of a policy that are not valid, and can be meant in one way alone, written that way."""

from audit.policy.addresses import Address, parse_cidr
from audit.policy.ports import PROTOCOLS


def repaired(node: object) -> object:
    """The same with host bits dropped, protocols in capitals and numbers of ports as numbers."""
    if isinstance(node, list):
        return [repaired(child) for child in node]
    if not isinstance(node, dict):
        return node
    return {key: _field(key, repaired(child)) for key, child in node.items()}


def _field(key: str, value: object) -> object:
    if key == "except" and isinstance(value, list):
        return [_canonical(cidr) for cidr in value]
    if not isinstance(value, str):
        return value
    if key == "cidr":
        return _canonical(value)
    if key == "protocol" and value.upper() in PROTOCOLS:
        return value.upper()
    return int(value) if key in ("port", "endPort") and value.isdecimal() else value


def _canonical(cidr: object) -> object:
    parsed = parse_cidr(cidr) if isinstance(cidr, str) else None
    return cidr if parsed is None else f"{Address(parsed[0].family, parsed[0].first)}/{parsed[1]}"
