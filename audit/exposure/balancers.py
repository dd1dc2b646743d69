"""What annotations say of a way in: only for the cloud's own network, or only for some addresses.

The keys and values are those of the clouds' controllers, as the concept page "Service" of kubernetes.io
("Internal load balancer") and their own pages list them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from audit.ingress_annotations import INGRESS_ANNOTATIONS
from audit.policy.addresses import BITS, parse_address, parse_cidr

Texts = Mapping[str, str]

_ALB_SCHEME: Final = "alb.ingress.kubernetes.io/scheme"
_INGRESS_CLASS: Final = "kubernetes.io/ingress.class"
_AWS_TYPE: Final = "service.beta.kubernetes.io/aws-load-balancer-type"
_OF_CONTROLLER: Final = ("external", "nlb-ip")
"""Values of it with which the AWS Load Balancer Controller makes the balancer, not the cloud provider."""
_OUTSIDE: Final = "internet-facing"
_AWS_SCHEME: Final = "service.beta.kubernetes.io/aws-load-balancer-scheme"
_AWS_INTERNAL: Final = "service.beta.kubernetes.io/aws-load-balancer-internal"
_INTERNAL: Final[Mapping[str, str]] = {
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    _AWS_SCHEME: "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
    "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
    "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": "true",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet",
    "service.beta.kubernetes.io/alicloud-loadbalancer-address-type": "intranet",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
    "oci-network-load-balancer.oraclecloud.com/internal": "true",
    # Of an Ingress
    _ALB_SCHEME: "internal",
    _INGRESS_CLASS: "gce-internal",
}
"""Keys, and the value with which a balancer has an address of the cloud's own network."""
_INTERNAL_IF_GIVEN: Final = "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid"
_RANGES: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"
_AZURE_RANGES: Final = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
_AZURE_TAGS: Final = "service.beta.kubernetes.io/azure-allowed-service-tags"
_INGRESS_RANGES: Final = tuple(key for key in INGRESS_ANNOTATIONS if key not in _INTERNAL)
_KEPT: Final = 1024
"""Characters that a snapshot keeps of an annotation: a list of that length may have been cut."""


def is_internal(annotations: Texts, ingress_class: str = "") -> bool:
    """Whether the balancer has an address of the cloud's own network only, as annotations say.

    The AWS Load Balancer Controller makes internal ones unless it is told `internet-facing`.
    """
    if (ingress_class or annotations.get(_INGRESS_CLASS)) == "alb":
        return annotations.get(_ALB_SCHEME, "").lower() != _OUTSIDE
    if annotations.get(_AWS_TYPE, "").lower() in _OF_CONTROLLER and _AWS_INTERNAL not in annotations:
        return annotations.get(_AWS_SCHEME, "").lower() != _OUTSIDE
    # Of AWS anything that is given and not "false" was internal, before there was the scheme
    aws = annotations.get(_AWS_INTERNAL, "false") if _AWS_SCHEME not in annotations else "false"
    return (
        any(annotations.get(key, "").lower() == value for key, value in _INTERNAL.items())
        or aws.lower() not in {"", "false"}
        or bool(annotations.get(_INTERNAL_IF_GIVEN))
    )


def of_service(written: Iterable[str], annotations: Texts) -> tuple[str, ...]:
    """The ranges that a balancer lets in, given its `loadBalancerSourceRanges`; none stand for all.

    The field is asked before the annotation. Azure adds its own to both; what its tags stand for is not
    known, and may be anybody.
    """
    if annotations.get(_AZURE_TAGS):
        return ()
    ranges = list(written) or _split(annotations.get(_RANGES, ""))
    return _readable([*ranges, *_split(annotations.get(_AZURE_RANGES, ""))])


def of_ingress(annotations: Texts) -> tuple[str, ...]:
    """The ranges that an Ingress or a Route lets in, as far as its controller heeds the annotation."""
    return _readable([text for key in _INGRESS_RANGES for text in _split(annotations.get(key, ""))])


def _split(text: str) -> list[str]:
    return text.replace(",", " ").split() if len(text) < _KEPT else []


def _readable(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts as ranges; none where one of them is not understood, as then anybody may be meant."""
    ranges = [_range(text) for text in dict.fromkeys(texts)]
    return tuple(ranges) if all(ranges) else ()


def _range(text: str) -> str:
    """A range as written, an address as the range of it alone; empty if it is neither."""
    if parse_cidr(text) is not None:
        return text
    address = parse_address(text)
    return f"{address}/{BITS[address.family]}" if address is not None else ""
