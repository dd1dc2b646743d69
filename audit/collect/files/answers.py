"""Which kinds an input answers for, and how far: the rows of `frames.KINDS`, by the package's rule."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from audit import frames
from audit.collect.files.sink import Form

ALWAYS: Final = ("pods", "networkpolicies", "namespaces", "services")
"""Kinds that have a row whatever was read."""
_GET_ALL: Final = frozenset(
    (
        "pods",
        "services",
        "daemonsets",
        "deployments",
        "replicasets",
        "statefulsets",
        "cronjobs",
        "jobs",
        "replicationcontrollers",
        "deploymentconfigs",
    )
)
_ALSO_ALL: Final = frozenset(("HorizontalPodAutoscaler",))
"""Of these no object is kept."""
_MIXED: Final = "the input is a list of several kinds, and has none of this one"
_BREAKS_OFF: Final = "a list breaks off: it says itself that there is more"


@dataclass
class Bundle:
    """What a support bundle has files of."""

    listed: set[str] = field(default_factory=set)
    """Plural names of kinds with a file."""
    refused: dict[str, set[str]] = field(default_factory=dict)
    """Namespaces (empty: all) where a kind could not be listed, by plural name."""


def kinds_of(
    found: Mapping[str, int], unread: AbstractSet[str], form: Form, bundle: Bundle | None, *, single: bool
) -> pa.Table:
    """The rows of KINDS, for objects by plural name, kinds of which some were unreadable, and what was read.

    `single` is one file, or stdin.
    """
    if bundle is not None:
        answered: AbstractSet[str] | None = bundle.listed | found.keys()
        absent = "the support bundle does not hold this kind"
    else:
        answered, absent = _answered(form) if single else (None, "")
    rows = []
    refused = bundle.refused if bundle else {}
    partial = {kind for kind in form.partial if kind in found or kind in form.versions}
    # A file of one list of many kinds, without this one: whoever made it may not have asked for it
    mixed = single and form.from_server and len(form.lists) == form.documents == 1
    for kind in sorted({*ALWAYS, *found, *unread, *form.versions, *refused}):
        state, reason = "listed", _MIXED if mixed and kind not in found else ""
        if answered is not None and kind not in answered:
            state, reason = "not asked", absent
        if kind in unread:
            state, reason = "partial", "an object of this kind could not be read"
        if kind in partial or "" in form.partial:
            state, reason = "partial", _BREAKS_OFF
        if kind in refused:
            state, reason = _refused(refused[kind], read=bundle is not None and kind in bundle.listed)
        versions = form.versions.get(kind, [])
        rows.append((kind, state, found.get(kind, 0), versions[0] if len(versions) == 1 else "", reason))
    return _table(rows)


def _answered(form: Form) -> tuple[AbstractSet[str] | None, str]:
    """Kinds that a single file answers for (None: all), and what to say of the others."""
    if not form.lists or len(form.lists) != form.documents:
        return None, ""
    asked = set().union(*form.lists)
    if all(len(kinds) <= 1 for kinds in form.lists):
        lists = f"lists of {' and '.join(sorted(asked))}" if asked else "lists without items"
        return asked, f"the input consists of {lists}, and says nothing of other kinds"
    if form.from_server and asked <= _GET_ALL | _ALSO_ALL:
        return _GET_ALL, "the input looks like `kubectl get all`, which leaves this kind out"
    return None, ""


def _refused(namespaces: Iterable[str], *, read: bool) -> tuple[str, str]:
    named = sorted(filter(None, namespaces))
    where = f" in {', '.join(named[:5])}{' and others' if len(named) > 5 else ''}" if named else ""
    state = "partial" if read and named else "forbidden"
    return state, f"whoever made the support bundle could not list them{where}"


def _table(rows: list[tuple[str, str, int, str, str]]) -> pa.Table:
    kind, state, objects, version, reason = zip(*rows, strict=True)
    blank = [""] * len(rows)
    return frames.KINDS.table(
        {
            "kind": kind,
            "state": state,
            "objects": objects,
            "resource_version": version,
            "started": blank,
            "ended": blank,
            "reason": reason,
        }
    )
