"""Which kinds an input answers for, and how far: the rows of `frames.KINDS`. The rule is in the package's words."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

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
_BREAKS_OFF: Final = "a list breaks off: it says itself that there is more"


@dataclass
class Bundle:
    """What a support bundle has files of."""

    listed: set[str] = field(default_factory=set)
    """Plural names of kinds with a file."""
    refused: dict[str, set[str]] = field(default_factory=dict)
    """Namespaces (empty: all) where a kind could not be listed, by plural name."""


def kinds_of(
    found: Mapping[str, int], others: Set[str], form: Form, bundle: Bundle | None, *, single: bool
) -> pd.DataFrame:
    """The rows of KINDS. `found` are objects by plural name, `others` further kinds; `single` is one file."""
    if bundle is not None:
        listed: Set[str] | None = bundle.listed | found.keys()
        absent = "the support bundle does not hold this kind"
    else:
        listed, absent = _answered(found.keys(), others, form) if single else (None, "")
    rows = []
    kinds = {*ALWAYS, *found, *form.versions, *(form.partial - {""}), *(bundle.refused if bundle else ())}
    for kind in sorted(kinds):
        state, reason = "listed", ""
        if listed is not None and kind not in listed:
            state, reason = "not asked", absent
        if kind in form.partial or "" in form.partial:
            state, reason = "partial", _BREAKS_OFF
        if bundle and kind in bundle.refused:
            state, reason = _refused(bundle.refused[kind], read=kind in bundle.listed)
        versions = form.versions.get(kind, [])
        rows.append((kind, state, found.get(kind, 0), versions[0] if len(versions) == 1 else "", reason))
    return _frame(rows)


def _answered(found: Set[str], others: Set[str], form: Form) -> tuple[Set[str] | None, str]:
    """Kinds that a single file answers for (None: all), and what to say of the others."""
    asked = found | form.versions.keys()
    lists = form.mixed_lists + sum(map(len, form.versions.values()))
    if form.documents and lists == form.documents:
        if form.mixed_lists == 0 or (form.mixed_lists == 1 == form.documents and len(asked | others) == 1):
            return asked, f"the input is a list of {' and '.join(sorted(asked | others)) or 'nothing'} alone"
        if form.from_server and found and asked <= _GET_ALL and not others - {"HorizontalPodAutoscaler"}:
            return asked | _GET_ALL, "the input looks like `kubectl get all`, which leaves this kind out"
    return None, ""


def _refused(namespaces: Iterable[str], *, read: bool) -> tuple[str, str]:
    named = sorted(filter(None, namespaces))
    where = f" in {', '.join(named[:5])}{' and others' if len(named) > 5 else ''}" if named else ""
    state = "partial" if read and named else "forbidden"
    return state, f"whoever made the support bundle could not list them{where}"


def _frame(rows: list[tuple[str, str, int, str, str]]) -> pd.DataFrame:
    kind, state, objects, version, reason = zip(*rows, strict=True)
    blank = [""] * len(rows)
    return frames.KINDS.frame(
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
