"""Manifests that reports offer: written by a dumper, so that no name in them can mean anything else."""

from collections.abc import Mapping, Sequence

import yaml

from audit.documents.scalars import plain
from audit.log import printable

Manifest = Mapping[str, object]


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
    """Documents under a remark, as `kubectl apply` takes them."""
    return f"# {printable(remark)}\n" + "---\n".join(documents)
