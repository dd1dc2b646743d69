"""Findings that are new, fixed or changed; and the policies that differ."""

import hashlib
import re
from itertools import chain
from typing import Final

import numpy as np
import pandas as pd

from audit import checks
from audit.checks import Status
from audit.diff.side import Side
from audit.exposure.cluster import are_evaluated
from audit.frames import FINDING_CHANGES, POLICY_DIFFERENCES
from audit.history import since, tables
from audit.policy.kinds import find, group_of
from audit.severity import Severity
from audit.snapshot import READABLE

_PODS: Final = re.compile(r"\b\d[\d.,'\u2019\s]*(?= (?:more )?pods?\b)| pods?\b")
"""How many pods a message counts, in any language's numbers."""
_TOLD: Final = ("severity", "status", "message")
_ORDER: Final = ("new", "newly_assessed", "changed", "not_assessed", "fixed")


def findings(old: Side, new: Side) -> pd.DataFrame:
    """The frame FINDING_CHANGES: by change, then the gravest first."""
    before, after = (checks.failed(side.results) for side in (old, new))
    both = before.merge(after, on="id", how="outer", suffixes=("_before", "_after"), indicator=True)
    gone, come = both["_merge"] == "left_only", both["_merge"] == "right_only"
    differs = np.any([_differ(both, column) for column in _TOLD], axis=0)
    change = np.select(
        [
            gone & both["id"].isin(_unassessed(after, before, new)),
            gone,
            come & both["id"].isin(_unassessed(before, after, old)),
            come,
            differs,
        ],
        ["not_assessed", "fixed", "newly_assessed", "new", "changed"],
        "",
    )
    told = {
        name: both[f"{name}_after"].astype("str").where(~gone, both[f"{name}_before"].astype("str"))
        for name in FINDING_CHANGES.names
        if f"{name}_after" in both
    }
    earlier = {
        f"{c}_before": pd.Series(_texts(both, f"{c}_before")).where(change == "changed", "") for c in _TOLD
    }
    rows = both[["id"]].assign(change=change, **told, **earlier)[change != ""]
    ranks = rows.assign(
        _change=rows["change"].map(_ORDER.index),
        _grave=rows["severity"].map(lambda word: -Severity.parse(word)),
    )
    by = ["_change", "_grave", "check", "namespace", "name", "rule"]
    return FINDING_CHANGES.conform(ranks.sort_values(by, kind="stable"))


def _differ(both: pd.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which findings are told otherwise; a further pod of the same workload is no change."""
    before, after = (_texts(both, f"{column}_{time}") for time in ("before", "after"))
    differ: np.ndarray[tuple[int], np.dtype[np.bool_]] = before != after
    for row in np.flatnonzero(differ).tolist():
        differ[row] = _PODS.sub("", before[row]) != _PODS.sub("", after[row])
    return differ


def policies(old: Side, new: Side) -> pd.DataFrame:
    """The frame POLICY_DIFFERENCES, of the kinds that could be read in both."""
    before, after = (_contents(side) for side in (old, new))
    key = ["group", "kind", "namespace", "name"]
    both = before.merge(after, on=key, how="outer", suffixes=("_before", "_after"), indicator=True)
    change = np.select(
        [
            both["_merge"] == "left_only",
            both["_merge"] == "right_only",
            (both["content_before"] != both["content_after"]).to_numpy(),
        ],
        ["deleted", "created", "changed"],
        "",
    )
    version = both["api_version_after"].fillna(both["api_version_before"])
    rows = both.assign(change=change, api_version=version)[change != ""]
    readable = np.array([_readable(old, row) and _readable(new, row) for row in _kinds(rows)], np.bool_)
    return POLICY_DIFFERENCES.conform(
        rows[readable].sort_values(["namespace", "kind", "name"], kind="stable")
    )


def _unassessed(found: pd.DataFrame, missed: pd.DataFrame, side: Side) -> pd.Series:
    """The ids of findings `missed` of which `side`, that found `found`, could not say anything."""
    known, before = (tables.findings(rows, "") for rows in (found, missed))
    carried = since.with_carried(known, before, side.results, side.snapshot)
    return carried.loc[carried["status"] == Status.NOT_ASSESSED.value, "id"]


def _texts(rows: pd.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    texts: np.ndarray[tuple[int], np.dtype[np.object_]] = (
        rows[column].astype("object").fillna("").to_numpy(dtype=object)
    )
    return texts


def _contents(side: Side) -> pd.DataFrame:
    """The policies with group, and content as a hash: the texts of 50,000 take more than all else of them.

    A NetworkPolicy is compared as it is understood: what the API server fills in is no difference.
    """
    cluster = side.facts.cluster
    rows = side.snapshot["policies"]
    others = rows[~are_evaluated(rows)]
    texts = chain(map(repr, cluster.policies), map(tables.content, others["object"].tolist()))
    contents = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    parts = [cluster.policy_rows, others]
    named = {
        name: [text for part in parts for text in part[name].astype("str").tolist()]
        for name in ("api_version", "kind", "namespace", "name")
    }
    groups = [group_of(version) for version in named["api_version"]]
    return pd.DataFrame({**named, "group": groups, "content": contents}, dtype="str")


def _kinds(rows: pd.DataFrame) -> "zip[tuple[str, str, str]]":
    columns = (rows[name].astype("str").tolist() for name in ("api_version", "kind", "namespace"))
    return zip(*columns, strict=True)


def _readable(side: Side, row: tuple[str, str, str]) -> bool:
    """Whether the policies of a kind could all be read in a namespace."""
    version, kind, namespace = row
    found = find(version, kind)
    if found is None:
        return True
    state = side.snapshot.state(found.plural)
    asked = state in READABLE or (state == "not asked" and side.snapshot.provenance.kind == "files")
    return asked or namespace in side.snapshot.read_in(found.plural)
