"""Manifests that reports offer: written by a dumper, so that no name in them can mean anything else."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import yaml

from audit.documents.scalars import plain
from audit.log import printable

Manifest = Mapping[str, object]

_LINE: Final = re.compile(r"\S(?:.{0,72}\S)?(?!\S)|\S+")
"""Words for 76 columns with `# ` before them; a longer one is a line of its own."""


class _Dumper(yaml.CSafeDumper):
    """Quotes every text that Kubernetes would not read as a string: more than PyYAML itself knows of."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base class's signature
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    # plain gives something else than the text itself for what is a number, a boolean or null
    style = None if type(plain(value)) is str else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def document(manifest: Manifest) -> str:
    """An object as YAML. Texts of mappings that share no key may stand one behind the other as one."""
    text: str = yaml.dump(
        manifest,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**31 - 1,
    )
    return text


def applicable(remark: str, documents: Sequence[str]) -> str:
    """Documents under a remark in lines that begin with #, as `kubectl apply` takes them."""
    comment = "".join(f"# {line}\n" for line in _LINE.findall(printable(remark)))
    return comment + "---\n".join(documents)


def free_name(taken: set[str], wanted: str) -> str:
    """`wanted`, or with a number behind it, as no policy of the namespace is called."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def head(name: str, namespace: str) -> str:
    """The beginning of a NetworkPolicy, to stand before its spec."""
    return f"{_kind()}metadata:\n{_metadata('name', name)}{_metadata('namespace', namespace)}"


@lru_cache
def _kind() -> str:
    return document({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"})


@lru_cache(maxsize=1 << 15)
def _metadata(field: str, value: str) -> str:
    """A line of metadata: thousands of manifests share names, and more than one is of a namespace."""
    return textwrap.indent(document({field: value}), "  ")
