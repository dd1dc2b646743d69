"""Whose a namespace is, as an annotation or a label of its own has it."""

from collections.abc import Sequence

from audit.frames.labels import label_texts
from audit.snapshot import Snapshot


def owners(snapshot: Snapshot, namespaces: Sequence[str], key: str) -> list[str]:
    """What the annotation `key` of each namespace says, else the label, whoever wrote it; else nothing."""
    objects = snapshot["namespaces"]
    columns = [objects[c].tolist() for c in ("annotations", "labels")]
    texts = label_texts(snapshot["labels"], [number for numbers in columns for number in numbers])
    told = {
        name: next((text for n in numbers if (text := texts.get(n, {}).get(key, ""))), "")
        for name, *numbers in zip(objects["name"].tolist(), *columns, strict=True)
    }
    return [told.get(name, "") for name in namespaces]
