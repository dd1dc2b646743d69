"""k3s: the policy controller of kube-router runs within its process, so that no pod shows it.

The servers' arguments, which k3s writes on their nodes, say if it is switched off. It is silent where the
node lacks ipset: only a log would tell.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from audit.enforcement._evidence import Evidence, Node
from audit.enforcement._model import Answer, Finding
from audit.enforcement.kube_router import ABILITIES

_ARGUMENTS: Final = "k3s.io/node-args"
_SWITCH: Final = "--disable-network-policy"
_BACKEND: Final = "--flannel-backend"
_PLUGIN: Final = "k3s"
_WORDS: Final = msgspec.json.Decoder(list[str])


def find(evidence: Evidence) -> Iterator[Finding]:
    """What the servers' arguments say holds on every node of k3s."""
    nodes = [node for node in evidence.nodes if "+k3s" in node.kubelet or _ARGUMENTS in node.annotations]
    if not nodes:
        return
    told = [(node, words) for node in nodes if (words := _arguments(node)) is not None]
    servers = [(node, words) for node, words in told if words[:1] != ["agent"]]
    numbers = [node.number for node in nodes]
    version = nodes[0].kubelet
    off = next((node for node, words in servers if _on(words, _SWITCH)), None)
    other = next((node for node, words in servers if _value(words, _BACKEND) == "none"), None)
    answer, shown = Answer.ENFORCED, f"{_ARGUMENTS} of Node {servers[0][0].name}" if servers else ""
    if off:
        answer, shown = Answer.NOT_ENFORCED, f"{_ARGUMENTS} of Node {off.name}"
        reason = f"The server runs with {_SWITCH}, so that the controller within k3s does not run."
    elif other:
        answer, shown = Answer.CANNOT_TELL, f"{_ARGUMENTS} of Node {other.name}"
        reason = f"The server runs with {_BACKEND} none, for another plug-in, which was not seen."
    elif servers:
        reason = f"The controller within k3s enforces policies: no server runs with {_SWITCH}."
    elif told:
        answer, shown = Answer.CANNOT_TELL, f"{_ARGUMENTS} of Node {told[0][0].name}"
        reason = f"No server of k3s is among the nodes, so that whether it runs with {_SWITCH} is not known."
    else:
        shown = f"kubelet version of Node {nodes[0].name}"
        reason = (
            f"The controller within k3s enforces policies unless the server runs with {_SWITCH}; the input "
            "lacks the servers' arguments."
        )
    yield Finding(
        _PLUGIN,
        answer,
        shown,
        reason,
        nodes=numbers,
        version=version,
        abilities=ABILITIES,
    )


def _arguments(node: Node) -> list[str] | None:
    """The words of the command line and of the configuration file; None if they are not there."""
    try:
        return _WORDS.decode(node.annotations[_ARGUMENTS])
    except (KeyError, msgspec.MsgspecError):
        return None


def _on(words: Sequence[str], switch: str) -> bool:
    """Whether a switch is there and not followed by false."""
    return _value(words, switch) not in {None, "false"}


def _value(words: Sequence[str], switch: str) -> str | None:
    """What stands behind a switch, the last where it is there twice; None if it is not there."""
    found = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, sign, value = word.partition("=")
        if name == switch:
            found = value if sign else following
    return found
