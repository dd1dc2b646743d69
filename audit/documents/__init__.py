"""YAML and JSON as Kubernetes reads them, without losing what was written.

Scalars keep their source text, mappings know their line, and what cannot be read is a value with a reason,
beside everything that can. Input is hostile: sizes, nesting and aliases are bounded, and no reason repeats
a part of the input.
"""

from audit.documents.json_text import looks_like_json
from audit.documents.nodes import (
    ALIASED_NODES_MAX,
    NESTING_MAX,
    Document,
    DocumentError,
    Head,
    Item,
    Mapping,
    Part,
    Unreadable,
    repeated_keys,
)
from audit.documents.reader import (
    EVENTS_MAX,
    UNREADABLE_MAX,
    YAML_BYTES_MAX,
    locate,
    read_json_tree,
    read_yaml,
    stream_yaml,
)
from audit.documents.scalars import Plain

__all__ = [
    "ALIASED_NODES_MAX",
    "EVENTS_MAX",
    "NESTING_MAX",
    "UNREADABLE_MAX",
    "YAML_BYTES_MAX",
    "Document",
    "DocumentError",
    "Head",
    "Item",
    "Mapping",
    "Part",
    "Plain",
    "Unreadable",
    "locate",
    "looks_like_json",
    "read_json_tree",
    "read_yaml",
    "repeated_keys",
    "stream_yaml",
]
