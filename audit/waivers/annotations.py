"""Waivers that objects carry themselves, where the configuration lets them.

The annotation's value is JSON: an object with the keys of waivers.yaml that are no namespace, name or
selector, or a list of some. Whoever may annotate an object writes it: values are hostile.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec
import pandas as pd

from audit.facts import Facts
from audit.waivers.file import OWN, acceptable
from audit.waivers.labels import metadata_of
from audit.waivers.model import Terms, Waiver

KEY: Final = "segaudit.io/waive"
_CHARACTERS_MAX: Final = 1000
"""Snapshots cut longer ones."""
_KEYS: Final = ", ".join(Terms.__struct_fields__)
_WANTED: Final = f"allowed is a JSON object, or a list of some, with the keys {_KEYS}"
_COPIED: Final = "ReplicaSet"
"""The controller of Deployments copies their annotations to these."""

_Object: TypeAlias = tuple[str, str, str, str]
"""Kind, namespace, name and where it was read."""


def annotated(facts: Facts) -> list[Waiver]:
    """The waivers that Namespaces, workloads and policies carry; none unless `waivers.annotations` is set."""
    if not facts.settings.waivers.annotations:
        return []
    known = frozenset(acceptable())
    return [
        waiver
        for found, value in sorted((*_of_sets(facts), *_of_policies(facts)))
        for waiver in _waivers(found, value, known)
    ]


def _waivers(found: _Object, value: str, known: frozenset[str]) -> Iterator[Waiver]:
    kind, namespace, name, source = found
    place = namespace or (name if kind == "Namespace" else "")
    for terms in _terms(value, known):
        told, defect = (terms, "") if isinstance(terms, Terms) else (Terms(check=""), terms)
        yield Waiver(
            told, place, kind, name, annotation=True, defect=defect and f"{KEY} {defect}", source=source
        )


@lru_cache(maxsize=1 << 10)
def _terms(value: str, known: frozenset[str]) -> tuple[Terms | str, ...]:
    """What the value of an annotation says, or what is wrong with it, without any part of it."""
    if len(value) > _CHARACTERS_MAX:
        return (f"has more than {_CHARACTERS_MAX:,} characters",)
    try:
        read = msgspec.json.decode(value, type=Terms | list[Terms])
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return (f"cannot be read: {_WANTED}",)
    told = tuple(_checked(terms, known) for terms in (read if isinstance(read, list) else [read]))
    return told or (f"says nothing: {_WANTED}",)


def _checked(terms: Terms, known: frozenset[str]) -> Terms | str:
    if terms.check in known:
        return terms
    return f"names {OWN}, which cannot be waived" if terms.check == OWN else "names a check that there is not"


def _of_sets(facts: Facts) -> Iterator[tuple[_Object, str]]:
    """Namespaces and workloads with the annotation, and its value."""
    snapshot = facts.snapshot
    labels = snapshot["labels"]
    having = labels[labels["key"] == KEY]
    values = dict(zip(having["set"].tolist(), having["value"].tolist(), strict=True))
    for table in ("namespaces", "workloads"):
        rows = snapshot[table]
        rows = rows[rows["annotations"].isin(list(values))]
        if table == "namespaces":
            rows = rows.assign(kind="Namespace", namespace="")
        else:
            rows = rows[(rows["kind"] != _COPIED) | _are_subjects(rows, facts)]
        columns = (rows[c].tolist() for c in ("kind", "namespace", "name", "source", "annotations"))
        for *found, number in zip(*columns, strict=True):
            yield (found[0], found[1], found[2], found[3]), str(values[number])


def _are_subjects(rows: pd.DataFrame, facts: Facts) -> pd.Series:
    """Which of the snapshot's workloads have pods of their own."""
    known = facts.workloads["namespace"].astype("str") + " " + facts.workloads["workload"]
    own = rows["namespace"].astype("str") + " " + rows["kind"].astype("str") + "/" + rows["name"]
    return own.isin(known)


def _of_policies(facts: Facts) -> Iterator[tuple[_Object, str]]:
    """Policies with the annotation, and its value."""
    rows = facts.snapshot["policies"]
    rows = rows[rows["object"].str.contains(KEY, regex=False)]
    columns = (rows[c].tolist() for c in ("kind", "namespace", "name", "source", "object"))
    for kind, namespace, name, source, text in zip(*columns, strict=True):
        value = metadata_of(text, "annotations").get(KEY)
        if value is not None:
            yield (kind, namespace, name, source), value
