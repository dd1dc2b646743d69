"""Whose a namespace is, as its own annotation has it."""

from collections.abc import Sequence

from audit.frames.labels import label_texts
from audit.snapshot import Snapshot


def owners(snapshot: Snapshot, namespaces: Sequence[str], key: str) -> list[str]:
    """What the annotation `key` of each namespace says, whoever wrote it; empty where there is none."""
    objects = snapshot["namespaces"]
    texts = label_texts(snapshot["labels"], objects["annotations"].tolist())
    rows = zip(objects["name"].tolist(), objects["annotations"].tolist(), strict=True)
    told = {name: texts.get(number, {}).get(key, "") for name, number in rows}
    return [told.get(name, "") for name in namespaces]
