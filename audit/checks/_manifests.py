"""Manifests that reports offer: written by a dumper, so that no name in them can mean anything else."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import yaml

from audit.documents.scalars import plain
from audit.log import printable

Manifest = Mapping[str, object]

_SERVER_SIDE: Final = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
    "selfLink",
)
"""Fields of metadata that the API server sets, and that kubectl must not send."""


class _Dumper(yaml.CSafeDumper):
    """Quotes every text that Kubernetes would not read as a string: more than PyYAML itself knows of."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base class's signature
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    # plain gives something else than the text itself for what is a number, a boolean or null
    style = None if type(plain(value)) is str else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(remark: str, manifests: Sequence[Manifest]) -> str:
    """The manifests as YAML documents under a remark, which kubectl takes as it is."""
    documents = [
        yaml.dump(
            msgspec.to_builtins(m), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31 - 1
        )
        for m in manifests
    ]
    return f"# {printable(remark)}\n" + "---\n".join(documents)


def network_policy(name: str, namespace: str, spec: Manifest) -> Manifest:
    """A NetworkPolicy."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def corrected(obj: Manifest) -> dict[str, object]:
    """A copy of an object as it was read, without what the API server itself sets."""
    copy: dict[str, object] = msgspec.json.decode(msgspec.json.encode(obj))
    copy.pop("status", None)
    metadata = copy.get("metadata")
    if isinstance(metadata, dict):
        for field in _SERVER_SIDE:
            metadata.pop(field, None)
    return copy
