"""Pods that ask for networks beside the cluster's own, by the annotation that Multus reads.

https://github.com/k8snetworkplumbingwg/multi-net-spec, "Network Attachment Selection Annotation".
"""

from typing import Final

import msgspec

ANNOTATION: Final = "k8s.v1.cni.cncf.io/networks"
_CHAINED: Final = "istio-cni"
"""The end of the names of attachments that set up the pod's first interface, and add none."""


class _Element(msgspec.Struct):
    name: str = ""


_LIST: Final = msgspec.json.Decoder(list[_Element])


def adds_networks(annotation: str | None) -> bool:
    """Whether the annotation, a list in JSON or names with commas between, asks for a further interface."""
    text = (annotation or "").strip()
    if text.startswith("["):
        try:
            names = [one.name for one in _LIST.decode(text)]
        except (msgspec.MsgspecError, RecursionError):
            return True  # it asks for something
    else:
        names = [each.partition("@")[0].strip() for each in text.split(",")]
    return any(name and not name.endswith(_CHAINED) for name in names)
