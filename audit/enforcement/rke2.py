"""RKE2: installs Canal unless told otherwise; its agent shows. This is for where the agents were not read."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec

from audit.enforcement._evidence import Evidence
from audit.enforcement._model import Answer, Finding

_ARGUMENTS: Final = "rke2.io/node-args"
_WORDS: Final = msgspec.json.Decoder(list[str])


def find(evidence: Evidence) -> Iterator[Finding]:
    """What its servers were told to install, where what runs is not known."""
    nodes = [node for node in evidence.nodes if "+rke2" in node.kubelet]
    if not nodes or evidence.agents_known:
        return
    plugin = next(filter(None, (_plugin(node.annotations.get(_ARGUMENTS, "")) for node in nodes)), "canal")
    yield Finding(
        f"RKE2 ({plugin})",
        Answer.CANNOT_TELL,
        f"kubelet version of Node {nodes[0].name}",
        f"RKE2 installs {plugin}; whether it runs was not read.",
        nodes=[node.number for node in nodes],
        version=nodes[0].kubelet,
    )


def _plugin(arguments: str) -> str:
    try:
        words = _WORDS.decode(arguments)
    except msgspec.MsgspecError:
        return ""
    return next((b for a, b in pairwise(words) if a == "--cni"), "")
