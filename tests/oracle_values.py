"""What the values of Kubernetes objects mean to the oracle: text, addresses, label selectors.

Transcribed from the API reference, per value, like oracle.py; nothing here comes from the product.
"""

import ipaddress
import re
from typing import Any

Object = dict[str, Any]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# -- objects -----------------------------------------------------------------------------------------------


def mapping(value: Any) -> Object:
    """Null and absent decode as an empty struct."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Null and absent decode as an empty list."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Values keep their source text; null decodes as the empty string."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def strings(value: Any) -> dict[str, str]:
    return {text(k): text(v) for k, v in mapping(value).items()}


def name(obj: Object) -> str:
    return text(mapping(obj.get("metadata")).get("name"))


def namespace(obj: Object) -> str:
    """Without metadata.namespace an object lies in the namespace `default`."""
    return text(mapping(obj.get("metadata")).get("namespace")) or "default"


def labels(obj: Object) -> dict[str, str]:
    return strings(mapping(obj.get("metadata")).get("labels"))


def kind(obj: Object) -> str | None:
    """The kinds that have a meaning here; a Service of serving.knative.dev is no Service."""
    group = text(obj.get("apiVersion")).rpartition("/")[0]
    written = text(obj.get("kind"))
    if group == "" and written in {"Namespace", "Pod", "Node", "Service"}:
        return written
    if group in {"networking.k8s.io", "extensions"} and written == "NetworkPolicy":
        return written
    return None


# -- addresses ---------------------------------------------------------------------------------------------


def literal(written: str) -> Address | None:
    """An address as it stands; leading zeros are decimal (net.ParseIP before Go 1.17)."""
    head, colon, tail = written.rpartition(":")
    if "." in tail:
        octets = tail.split(".")
        if len(octets) != 4 or not all(re.fullmatch("[0-9]+", octet) for octet in octets):
            return None
        tail = ".".join(str(int(octet)) for octet in octets)
    if "%" in written or "/" in written:
        return None
    try:
        return ipaddress.ip_address(head + colon + tail)
    except ValueError:
        return None


def mapped(parsed: Address | None) -> Address | None:
    """An IPv4-mapped address is its IPv4 address."""
    return getattr(parsed, "ipv4_mapped", None) or parsed


def address(written: Any) -> Address | None:
    """ParseIPSloppy."""
    return mapped(literal(text(written)))


def network(written: Any) -> Network | None:
    """ParseCIDRSloppy: host bits are dropped, so that 10.1.2.3/8 is 10.0.0.0/8.

    A mask that leaves the mapping of an IPv4-mapped address whole makes an IPv4 block.
    """
    host, slash, length = text(written).partition("/")
    first = literal(host)
    if first is None or not slash or not re.fullmatch("[0-9]+", length) or int(length) > first.max_prefixlen:
        return None
    bits, inner = int(length), mapped(first)
    if inner is not first and bits >= 96:
        return ipaddress.ip_network(f"{inner}/{bits - 96}", strict=False)
    return ipaddress.ip_network(f"{first}/{bits}", strict=False)


# -- label selectors ---------------------------------------------------------------------------------------

LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def valid_key(key: str) -> bool:
    prefix, slash, last = key.rpartition("/")
    good_prefix = len(prefix) <= 253 and SUBDOMAIN.fullmatch(prefix) if slash else True
    return bool(good_prefix and LABEL_NAME.fullmatch(last))


def valid_requirement(expression: Object) -> bool:
    """In and NotIn must have values, Exists and DoesNotExist must not, and there is no other operator."""
    values = [text(v) for v in sequence(expression.get("values"))]
    if not valid_key(text(expression.get("key"))) or not all(LABEL_VALUE.fullmatch(v) for v in values):
        return False
    if expression.get("operator") in {"In", "NotIn"}:
        return bool(values)
    return expression.get("operator") in {"Exists", "DoesNotExist"} and not values


def valid_selector(selector: Object) -> bool:
    return all(
        valid_key(k) and LABEL_VALUE.fullmatch(v) for k, v in strings(selector.get("matchLabels")).items()
    ) and all(valid_requirement(mapping(e)) for e in sequence(selector.get("matchExpressions")))


def meets(expression: Object, on: dict[str, str]) -> bool:
    """NotIn matches an object without the key too; Exists asks for the key, whatever its value."""
    key, values = text(expression.get("key")), [text(v) for v in sequence(expression.get("values"))]
    match expression.get("operator"):
        case "In":
            return key in on and on[key] in values
        case "NotIn":
            return key not in on or on[key] not in values
        case "Exists":
            return key in on
        case _:
            return key not in on


def selects(selector: Any, on: dict[str, str]) -> bool:
    """All of matchLabels and matchExpressions must hold; an empty selector matches everything.

    A selector that the API server would refuse matches nothing.
    """
    selector = mapping(selector)
    return (
        valid_selector(selector)
        and all(on.get(k) == v for k, v in strings(selector.get("matchLabels")).items())
        and all(meets(e, on) for e in sequence(selector.get("matchExpressions")))
    )


def is_empty(selector: Any) -> bool:
    return not mapping(mapping(selector).get("matchLabels")) and not sequence(
        mapping(selector).get("matchExpressions")
    )
