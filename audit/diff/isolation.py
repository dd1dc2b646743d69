"""Workloads whose pods lost or gained isolation, and namespaces whose default deny changed."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.checks import UNASSESSED
from audit.diff.side import Side
from audit.frames import DENY_CHANGES, ISOLATION_CHANGES, STATES, Schema
from audit.headline import denies
from audit.history.tables import NOT_ASSESSED
from audit.policy.model import Direction
from audit.snapshot import READABLE

_KEY: Final = ["namespace", "workload"]
_UNKNOWN: Final = STATES[NOT_ASSESSED]
_DENY: Final = "namespace-denies-{}-by-default"

Mask = NDArray[np.bool_]


def workloads(old: Side, new: Side) -> pd.DataFrame:
    """The frame ISOLATION_CHANGES, by namespace, workload and direction."""
    both = _joined(old.workloads, new.workloads, _KEY)
    return _together([_workloads(both, direction) for direction in Direction], _KEY, ISOLATION_CHANGES)


def namespaces(old: Side, new: Side) -> pd.DataFrame:
    """The frame DENY_CHANGES, by namespace and direction."""
    parts = []
    for direction in Direction:
        both = _joined(_denying(old, direction), _denying(new, direction), ["namespace"])
        parts.append(_namespaces(both, direction))
    return _together(parts, ["namespace"], DENY_CHANGES)


def _joined(old: pd.DataFrame, new: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows of both beside each other; `_merge` says which have it."""
    frames = [frame.assign(**{name: frame[name].astype("str") for name in key}) for frame in (old, new)]
    return frames[0].merge(
        frames[1], on=key, how="outer", suffixes=("_before", "_after"), indicator=True, sort=True
    )


def _workloads(both: pd.DataFrame, direction: Direction) -> pd.DataFrame:
    counts = {
        f"{what}_{end}": both[f"{column}_{end}"].fillna(0).to_numpy(np.int64)
        for end in ("before", "after")
        for what, column in (("pods", "governed"), ("isolated", f"pods_{direction}_isolated"))
    }
    states = {end: both[f"{direction}_{end}"].astype("str").fillna("") for end in ("before", "after")}
    # shares as fractions, compared exactly; a workload of which policies govern no pod has none isolated
    was = counts["isolated_before"] * np.maximum(counts["pods_after"], 1)
    now = counts["isolated_after"] * np.maximum(counts["pods_before"], 1)
    unknown = [(states[end] == _UNKNOWN).to_numpy() for end in ("before", "after")]
    change = _change(both, unknown, lost=now < was, gained=now > was, otherwise="")
    rows: pd.DataFrame = both[_KEY].assign(direction=direction.value, change=change, **states, **counts)
    return rows[rows["change"] != ""]


def _namespaces(both: pd.DataFrame, direction: Direction) -> pd.DataFrame:
    kinds = {
        end: both[f"default_deny_{direction}_{end}"].astype("str").fillna("") for end in ("before", "after")
    }
    flags = {
        f"{name}_{end}": both[f"{column}_{end}"].fillna(value=False).to_numpy(np.bool_)
        for end in ("before", "after")
        for name, column in (
            ("nullified", f"nullified_{direction}"),
            ("denies", "denies"),
            ("unknown", "unknown"),
        )
    }
    unknown = [flags["unknown_before"], flags["unknown_after"]]
    same = (kinds["before"] == kinds["after"]).to_numpy() & (
        flags["nullified_before"] == flags["nullified_after"]
    )
    change = _change(
        both,
        unknown,
        lost=flags["denies_before"] & ~flags["denies_after"],
        gained=~flags["denies_before"] & flags["denies_after"],
        otherwise=np.where(same, "", "changed"),
    )
    told = {end: series.mask(mask, "") for (end, series), mask in zip(kinds.items(), unknown, strict=True)}
    rows: pd.DataFrame = both[["namespace"]].assign(
        direction=direction.value,
        change=change,
        **told,
        nullified_before=flags["nullified_before"],
        nullified_after=flags["nullified_after"],
    )
    return rows[rows["change"] != ""]


def _change(
    both: pd.DataFrame,
    unknown: Sequence[Mask],
    *,
    lost: Mask,
    gained: Mask,
    otherwise: str | NDArray[np.str_],
) -> NDArray[np.str_]:
    """The word for each row; `unknown` says which could not be assessed before, and after."""
    before, after = unknown
    conditions = [
        (both["_merge"] == "left_only").to_numpy(),
        (both["_merge"] == "right_only").to_numpy(),
        before & after,
        before | after,
        lost,
        gained,
    ]
    return np.select(conditions, ["gone", "appeared", "", "not_assessed", "lost", "gained"], otherwise)


def _together(parts: Sequence[pd.DataFrame], key: list[str], schema: Schema) -> pd.DataFrame:
    rows = pd.concat(parts, ignore_index=True).sort_values([*key, "direction"], kind="stable")
    return schema.conform(rows)


def _denying(side: Side, direction: Direction) -> pd.DataFrame:
    """The namespaces, whether each denies by default, and whether that is not known."""
    rows = side.facts.namespaces
    names = rows["namespace"]
    subjects = next(r.subjects for r in side.results if r.check.id == _DENY.format(direction))
    open_ = subjects[subjects["status"].isin(UNASSESSED)]
    judged = names.isin(subjects.loc[~subjects["status"].isin(UNASSESSED), "name"])
    whole = side.snapshot.state("networkpolicies") in READABLE and not (open_["kind"] == "Cluster").any()
    unknown = names.isin(open_.loc[open_["kind"] == "Namespace", "name"]) | (~judged & (not whole))
    return rows.assign(denies=denies(rows, direction), unknown=unknown)
